package transport_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/pace"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// pacing returns a world that is paced on host a, of which each request takes 100 ms.
func pacing(limits pace.Limits, headers func(asked fake.Asked) map[string]string) *world {
	w := newWorld(func(asked fake.Asked) fake.Reply {
		return fake.Reply{Delay: 100 * time.Millisecond, Headers: headers(asked)}
	})
	w.Limits.Width = 50
	w.Pacers = map[string]*pace.Pacer{"a": pace.New(limits)}
	return w
}

func nothing(fake.Asked) map[string]string { return nil }

func (w *world) getAll(host string, count int) (results []*result) {
	for i := range count {
		results = append(results, w.get(transport.Query{URL: fmt.Sprintf("http://%s/%d", host, i)}))
	}
	return results
}

func TestAPaceIsKeptAndItsPausesAreNotBounded(t *testing.T) {
	w := pacing(pace.Limits{Concurrent: 5, Points: 20, Window: time.Minute}, nothing)
	w.Limits.Wait = 0
	results := w.getAll("a", 70)
	others := w.getAll("b", 60)
	w.run(t)
	for i, r := range slices.Concat(results, others) {
		if r.err != nil || r.done != 1 {
			t.Errorf("%d: got %v, done %d times, want no error, once", i, r.err, r.done)
		}
	}
	var sent []time.Duration
	for _, asked := range w.host.Asked {
		if asked.URL[:9] == "http://a/" {
			sent = append(sent, asked.At)
		}
	}
	for i := 20; i < len(sent); i++ {
		if apart := sent[i] - sent[i-20]; apart < time.Minute {
			t.Errorf("got requests %d and %d %s apart, want at least a minute", i-20, i, apart)
		}
	}
	if last := sent[len(sent)-1]; last > 182*time.Second {
		t.Errorf("got the last request at %s, want three minutes", last)
	}
	if len(w.waited) != 3 || w.waited[0] != "a 59.8s" {
		t.Errorf("got the waits %q, want three, the first of 59.8s", w.waited)
	}
}

func TestOnlyAsManyAreSentAsTheQuotaHasLeft(t *testing.T) {
	left := 7
	w := pacing(pace.GitHub(900), func(fake.Asked) map[string]string {
		left--
		return map[string]string{"X-RateLimit-Remaining": strconv.Itoa(left), "X-RateLimit-Reset": "1003600"}
	})
	results := w.getAll("a", 20)
	w.run(t)
	counts := map[string]int{}
	for _, r := range results {
		var unasked *transport.Unasked
		switch kind, _ := fault.KindOf(r.err); {
		case r.err == nil:
			counts["answered"]++
		case errors.As(r.err, &unasked):
			counts["unasked"]++
		case kind == fault.RateLimited:
			expect(t, r.err, fault.RateLimited, "http://a/7: the quota of a is used up; try again in 3601 s")
			counts["limited"]++
		}
	}
	if counts["answered"] != 7 || counts["limited"] != 1 || counts["unasked"] != 12 || left != 0 {
		t.Errorf("got %v and %d left, want 7 answered, 1 limited, 12 unasked and 0 left", counts, left)
	}
}

func TestAQuotaThatIsSoonRenewedIsWaitedFor(t *testing.T) {
	const period = 30
	used := map[int64]int{}
	w := pacing(pace.GitHub(900), func(asked fake.Asked) map[string]string {
		number := int64(asked.At/time.Second) / period
		used[number]++
		if used[number] > 5 {
			t.Errorf("got %d requests in a period, want at most 5", used[number])
		}
		return map[string]string{
			"X-RateLimit-Remaining": strconv.Itoa(5 - used[number]),
			"X-RateLimit-Reset":     strconv.FormatInt(1_000_000+(number+1)*period, 10),
		}
	})
	w.Limits.Wait = 2 * time.Minute
	results := w.getAll("a", 12)
	w.run(t)
	for i, r := range results {
		if r.err != nil {
			t.Errorf("%d: got %v, want no error", i, r.err)
		}
	}
	if len(w.waited) != 2 {
		t.Errorf("got the waits %q, want two", w.waited)
	}
}
