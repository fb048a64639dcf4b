package files

import (
	"os"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
)

// manual is a clock that moves when somebody sleeps; then runs meanwhile.
type manual struct {
	now       time.Time
	meanwhile func()
}

func (m *manual) clock() Clock {
	return Clock{Now: func() time.Time { return m.now }, Sleep: func(d time.Duration) {
		m.now = m.now.Add(d)
		if m.meanwhile != nil {
			m.meanwhile()
		}
	}}
}

func acquire(t *testing.T, folder, owner string, m *manual) *Lease {
	t.Helper()
	lease, err := Acquire(folder, owner, m.clock())
	if err != nil {
		t.Fatalf("Acquire(%q) = _, %v, want nil", owner, err)
	}
	return lease
}

func TestALeaseIsGivenUp(t *testing.T) {
	m, folder := &manual{now: time.Unix(1000, 0)}, t.TempDir()
	for range 2 {
		lease := acquire(t, folder, "a", m)
		if err := lease.Release(); err != nil {
			t.Fatalf("Release() = %v, want nil", err)
		}
	}
	if _, err := os.Stat(folder + "/.updating"); !os.IsNotExist(err) {
		t.Errorf("got %v, want no lease", err)
	}
}

func TestALeaseThatIsRefreshedIsWaitedForInVain(t *testing.T) {
	m, folder := &manual{now: time.Unix(1000, 0)}, t.TempDir()
	first := acquire(t, folder, "a", m)
	refreshed := 0
	m.meanwhile = func() {
		before, _ := os.ReadFile(folder + "/.updating")
		if err := first.Refresh(); err != nil {
			t.Errorf("Refresh() = %v, want nil", err)
		}
		if after, _ := os.ReadFile(folder + "/.updating"); string(before) != string(after) {
			refreshed++
		}
	}
	start := m.now
	_, err := Acquire(folder, "b", m.clock())
	if kind, _ := fault.KindOf(err); kind != fault.File || err.Error() != folder+": another updater is at work" {
		t.Errorf("got %v, want %s: another updater is at work", err, folder)
	}
	if waited := m.now.Sub(start); waited != LeasePatience || refreshed != 10 {
		t.Errorf("got %s waited, refreshed %d times, want %s, 10 times", waited, refreshed, LeasePatience)
	}
}

func TestALeaseIsTakenWhenItIsGivenUp(t *testing.T) {
	m, folder := &manual{now: time.Unix(1000, 0)}, t.TempDir()
	first := acquire(t, folder, "a", m)
	until := m.now.Add(2 * time.Second)
	m.meanwhile = func() {
		if m.now.Equal(until) {
			if err := first.Release(); err != nil {
				t.Errorf("Release() = %v, want nil", err)
			}
		}
	}
	second := acquire(t, folder, "b", m)
	if !m.now.Equal(until) || second.Check() != nil {
		t.Errorf("got the lease at %s, Check() = %v, want at %s, nil", m.now, second.Check(), until)
	}
}

func TestALeaseOfTheDeadIsTakenOver(t *testing.T) {
	m, folder := &manual{now: time.Unix(1000, 0)}, t.TempDir()
	dead := acquire(t, folder, "a", m)
	m.now = m.now.Add(3 * time.Second)
	second := acquire(t, folder, "b", m)
	if at := m.now.Unix(); at != 1005 {
		t.Errorf("got taken over at %d, want 1005", at)
	}
	if err := second.Check(); err != nil {
		t.Errorf("Check() = %v, want nil", err)
	}
	// The first one was only asleep: it must notice, and take nothing away.
	want := folder + ": another updater took over, as this one was silent too long"
	for _, err := range []error{dead.Check(), dead.Refresh()} {
		if kind, _ := fault.KindOf(err); kind != fault.File || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := dead.Release(); err != nil || second.Check() != nil {
		t.Errorf("Release() of the dead = %v, Check() = %v, want nil, nil", err, second.Check())
	}
}

func TestOfTwoThatTakeOverOneHoldsTheLease(t *testing.T) {
	m, folder := &manual{now: time.Unix(1000, 0)}, t.TempDir()
	acquire(t, folder, "dead", m)
	m.now = m.now.Add(time.Minute)
	other := &Lease{name: folder + "/.updating", owner: "b", clock: m.clock()}
	m.meanwhile = func() {
		m.meanwhile = nil
		if err := other.write(); err != nil {
			t.Errorf("write() = %v, want nil", err)
		}
		if err := other.Check(); err != nil {
			t.Errorf("Check() = %v, want nil", err)
		}
	}
	mine, err := Acquire(folder, "a", m.clock())
	if err != nil {
		t.Fatalf("Acquire() = _, %v, want nil", err)
	}
	// The other one wrote last, and died since; until then it was waited for.
	if waited := m.now.Sub(time.Unix(1060, 0)); waited < leaseExpiry || mine.Check() != nil {
		t.Errorf("got %s waited, Check() = %v, want at least %s, nil", waited, mine.Check(), leaseExpiry)
	}
}

func TestALeaseOfAClockAheadIsTakenOverToo(t *testing.T) {
	m, folder := &manual{now: time.Unix(1000, 0)}, t.TempDir()
	write(t, folder+"/.updating", "x 99999999999\n")
	acquire(t, folder, "a", m)
	write(t, folder+"/.updating", "")
	acquire(t, folder, "b", &manual{now: time.Now().Add(time.Hour)})
}

func TestNoLeaseOfADirectoryThatIsNotThere(t *testing.T) {
	_, err := Acquire(t.TempDir()+"/none", "a", (&manual{}).clock())
	if kind, _ := fault.KindOf(err); err == nil || kind != fault.File {
		t.Errorf("got %v, want kind %v", err, fault.File)
	}
}
