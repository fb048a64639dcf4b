package files

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
)

const (
	leaseRefresh = time.Second
	leaseExpiry  = 5 * time.Second
	leasePause   = 200 * time.Millisecond
	// LeasePatience is how long a lease of somebody else is waited for.
	LeasePatience = 10 * time.Second
)

// Clock is what a lease needs of the time.
type Clock struct {
	Now   func() time.Time
	Sleep func(time.Duration)
}

// Lease keeps other updaters away from a directory for as long as it is refreshed. WASI has no locks
// that end with their process; a file that says when it was last refreshed comes near.
type Lease struct {
	name    string
	owner   string
	clock   Clock
	written time.Time
}

// Acquire takes the lease of a directory in the name of owner, which no other process has. It waits
// for the holder of another lease, though not for long.
func Acquire(directory, owner string, clock Clock) (*Lease, error) {
	l := &Lease{name: path.Join(directory, ".updating"), owner: owner, clock: clock}
	for waited := time.Duration(0); ; waited += leasePause {
		taken, err := l.take()
		if err != nil || taken {
			return l, err
		}
		if waited >= LeasePatience {
			return nil, fault.Errorf(fault.File, "%s: another updater is at work", directory)
		}
		clock.Sleep(leasePause)
	}
}

// Refresh says that the holder is still at work; it writes once a second at most.
func (l *Lease) Refresh() error {
	if l.clock.Now().Sub(l.written) < leaseRefresh {
		return nil
	}
	return l.Check()
}

// Check fails if the lease is no longer ours, as after a long sleep of the machine, and refreshes it.
func (l *Lease) Check() error {
	owner, _, err := l.read()
	if err != nil {
		return err
	}
	if owner != l.owner {
		return fault.Errorf(fault.File, "%s: another updater took over, as this one was silent too long", path.Dir(l.name))
	}
	return l.write()
}

// Release gives the lease up, if it is still ours.
func (l *Lease) Release() error {
	owner, _, err := l.read()
	if err == nil && owner == l.owner {
		if err = os.Remove(l.name); err != nil {
			err = failed(l.name, err)
		}
	}
	return err
}

// take tries to make the lease ours.
func (l *Lease) take() (bool, error) {
	file, err := os.OpenFile(l.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		if err = file.Close(); err != nil {
			return false, failed(l.name, err)
		}
		return true, l.write()
	}
	if !errors.Is(err, fs.ErrExist) {
		return false, failed(l.name, err)
	}
	_, refreshed, err := l.read()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	now := l.clock.Now()
	if err != nil || now.Sub(refreshed).Abs() < leaseExpiry {
		return false, err
	}
	// Of several that find it too old, the last to write wins; the others see that after a while.
	if err := l.write(); err != nil {
		return false, err
	}
	l.clock.Sleep(leasePause)
	owner, _, err := l.read()
	return owner == l.owner, err
}

// read returns who holds the lease and when that was last said. A lease that says nothing yet counts
// as one of the time at which its file was made.
func (l *Lease) read() (owner string, refreshed time.Time, err error) {
	text, err := Read(l.name)
	if err != nil {
		return "", time.Time{}, err
	}
	owner, stamp, _ := strings.Cut(strings.TrimSpace(text), " ")
	milliseconds, err := strconv.ParseInt(stamp, 10, 64)
	if err == nil {
		return owner, time.UnixMilli(milliseconds), nil
	}
	info, err := os.Stat(l.name)
	if err != nil {
		return "", time.Time{}, failed(l.name, err)
	}
	return "", info.ModTime(), nil
}

func (l *Lease) write() error {
	l.written = l.clock.Now()
	return Write(l.name, l.owner+" "+strconv.FormatInt(l.written.UnixMilli(), 10)+"\n")
}
