package transport_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

func TestRequestsAreInFlightTogetherAndNeverTooMany(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Delay: 100 * time.Millisecond} })
	for i := range 40 {
		w.get(transport.Query{URL: fmt.Sprintf("http://a/%d", i)})
	}
	w.run(t)
	if w.host.Most != 4 || w.host.Clock != time.Second {
		t.Errorf("got %d at once, all in %s, want 4, all in 1s", w.host.Most, w.host.Clock)
	}
}

func TestASlotIsFilledBeforeWhatCameIsDealtWith(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Delay: time.Second} })
	w.Limits.Width = 1
	var sent []int
	for range 3 {
		w.Get(transport.Query{URL: "http://a/", Sink: &result{}, Done: func(error) { sent = append(sent, len(w.host.Asked)) }})
	}
	w.run(t)
	if !slices.Equal(sent, []int{2, 3, 3}) {
		t.Errorf("got %v requests at each end, want [2 3 3]", sent)
	}
}

func TestHostsTakeTurns(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Delay: time.Second} })
	w.Limits.Width = 2
	for range 4 {
		w.get(transport.Query{URL: "http://a/"})
	}
	for range 2 {
		w.get(transport.Query{URL: "http://b/"})
	}
	w.run(t)
	if want := strings.Repeat("http://a/ http://b/ ", 2) + "http://a/ http://a/"; strings.Join(w.urls(), " ") != want {
		t.Errorf("got %v, want %s", w.urls(), want)
	}
}

func TestBulkLeavesRoomForTheRest(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Delay: time.Second} })
	for range 10 {
		w.get(transport.Query{URL: "http://a/bulk", Bulk: true})
	}
	w.get(transport.Query{URL: "http://a/small"})
	w.Step(0)
	if want := []string{"http://a/bulk", "http://a/bulk", "http://a/small"}; !slices.Equal(w.urls(), want) {
		t.Errorf("got %v, want %v", w.urls(), want)
	}
	w.run(t)
	if w.host.Clock != 5*time.Second {
		t.Errorf("got %s, want 5s", w.host.Clock)
	}
}

// biggest is a sink that knows how much all of them hold.
type biggest struct {
	result
	held, most *int
}

func (b *biggest) Write(bytes []byte) error {
	*b.held += len(bytes)
	*b.most = max(*b.most, *b.held)
	return nil
}

func TestBodiesInMemoryAreBoundedInAll(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Body: strings.Repeat("x", 900), Rate: 300} })
	w.host.Chunk = 100
	held, most, ended := 0, 0, 0
	for range 8 {
		sink := &biggest{held: &held, most: &most}
		w.Get(transport.Query{URL: "http://a/", Sink: sink, Done: func(err error) {
			if err != nil {
				t.Errorf("got %v, want no error", err)
			}
			held -= 900
			ended++
		}})
	}
	w.run(t)
	// The oldest one may go on beyond the bound, and each reads once more before it is noticed.
	if ended != 8 || most > 1000+900+4*100 {
		t.Errorf("got %d ended, %d bytes at once, want 8, at most %d", ended, most, 1000+900+4*100)
	}
}

func TestTransientFaultsAreTriedThreeTimes(t *testing.T) {
	for name, c := range map[string]struct {
		reply fake.Reply
		kind  fault.Kind
		want  string
	}{
		"refused":   {fake.Reply{Refused: errors.New("connection refused")}, fault.Network, "connection refused, tried 3 times"},
		"reset":     {fake.Reply{Broken: fake.ErrReset}, fault.Network, "connection reset, tried 3 times"},
		"cut off":   {fake.Reply{Body: "abc", Cut: fake.ErrReset}, fault.Network, "connection reset after 3 bytes, tried 3 times"},
		"500":       {fake.Reply{Status: 500, Body: "<html>"}, fault.Status, "500 internal server error from a, tried 3 times"},
		"502, JSON": {fake.Reply{Status: 502, Body: `{"message":"Server Error"}`}, fault.Status, "502 Server Error, tried 3 times"},
		"503, cut":  {fake.Reply{Status: 503, Body: `{"mess`, Cut: fake.ErrReset}, fault.Status, "503 service unavailable from a, tried 3 times"},
		"408":       {fake.Reply{Status: 408}, fault.Status, "408 request timeout from a, tried 3 times"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(func(fake.Asked) fake.Reply { return c.reply })
			r := w.fetch(t, transport.Query{URL: "http://a/x"})
			expect(t, r.err, c.kind, "http://a/x: "+c.want)
			at := []time.Duration{}
			for _, asked := range w.host.Asked {
				at = append(at, asked.At)
			}
			if !slices.Equal(at, []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond}) {
				t.Errorf("got tries at %v, want at 0s, 500ms, 1.5s", at)
			}
		})
	}
}

func TestWhatWorksTheSecondTimeIsAnAnswer(t *testing.T) {
	for name, first := range map[string]fake.Reply{
		"reset": {Broken: fake.ErrReset}, "cut off": {Body: "ab", Cut: fake.ErrReset}, "502": {Status: 502, Body: "<html>"},
	} {
		w := newWorld(nil)
		w.host.Serve = func(fake.Asked) fake.Reply {
			if len(w.host.Asked) == 1 {
				return first
			}
			return fake.Reply{Body: "whole"}
		}
		if r := w.fetch(t, transport.Query{URL: "http://a/"}); r.err != nil || r.body.String() != "whole" {
			t.Errorf("%s: got %q, %v, want %q", name, r.body.String(), r.err, "whole")
		}
	}
}

func TestARetryBeginsAtTheFirstURLWithTheToken(t *testing.T) {
	w := newWorld(nil)
	w.host.Serve = func(asked fake.Asked) fake.Reply {
		if asked.URL == "http://a/asset" {
			location := fmt.Sprintf("http://b/?sig=%d", len(w.host.Asked))
			return fake.Reply{Status: 302, Headers: map[string]string{"location": location}}
		}
		return fake.Reply{Body: "abc", Cut: fake.ErrReset}
	}
	w.fetch(t, transport.Query{URL: "http://a/asset", Token: "secret"})
	want := "http://a/asset http://b/?sig=1 http://a/asset http://b/?sig=3 http://a/asset http://b/?sig=5"
	if strings.Join(w.urls(), " ") != want {
		t.Errorf("got %v, want %s", w.urls(), want)
	}
	for i, asked := range w.host.Asked {
		if (asked.Headers.Get("Authorization") == "Bearer secret") != (i%2 == 0) {
			t.Errorf("request %d: got %+v, want the token: %t", i, asked, i%2 == 0)
		}
	}
}

func TestABusyServerIsLeftAloneForAsLongAsItWants(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply {
		return fake.Reply{Status: 503, Headers: map[string]string{"Retry-After": "7"}}
	})
	r := w.fetch(t, transport.Query{URL: "http://a/x"})
	expect(t, r.err, fault.Status, "http://a/x: 503 service unavailable from a; try again in 7 s, tried 3 times")
	if w.host.Clock != 14*time.Second {
		t.Errorf("got %s, want 14s", w.host.Clock)
	}
}

func TestASlowBodyIsEnded(t *testing.T) {
	body := strings.Repeat("x", 200_000)
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Body: body, Rate: 1000} })
	r := w.fetch(t, transport.Query{URL: "http://a/x", Bulk: true})
	expect(t, r.err, fault.Network, "http://a/x: less than 1 KiB a second came for 30 s")
	if len(w.host.Asked) != 1 || w.host.Clock > 31*time.Second {
		t.Errorf("got %d requests in %s, want 1 in at most 31s", len(w.host.Asked), w.host.Clock)
	}
	w = newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Body: body, Rate: 1100} })
	if r := w.fetch(t, transport.Query{URL: "http://a/x", Bulk: true}); r.err != nil || r.body.String() != body {
		t.Errorf("got %d bytes, %v, want %d", r.body.Len(), r.err, len(body))
	}
}

// picky is a sink that fails.
type picky struct {
	result
	begin, write, end error
}

func (p *picky) Begin(*transport.Head) error { p.begun++; return p.begin }
func (p *picky) Write([]byte) error          { return p.write }
func (p *picky) End() error                  { return p.end }

func TestASinkDecidesWhetherToTryAgain(t *testing.T) {
	final, again := fault.Errorf(fault.Mismatch, "no"), fault.Errorf(fault.Network, "short")
	for name, c := range map[string]struct {
		sink  picky
		want  string
		kind  fault.Kind
		tries int
	}{
		"begin": {picky{begin: final}, "no", fault.Mismatch, 1},
		"write": {picky{write: final}, "no", fault.Mismatch, 1},
		"end":   {picky{end: final}, "no", fault.Mismatch, 1},
		"short": {picky{end: again}, "short, tried 3 times", fault.Network, 3},
	} {
		w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Body: "abc"} })
		var ended error
		w.Get(transport.Query{URL: "http://a/", Sink: &c.sink, Done: func(err error) { ended = err }})
		w.run(t)
		expect(t, ended, c.kind, c.want)
		if len(w.host.Asked) != c.tries || c.sink.begun != c.tries {
			t.Errorf("%s: got %d requests, begun %d times, want %d of both", name, len(w.host.Asked), c.sink.begun, c.tries)
		}
	}
}

func TestAConditionalQueryMayBeAnsweredWithNothingNew(t *testing.T) {
	for _, conditional := range []bool{true, false} {
		w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Status: 304} })
		r := w.fetch(t, transport.Query{URL: "http://a/", Conditional: conditional})
		if conditional && (r.err != nil || r.status != 304) {
			t.Errorf("got %d, %v, want 304", r.status, r.err)
		}
		if !conditional {
			expect(t, r.err, fault.Status, "http://a/: 304 unexpected status from a")
		}
	}
}

func TestACancelledFetchIsForgottenWhereverItIs(t *testing.T) {
	w := newWorld(func(asked fake.Asked) fake.Reply {
		if asked.URL == "http://b/" {
			return fake.Reply{Broken: fake.ErrReset}
		}
		return fake.Reply{Body: "long", Rate: 1, Delay: time.Second}
	})
	w.Limits.Width = 2
	var cancels []func()
	for _, url := range []string{"http://a/", "http://b/", "http://a/", "http://c/"} {
		cancels = append(cancels, w.Get(transport.Query{URL: url, Sink: &result{}, Done: func(error) { t.Errorf("got an end of %s, want none after its cancel", url) }}))
	}
	w.Step(time.Millisecond)
	for _, cancel := range cancels {
		cancel()
	}
	w.run(t)
	if len(w.host.Asked) > 3 || w.host.Clock > time.Second {
		t.Errorf("got %v in %s, want at most 3 requests in at most 1s", w.urls(), w.host.Clock)
	}
}

func TestAnIdleLoopWaitsNoLongerThanItIsTold(t *testing.T) {
	w := newWorld(nil)
	w.Step(300 * time.Millisecond)
	if !w.Idle() || w.host.Clock != 300*time.Millisecond {
		t.Errorf("got idle: %t after %s, want true after 300ms", w.Idle(), w.host.Clock)
	}
}
