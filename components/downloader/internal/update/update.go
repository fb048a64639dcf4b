package update

import (
	"slices"
	"time"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// reportInterval is the shortest time between two reports of progress.
const reportInterval = time.Second

// Updater keeps tool files up to date.
type Updater struct {
	Validator Validator
	// NewPoller makes the poller of one run, and its loop.
	NewPoller func() *releases.Poller
	NewHasher func() asset.Hasher
	Now       func() time.Time
	// Lock keeps other updaters away from a directory; nil if the host does.
	Lock func(directory string) (Lock, error)
	// Releases is the directory of release files: [Poll] writes them, and the other modes read them in
	// place of lists of releases. Empty: there are none.
	Releases string
	// Unusable is an error of the environment; with it, no run begins.
	Unusable error
}

// Lock keeps other updaters away.
type Lock interface {
	// Refresh renews the lock; it is called now and then.
	Refresh() error
	// Check fails if another updater took over.
	Check() error
	Release() error
}

var _ Lock = (*files.Lease)(nil)

// Mode is what a run may do.
type Mode uint8

// The modes of the WIT enum `mode`.
const (
	Check Mode = iota
	Rehearse
	Update
	Poll
)

// Run is a run over some tools.
type Run struct {
	*Updater
	Loop      *transport.Loop
	Poller    *releases.Poller
	pages     pages
	mode      Mode
	directory string
	entries   map[string]watch.Entry
	waiting   []*tool
	underway  []*tool
	polled    Polling
	// downloads are those that have begun; finished ones are dropped when progress is reported.
	downloads []transfer
	events    []Event
	reported  time.Duration
	lock      Lock
	lost      error // why the lock was lost
	uncached  error // why answers cannot be kept, once that was reported
	ended     bool
}

type transfer struct {
	tool     *tool
	download *asset.Download
}

// Begin begins a run over tools of a directory.
func (u *Updater) Begin(directory string, tools []string, mode Mode) (*Run, error) {
	if u.Unusable != nil {
		return nil, u.Unusable
	}
	poller := u.NewPoller()
	r := &Run{
		Updater: u, Loop: poller.Loop, Poller: poller, mode: mode, directory: directory,
		polled: Polling{Total: uint32(len(tools))}, reported: poller.Loop.Host.Elapsed(),
	}
	if err := r.read(); err != nil {
		return nil, err
	}
	for _, name := range tools {
		r.waiting = append(r.waiting, &tool{run: r, outcome: Outcome{Tool: name}})
	}
	err := r.configure()
	if err == nil && mode == Update && u.Lock != nil {
		r.lock, err = u.Lock(directory)
	}
	if err != nil {
		return nil, err
	}
	r.Loop.Waiting = r.limited
	poller.Resume()
	return r, nil
}

// read chooses the source of releases.
func (r *Run) read() error {
	r.pages = r.Poller
	switch {
	case r.Releases != "" && r.mode != Poll:
		r.pages = releaseFiles(r.Releases)
	case r.Releases == "" && r.mode == Poll:
		return fault.Errorf(fault.Invalid, "CHECKSUM_UPDATER_RELEASES: names no directory for the release files")
	}
	return nil
}

// configure reads tools.toml; a directory need not have one.
func (r *Run) configure() error {
	config, err := files.ReadConfig(r.directory)
	if err != nil || config == "" {
		return err
	}
	watched, err := r.Validator.Watched(config)
	r.entries = map[string]watch.Entry{}
	for _, entry := range watched {
		r.entries[entry.Tool] = entry
	}
	return err
}

// Next continues until there is something to report; ok is false at the end of the run.
func (r *Run) Next() (event Event, ok bool) {
	for len(r.events) == 0 {
		r.admit()
		if len(r.underway) == 0 && len(r.events) == 0 {
			r.Close()
			return Event{}, false
		}
		if len(r.events) == 0 {
			r.step()
		}
	}
	event = r.events[0]
	r.events = slices.Delete(r.events, 0, 1)
	return event, true
}

// admit begins tools while slots are free: twice as many as requests can be in flight.
func (r *Run) admit() {
	for len(r.underway) < 2*r.Loop.Limits.Width && len(r.waiting) > 0 {
		next := r.waiting[0]
		r.waiting[0] = nil // or the array would keep every tool and its releases to the end of the run
		r.waiting = r.waiting[1:]
		r.underway = append(r.underway, next)
		next.begin()
	}
}

func (r *Run) step() {
	now := r.Loop.Host.Elapsed()
	r.Loop.Step(max(r.reported+reportInterval-now, 0))
	if r.lock != nil && r.lost == nil {
		r.lost = r.lock.Refresh()
	}
	if now = r.Loop.Host.Elapsed(); now-r.reported >= reportInterval {
		r.reported = now
		r.Poller.Remember()
		r.report()
	}
}

// report reports the progress of the oldest download or, without any, of polling.
func (r *Run) report() {
	r.downloads = slices.DeleteFunc(r.downloads, func(t transfer) bool { return t.tool.done || t.download.SHA256 != "" })
	if len(r.downloads) == 0 {
		polled := r.polled
		r.events = append(r.events, Event{Polled: &polled})
		return
	}
	first := r.downloads[0]
	r.events = append(r.events, Event{Downloading: &Downloading{
		Tool: first.tool.outcome.Tool, Asset: first.download.Name,
		Received: uint64(first.download.Received), Size: uint64(max(first.download.Size, 0)),
	}})
}

// Close ends all work and releases what the run holds. A lease that cannot be released expires by
// itself.
func (r *Run) Close() {
	if r.ended {
		return
	}
	r.ended = true
	r.waiting, r.events = nil, nil
	for _, t := range r.underway {
		t.stop()
	}
	r.underway = nil
	r.Loop.Close()
	r.Poller.Remember()
	if r.lock != nil {
		_ = r.lock.Release()
	}
}

// replace writes a tool file, unless another updater is at work.
func (r *Run) replace(name, old, text string) error {
	if r.lost == nil && r.lock != nil {
		r.lost = r.lock.Check()
	}
	if r.lost != nil {
		return r.lost
	}
	return files.Replace(name, old, text)
}

func (r *Run) countPolled(t *tool) {
	if !t.polled {
		t.polled = true
		r.polled.Done++
	}
}

func (r *Run) begun(t *tool, download *asset.Download) {
	r.downloads = append(r.downloads, transfer{t, download})
}

func (r *Run) finished(t *tool) {
	r.underway = slices.DeleteFunc(r.underway, func(other *tool) bool { return other == t })
	outcome := t.outcome
	r.events = append(r.events, Event{Finished: &outcome})
}

func (r *Run) limited(host string, wait time.Duration) {
	seconds := uint64((wait + time.Second - 1) / time.Second)
	r.events = append(r.events, Event{Waiting: &Waiting{Host: host, Seconds: seconds}})
}
