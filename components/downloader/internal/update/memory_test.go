package update

import (
	"runtime"
	"testing"
	"weak"

	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// watcher remembers which releases it was asked about, and keeps none of them.
type watcher struct {
	*validator
	seen []weak.Pointer[releases.Release]
}

func (w *watcher) Decide(question Question) (Plan, error) {
	w.seen = append(w.seen, weak.Make(&question.Releases[0]))
	return w.validator.Decide(question)
}

func TestReleasesOfFinishedToolsAreNotKept(t *testing.T) {
	const count = 100
	w := newWorld(t)
	tools := many(w, count)
	w.host.Serve = func(fake.Asked) fake.Reply { return fake.Reply{Body: `[{"tag_name":"v2.0"}]`} }
	watcher := &watcher{validator: w.validator}
	w.updater.Validator = watcher
	if err := w.begin("check", tools...); err != nil {
		t.Fatalf("Begin() = %v, want nil", err)
	}
	for finished := 0; finished < count; {
		event, ok := w.current.Next()
		if !ok {
			t.Fatalf("got the end after %d tools, want %d", finished, count)
		}
		if event.Finished != nil {
			finished++
		}
	}
	runtime.GC()
	alive := 0
	for _, release := range watcher.seen {
		if release.Value() != nil {
			alive++
		}
	}
	if most := 2 * w.current.Loop.Limits.Width; len(watcher.seen) != count || alive > most {
		t.Errorf("got %d of %d releases still in memory, want at most %d", alive, len(watcher.seen), most)
	}
	runtime.KeepAlive(w.current)
}
