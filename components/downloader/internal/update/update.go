package update

import (
	"slices"
	"time"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// tellEvery is how often progress is told at most.
const tellEvery = time.Second

// Updater keeps tool files up to date.
type Updater struct {
	Validator Validator
	Loop      *transport.Loop
	Poller    *releases.Poller
	NewHasher func() asset.Hasher
	Now       func() time.Time
	// Lock keeps other updaters away from a directory; nil if that is somebody else's task.
	Lock func(directory string) (Lock, error)
	// Unusable is what is wrong with the environment; no run begins then.
	Unusable error

	run *run
}

// Lock keeps other updaters away.
type Lock interface {
	// Refresh says, now and then, that this one is still at work.
	Refresh() error
	// Check fails if another one took over.
	Check() error
	Release() error
}

var _ Lock = (*files.Lease)(nil)

// mode is what a run may do.
type mode uint8

const (
	check mode = iota
	rehearse
	update
)

var modes = map[string]mode{"check": check, "rehearse": rehearse, "update": update}

// run is what is under way.
type run struct {
	*Updater
	mode      mode
	directory string
	entries   map[string]watch.Entry
	waiting   []*tool
	underway  int
	polled    Polled
	// downloads are those that have begun; the finished ones are dropped when progress is told.
	downloads []transfer
	events    []Event
	told      time.Duration
	lock      Lock
	lost      error // the lock was
	uncached  error // why nothing can be kept for the next run, once that was told
}

type transfer struct {
	tool     *tool
	download *asset.Download
}

// Begin begins a run; the request is that of the WIT function `begin`.
func (u *Updater) Begin(request string) error {
	if u.run != nil {
		u.run.end()
	}
	if u.Unusable != nil {
		return u.Unusable
	}
	directory, names, word, err := parseRequest(request)
	if err != nil {
		return err
	}
	mode, ok := modes[word]
	if !ok {
		return fault.Errorf(fault.Invalid, "mode: `%s` is none of check, rehearse and update", word)
	}
	r := &run{Updater: u, mode: mode, directory: directory, polled: Polled{Total: uint32(len(names))}, told: u.Loop.Host.Elapsed()}
	for _, name := range names {
		r.waiting = append(r.waiting, &tool{run: r, outcome: Outcome{Tool: name}})
	}
	if err = r.configure(); err != nil {
		return err
	}
	if mode == update && u.Lock != nil {
		if r.lock, err = u.Lock(directory); err != nil {
			return err
		}
	}
	u.Loop.Waiting = r.limited
	u.run = r
	return nil
}

// configure reads tools.toml; a directory need not have one.
func (r *run) configure() error {
	config, err := files.ReadConfig(r.directory)
	if err != nil || config == "" {
		return err
	}
	watched, err := r.Validator.Watched(config)
	if err != nil {
		return err
	}
	r.entries, err = watch.Parse(watched)
	return err
}

func parseRequest(request string) (directory string, names []string, mode string, err error) {
	reader := jsontext.NewReader(request)
	reader.Object(func(key string) {
		switch key {
		case "directory":
			directory = reader.String()
		case "tools":
			reader.Array(func() { names = append(names, reader.String()) })
		case "mode":
			mode = reader.String()
		default:
			reader.Skip()
		}
	})
	if err := reader.End(); err != nil {
		return "", nil, "", fault.Errorf(fault.Invalid, "request: %w", err)
	}
	return directory, names, mode, nil
}

// Next goes on until there is something to tell; ok is false at the end of the run.
func (u *Updater) Next() (event Event, ok bool) {
	r := u.run
	if r == nil {
		return Event{}, false
	}
	for len(r.events) == 0 {
		r.admit()
		if r.underway == 0 && len(r.events) == 0 {
			r.end()
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

// admit begins tools as long as there is room: twice as many as can be asked for at a time.
func (r *run) admit() {
	for r.underway < 2*r.Loop.Limits.Width && len(r.waiting) > 0 {
		next := r.waiting[0]
		r.waiting = r.waiting[1:]
		r.underway++
		next.begin()
	}
}

func (r *run) step() {
	now := r.Loop.Host.Elapsed()
	r.Loop.Step(max(r.told+tellEvery-now, 0))
	if r.lock != nil && r.lost == nil {
		r.lost = r.lock.Refresh()
	}
	if now = r.Loop.Host.Elapsed(); now-r.told >= tellEvery {
		r.told = now
		r.tell()
	}
}

// tell tells how far the oldest download is; without any, how far the polling.
func (r *run) tell() {
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

// end gives up what the run holds. A lease that cannot be given up expires by itself.
func (r *run) end() {
	if r.lock != nil {
		_ = r.lock.Release()
	}
	r.Updater.run = nil
}

// replace writes a tool file, as long as no other updater is at work.
func (r *run) replace(name, old, text string) error {
	if r.lost == nil && r.lock != nil {
		r.lost = r.lock.Check()
	}
	if r.lost != nil {
		return r.lost
	}
	return files.Replace(name, old, text)
}

func (r *run) countPolled(t *tool) {
	if !t.polled {
		t.polled = true
		r.polled.Done++
	}
}

func (r *run) begun(t *tool, download *asset.Download) {
	r.downloads = append(r.downloads, transfer{t, download})
}

func (r *run) finished(t *tool) {
	r.underway--
	outcome := t.outcome
	r.events = append(r.events, Event{Finished: &outcome})
}

func (r *run) limited(host string, wait time.Duration) {
	seconds := uint32((wait + time.Second - 1) / time.Second)
	r.events = append(r.events, Event{Waiting: &Waiting{Host: host, Seconds: seconds}})
}
