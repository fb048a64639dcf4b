package transport_test

import (
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// result is a sink, and how its fetch ended.
type result struct {
	body   strings.Builder
	status int
	begun  int
	done   int
	err    error
}

func (r *result) Begin(head *transport.Head) error {
	r.body.Reset()
	r.begun++
	r.status = head.Status
	return nil
}

func (r *result) Write(bytes []byte) error {
	r.body.Write(bytes)
	return nil
}

func (r *result) End() error { return nil }

// world is a loop over a fake network.
type world struct {
	*transport.Loop
	host   *fake.Host
	waited []string
}

func newWorld(serve func(fake.Asked) fake.Reply) *world {
	w := &world{host: &fake.Host{Serve: serve, Start: time.Unix(1_000_000, 0)}}
	w.Loop = &transport.Loop{
		Host:    w.host,
		Hosts:   transport.Hosts{"a", "b", "c"},
		Limits:  transport.Limits{Width: 4, Bulk: 2, Buffered: 1000, Wait: time.Minute},
		Waiting: func(host string, wait time.Duration) { w.waited = append(w.waited, host+" "+wait.String()) },
	}
	return w
}

func (w *world) get(query transport.Query) *result {
	r := &result{}
	query.Sink = r
	query.Done = func(err error) { r.done++; r.err = err }
	w.Get(query)
	return r
}

// run goes on until nothing is left to do, and checks that nothing is left open.
func (w *world) run(t *testing.T) {
	t.Helper()
	for steps := 0; !w.Idle(); steps++ {
		if steps > 100_000 {
			t.Fatalf("got %d requests, clock %s, waits %v after %d steps, want an end", len(w.host.Asked), w.host.Clock, w.waited, steps)
		}
		before := w.host.Clock
		w.Step(time.Second)
		if w.host.Clock-before > time.Second {
			t.Fatalf("got a step of %s, want at most 1s", w.host.Clock-before)
		}
	}
	if w.host.Open != 0 {
		t.Errorf("got %d exchanges left open, want 0", w.host.Open)
	}
}

func (w *world) fetch(t *testing.T, query transport.Query) *result {
	t.Helper()
	r := w.get(query)
	w.run(t)
	if r.done != 1 {
		t.Fatalf("got done %d times, want once", r.done)
	}
	return r
}

func (w *world) urls() (urls []string) {
	for _, asked := range w.host.Asked {
		urls = append(urls, asked.URL)
	}
	return urls
}

func expect(t *testing.T, err error, kind fault.Kind, text string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %s", text)
	}
	if got, ok := fault.KindOf(err); !ok || got != kind {
		t.Errorf("got kind %d, want %d", got, kind)
	}
	if err.Error() != text {
		t.Errorf("got  %s\nwant %s", err, text)
	}
}
