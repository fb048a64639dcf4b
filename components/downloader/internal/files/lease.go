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
	// LeasePatience is how long to wait for another updater's lease.
	LeasePatience = 10 * time.Second
)

// Clock is the time that a lease sees.
type Clock struct {
	Now   func() time.Time
	Sleep func(time.Duration)
}

// Lease keeps other updaters away from a directory for as long as it is refreshed. WASI has no locks
// that end with their process; a file with the time of its last refresh comes close.
type Lease struct {
	name    string
	owner   string
	clock   Clock
	written time.Time
}

// Acquire takes the lease of a directory for owner, a name that no other process has. It waits a short
// time for the holder of another lease.
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

// Refresh renews the lease; it writes at most once per second.
func (l *Lease) Refresh() error {
	if l.clock.Now().Sub(l.written) < leaseRefresh {
		return nil
	}
	return l.Check()
}

// Check fails if another updater has taken the lease, as after the machine slept, and else renews it.
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

// Release gives up the lease if it is still ours.
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
	// If several find it expired, the last to write wins; the others notice later.
	if err := l.write(); err != nil {
		return false, err
	}
	l.clock.Sleep(leasePause)
	owner, _, err := l.read()
	return owner == l.owner, err
}

// read returns the holder of the lease and the time of its last refresh. An empty lease counts from
// the time its file was made.
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
