package pace

import (
	"math/rand/v2"
	"testing"
	"time"
)

const second = time.Second

// expect asks at a time and checks the verdict.
func expect(t *testing.T, p *Pacer, now time.Duration, want Verdict, wantAt time.Duration) {
	t.Helper()
	got, at := p.Ask(now)
	if got != want || want != Busy && at != wantAt {
		t.Errorf("Ask(%s) = %d, %s, want %d, %s", now, got, at, want, wantAt)
	}
}

func TestOneRequestGoesAheadUntilTheQuotaIsKnown(t *testing.T) {
	p := New(Limits{Concurrent: 10, Points: 10, Window: second})
	expect(t, p, 0, Send, 0)
	p.Begin()
	expect(t, p, 0, Busy, 0)
	p.End(1) // the connection broke
	p.Begin()
	expect(t, p, 1, Busy, 0)
	p.Learn(Uncounted)
	expect(t, p, 1, Send, 1)
}

func TestNoMoreAreUnderWayThanAllowed(t *testing.T) {
	p := New(Limits{Concurrent: 2, Points: 10, Window: second})
	p.Learn(Uncounted)
	p.Begin()
	expect(t, p, 0, Send, 0)
	p.Begin()
	expect(t, p, 0, Busy, 0)
	p.End(5)
	expect(t, p, 5, Send, 5)
}

func TestARequestCountsUntilAWindowAfterItsEnd(t *testing.T) {
	p := New(Limits{Concurrent: 9, Points: 2, Window: 60 * second})
	p.Learn(Uncounted)
	p.Begin()
	p.Begin()
	expect(t, p, 0, Busy, 0)
	p.End(3 * second)
	expect(t, p, 4*second, Early, 63*second)
	p.End(5 * second)
	expect(t, p, 62*second, Early, 63*second)
	expect(t, p, 63*second, Send, 63*second)
	p.Begin()
	expect(t, p, 63*second, Early, 65*second)
}

func TestAQuotaIsNotExceededWhateverIsUnderWay(t *testing.T) {
	p := New(Limits{Concurrent: 9, Points: 99, Window: second})
	p.Learn(Quota{Left: 2, Reset: 7, Ends: 100 * second})
	p.Begin()
	expect(t, p, 0, Send, 0)
	p.Begin()
	expect(t, p, 0, Busy, 0)
	p.Learn(Quota{Left: 0, Reset: 7, Ends: 100 * second})
	p.End(0)
	p.Learn(Quota{Left: 1, Reset: 7, Ends: 100 * second}) // the first answer, overtaken by the second
	p.End(0)
	expect(t, p, second, Exhausted, 100*second)
	expect(t, p, 100*second, Send, 100*second)
	p.Begin()
	expect(t, p, 100*second, Busy, 0) // what is left of the next period is not known yet
	p.Learn(Quota{Left: 0, Reset: 7, Ends: 100 * second})
	p.Learn(Quota{Left: 50, Reset: 8, Ends: 200 * second})
	p.Learn(Quota{Left: 0, Reset: 7, Ends: 100 * second}) // late, of the period before
	expect(t, p, 101*second, Send, 101*second)
}

// server counts as a server does: each request at a moment between its beginning and its end.
type server struct {
	limits  Limits
	quota   int // a period
	period  time.Duration
	counted []time.Duration
	used    map[int64]int
}

func (s *server) count(t *testing.T, at time.Duration) Quota {
	t.Helper()
	s.counted = append(s.counted, at)
	recent := 0
	for _, other := range s.counted {
		if other > at-s.limits.Window && other <= at {
			recent++
		}
	}
	if recent > s.limits.Points {
		t.Fatalf("got %d requests in %s at %s, want at most %d", recent, s.limits.Window, at, s.limits.Points)
	}
	number := int64(at / s.period)
	if s.used[number]++; s.used[number] > s.quota {
		t.Fatalf("got %d requests in a period, want at most %d", s.used[number], s.quota)
	}
	return Quota{Left: s.quota - s.used[number], Reset: number, Ends: time.Duration(number+1) * s.period}
}

// request is one that is under way.
type request struct {
	counts, ends time.Duration
	quota        *Quota // of its answer, once it is counted
}

func TestNoLimitIsMetWhateverTheNetworkDoes(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		limits := Limits{Concurrent: 1 + random.IntN(9), Points: 1 + random.IntN(30), Window: 60 * second}
		s := &server{limits: limits, quota: 5 + random.IntN(90), period: 1000 * second, used: map[int64]int{}}
		p, now, sent := New(limits), time.Duration(0), 0
		var open []*request
		for sent < 300 {
			verdict, at := p.Ask(now)
			if verdict == Send {
				sent++
				p.Begin()
				counts := now + time.Duration(random.Int64N(int64(30*second)))
				open = append(open, &request{counts: counts, ends: counts + 1 + time.Duration(random.Int64N(int64(30*second)))})
				if len(open) > limits.Concurrent {
					t.Fatalf("seed %d: got %d requests under way, want at most %d", seed, len(open), limits.Concurrent)
				}
				continue
			}
			if verdict == Busy || len(open) > 0 {
				at = next(open)
			}
			if at <= now {
				t.Fatalf("seed %d: got verdict %d at %s until %s, want a later time", seed, verdict, now, at)
			}
			now = at
			open = advance(t, s, p, open, now)
		}
	}
}

// next returns when something happens to a request next.
func next(open []*request) time.Duration {
	at := time.Duration(1<<63 - 1)
	for _, r := range open {
		if r.quota == nil {
			at = min(at, r.counts)
		} else {
			at = min(at, r.ends)
		}
	}
	return at
}

// advance lets the server count, and the client learn from the answers that have come, by now.
func advance(t *testing.T, s *server, p *Pacer, open []*request, now time.Duration) (left []*request) {
	t.Helper()
	for _, r := range open {
		if r.quota == nil && r.counts <= now {
			quota := s.count(t, r.counts)
			r.quota = &quota
		}
		if r.quota == nil || r.ends > now {
			left = append(left, r)
			continue
		}
		p.Learn(*r.quota)
		p.End(now)
	}
	return left
}

func TestTheNextPacerCountsWhatTheLastOneSent(t *testing.T) {
	limits := Limits{Concurrent: 9, Points: 3, Window: 60 * second}
	last := New(limits)
	last.Learn(Uncounted)
	last.Begin()
	last.Begin()
	last.End(100 * second)
	past := last.Past(110 * second)
	if len(past.Ages) != 2 || past.Ages[0] != 10*second || past.Ages[1] != 0 || past.Renewal != 0 {
		t.Fatalf("got %v, want one request 10 s ago, and one that is under way as just ended", past)
	}
	next := New(limits)
	past.Ages = append(past.Ages, -1000*second)
	next.Resume(5*second, past)
	next.Learn(Uncounted)
	expect(t, next, 5*second, Early, 55*second)
	expect(t, next, 55*second, Send, 55*second)
	next.Begin()
	expect(t, next, 64*second, Early, 65*second)
	if past := next.Past(300 * second); len(past.Ages) != 1 {
		t.Errorf("got %v, want only the request that is under way", past)
	}
}

func TestTheNextPacerAsksNothingOfAQuotaThatIsUsedUp(t *testing.T) {
	last := New(GitHub(900))
	last.Learn(Quota{Left: 0, Reset: 7, Ends: 100 * second})
	next := New(GitHub(900))
	next.Resume(1000*second, last.Past(40*second))
	expect(t, next, 1000*second, Exhausted, 1060*second)
	expect(t, next, 1060*second, Send, 1060*second)
	last.Learn(Quota{Left: 5, Reset: 8, Ends: 200 * second})
	if past := last.Past(40 * second); past.Renewal != 0 {
		t.Errorf("got a renewal after %s, want none: others may use what is left", past.Renewal)
	}
}
