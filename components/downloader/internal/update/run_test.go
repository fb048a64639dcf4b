package update

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// many makes the config of n tools of as many repositories.
func many(w *world, n int) (tools []string) {
	var entries []string
	for i := range n {
		name := fmt.Sprintf("tool%d", i)
		tools = append(tools, name)
		entries = append(entries, fmt.Sprintf(`%q:{"source":"github","repository":"o/%s","tag":"v{version}","assets":{"p1":"a-2.0"}}`, name, name))
	}
	w.write("tools.toml", "{"+strings.Join(entries, ",")+"}")
	return tools
}

func TestAllToolsArePolledTogether(t *testing.T) {
	w := newWorld(t)
	tools := many(w, 40)
	w.host.Serve = func(fake.Asked) fake.Reply {
		return fake.Reply{Body: `[{"tag_name":"v2.0"}]`, Delay: 300 * time.Millisecond}
	}
	outcomes, events := w.run("check", tools...)
	if len(outcomes) != 40 || w.host.Most != 4 || w.host.Clock != 3*time.Second {
		t.Errorf("got %d outcomes, %d at once, in %s, want 40, 4, 3s", len(outcomes), w.host.Most, w.host.Clock)
	}
	polled := []uint32{}
	for _, event := range events {
		if event.Polled == nil || event.Polled.Total != 40 {
			t.Fatalf("got %+v, want a poll of 40", event)
		}
		polled = append(polled, event.Polled.Done)
	}
	if len(polled) < 2 || len(polled) > 3 {
		t.Errorf("got the polls %v, want two or three", polled)
	}
}

func TestADownloadIsReportedEverySecond(t *testing.T) {
	w := newWorld(t)
	big := strings.Repeat("x", 45_000)
	w.asset(0)["size"], w.asset(0)["digest"] = len(big), "sha256:"+digest(big)
	w.pages["https://web/a-2.0"] = fake.Reply{Body: big, Rate: 10_000}
	_, events := w.run("update", "wac")
	if len(events) != 4 {
		t.Errorf("got %d events, want 4", len(events))
	}
	for i, event := range events {
		d := event.Downloading
		if d == nil || d.Tool != "wac" || d.Asset != "a-2.0" || d.Size != 45_000 || d.Received < uint64(10_000*i) || d.Received > 45_000 {
			t.Errorf("%d: got %+v, want a-2.0 of wac with %d to 45000 of 45000 bytes", i, d, 10_000*i)
		}
	}
}

func TestARateLimitIsWaitedForAndReported(t *testing.T) {
	w := newWorld(t)
	tools := many(w, 10)
	w.host.Serve = func(asked fake.Asked) fake.Reply {
		if asked.At < 5*time.Second {
			return fake.Reply{Status: 429, Headers: map[string]string{"Retry-After": "5"}}
		}
		return fake.Reply{Body: `[{"tag_name":"v2.0"}]`}
	}
	outcomes, events := w.run("check", tools...)
	for _, outcome := range outcomes {
		if outcome.State != Newer {
			t.Errorf("got %+v, want state %v", outcome, Newer)
		}
	}
	if first := events[0].Waiting; first == nil || *first != (Waiting{"api", 5}) || len(events) < 5 || len(events) > 6 {
		t.Errorf("got %+v, want five or six events, first a wait of 5 s for api", events)
	}
}

func TestALimitBeyondTheCapLeavesTheRestUnpolledAndKeepsWhatIsDone(t *testing.T) {
	w := newWorld(t)
	tools := many(w, 20)
	w.host.Serve = func(asked fake.Asked) fake.Reply {
		if len(w.host.Asked) > 6 {
			return fake.Reply{Status: 403, Headers: map[string]string{"Retry-After": "3600"}}
		}
		return fake.Reply{Body: `[{"tag_name":"v2.0"}]`}
	}
	outcomes, _ := w.run("check", tools...)
	states := map[State]int{}
	for _, outcome := range outcomes {
		states[outcome.State]++
		if kind, _ := fault.KindOf(outcome.Problem); outcome.State == Failed && kind != fault.RateLimited {
			t.Errorf("got %v, want kind %v", outcome.Problem, fault.RateLimited)
		}
	}
	if states[Newer] != 6 || states[Failed] != 1 || states[Unpolled] != 13 || len(w.host.Asked) > 10 {
		t.Errorf("got states %v after %d requests, want 6 newer, 1 failed, 13 unpolled after at most 10", states, len(w.host.Asked))
	}
}

// lock is a lock that a test breaks.
type lock struct {
	lost               error
	refreshed, checked int
	released           bool
}

func (l *lock) Refresh() error { l.refreshed++; return nil }
func (l *lock) Check() error   { l.checked++; return l.lost }
func (l *lock) Release() error { l.released = true; return nil }

func TestOnlyAnUpdateLocksAndNothingIsWrittenWithoutTheLock(t *testing.T) {
	for _, c := range []struct {
		mode  string
		lost  error
		locks int
		state State
	}{
		{"check", nil, 0, Newer}, {"rehearse", nil, 0, Updated}, {"update", nil, 1, Updated},
		{"update", fault.Errorf(fault.File, "lost"), 1, Failed},
	} {
		w := newWorld(t)
		held, locks := &lock{lost: c.lost}, 0
		w.updater.Lock = func(directory string) (Lock, error) {
			if directory != w.folder {
				t.Errorf("got directory %q, want %q", directory, w.folder)
			}
			locks++
			return held, nil
		}
		outcome := w.one(c.mode)
		if outcome.State != c.state || locks != c.locks || held.checked != c.locks || held.released != (c.locks == 1) {
			t.Errorf("%s: got %+v, %d locks, %+v, want state %v, %d locks", c.mode, outcome, locks, held, c.state, c.locks)
		}
		if (w.text("wac") != "") != (c.mode == "update" && c.lost == nil) {
			t.Errorf("%s: got file %q, want one: %t", c.mode, w.text("wac"), c.mode == "update" && c.lost == nil)
		}
	}
}

func TestARunThatAnotherUpdaterHindersDoesNotBegin(t *testing.T) {
	w := newWorld(t)
	w.updater.Lock = func(string) (Lock, error) { return nil, errors.New("held") }
	if err := w.begin("update", "wac"); err == nil || err.Error() != "held" {
		t.Errorf("got %v, want %q", err, "held")
	}
	if w.current != nil || len(w.host.Asked) != 0 {
		t.Errorf("got a run and %d requests, want neither", len(w.host.Asked))
	}
}

func TestARealLeaseIsGoneAfterARun(t *testing.T) {
	w := newWorld(t)
	w.updater.Lock = func(directory string) (Lock, error) {
		return files.Acquire(directory, "me", files.Clock{Now: time.Now, Sleep: time.Sleep})
	}
	if outcome := w.one("update"); outcome.State != Updated {
		t.Errorf("got %+v, want state %v", outcome, Updated)
	}
	if _, err := files.Read(w.path(".updating")); err == nil {
		t.Error("got a lease after the run, want none")
	}
}

func TestAFileThatChangedMeanwhileIsNotReplaced(t *testing.T) {
	w := newWorld(t)
	serve := w.host.Serve
	w.host.Serve = func(asked fake.Asked) fake.Reply {
		if asked.URL == "https://web/a-2.0" {
			w.write("tools/wac.json", `{"edited":1}`)
		}
		return serve(asked)
	}
	outcome := w.one("update")
	if outcome.State != Failed || !strings.HasSuffix(outcome.Problem.Error(), "wac.json: changed while its update was under way; run again") || w.text("wac") != `{"edited":1}` {
		t.Errorf("got %+v, %s, want state %v, and the edited file", outcome, w.text("wac"), Failed)
	}
}

func TestARunThatIsClosedLeavesNothingOpenAndHindersNoOther(t *testing.T) {
	w := newWorld(t)
	held := &lock{}
	w.updater.Lock = func(string) (Lock, error) { return held, nil }
	big := strings.Repeat("x", 45_000)
	w.asset(0)["size"], w.asset(0)["digest"] = len(big), "sha256:"+digest(big)
	w.pages["https://web/a-2.0"] = fake.Reply{Body: big, Rate: 10_000}
	if err := w.begin("update", "wac", "wkg"); err != nil {
		t.Fatalf("Begin() = %v, want nil", err)
	}
	first := w.current
	if event, ok := first.Next(); !ok || event.Downloading == nil || w.host.Open == 0 || w.hashers == 0 {
		t.Fatalf("got %+v with %d exchanges and %d hashers, want a download", event, w.host.Open, w.hashers)
	}
	first.Close()
	if w.host.Open != 0 || w.hashers != 0 || !held.released {
		t.Errorf("got %d exchanges, %d hashers, lock released: %t; want none, none, true", w.host.Open, w.hashers, held.released)
	}
	if event, ok := first.Next(); ok {
		t.Errorf("got %+v after the end, want nothing", event)
	}
	if outcome := w.one("check"); outcome.State != Newer {
		t.Errorf("got %+v, want what is newer", outcome)
	}
}

func FuzzParseDocument(f *testing.F) {
	f.Add(`{"latest_version":"1","versions":{"1":{"platforms":{}}},"note":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		known, err := parse(files.Place{Tool: "t"}, text)
		if kind, ok := fault.KindOf(err); err != nil && (!ok || kind != fault.Invalid) {
			t.Errorf("parse(%q) = %+v, %v, want no error but of kind %v", text, known, err, fault.Invalid)
		}
	})
}
