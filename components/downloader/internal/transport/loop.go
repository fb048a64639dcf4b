package transport

import (
	"slices"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/pace"
)

// Loop runs many fetches, as many at once as its limits allow. Its owner calls Step repeatedly.
type Loop struct {
	Host   Host
	Hosts  Hosts
	Limits Limits
	// Pacers keep requests to some hosts, `HOST` or `HOST:PORT` in lower case, within their limits.
	Pacers map[string]*pace.Pacer
	// Waiting is called when fetches wait for a host's rate limit; it may be nil.
	Waiting func(host string, wait time.Duration)

	sites    []*site
	turn     int      // index of the site whose queue is next
	active   []*fetch // sent, oldest first
	bulk     int      // bulk fetches among them
	delayed  []*fetch // to be queued again later
	finished []*fetch // whose Done is not called yet
	buffered int      // bytes that sinks hold
	waited   time.Duration
}

// site is a host and port with its queue.
type site struct {
	name      string
	queue     []*fetch
	blocked   time.Duration // until then
	secondary int           // secondary limits in a row
	closed    bool          // for good: its limit lasts longer than the loop may wait
	pacer     *pace.Pacer   // nil: requests are not paced
	opens     time.Duration // when to ask the pacer again
	announced time.Duration // a wait for the pacer until then was reported
}

// Get begins a fetch. A later [Loop.Step] calls its Done, unless it is cancelled first.
func (l *Loop) Get(query Query) (cancel func()) {
	f := &fetch{Query: query, token: query.Token}
	target, err := parse(query.URL, l.Hosts)
	if err != nil {
		l.finish(f, err)
	} else {
		f.first, f.target = target, target
		l.enqueue(f)
	}
	return func() { f.cancelled = true }
}

// Close ends every fetch without calling its Done.
func (l *Loop) Close() {
	for len(l.active) > 0 {
		l.stop(l.active[0])
	}
	l.sites, l.delayed, l.finished = nil, nil, nil
}

// Idle reports whether nothing is left to do.
func (l *Loop) Idle() bool {
	return len(l.active)+len(l.delayed)+len(l.finished) == 0 &&
		!slices.ContainsFunc(l.sites, func(s *site) bool { return len(s.queue) > 0 })
}

// Step works until something happens, for at most limit.
func (l *Loop) Step(limit time.Duration) {
	l.start()
	if len(l.finished) > 0 {
		limit = 0
	}
	busy := l.wait(limit)
	// Free slots are filled before results are delivered, and results are delivered only while
	// nothing arrives, so that servers stay busy. At least one is, or a long download would hold up
	// all others.
	if busy {
		l.deliver(1)
	} else {
		l.deliver(len(l.finished))
	}
}

// site returns the one of a host and port.
func (l *Loop) site(name string) *site {
	for _, s := range l.sites {
		if s.name == name {
			return s
		}
	}
	s := &site{name: name, pacer: l.Pacers[strings.ToLower(name)]}
	l.sites = append(l.sites, s)
	return s
}

func (l *Loop) enqueue(f *fetch) {
	f.site = l.site(f.target.Host)
	f.site.queue = append(f.site.queue, f)
}

// start sends requests that may be sent, one from each host in turn.
func (l *Loop) start() {
	now := l.Host.Elapsed()
	for _, f := range slices.Clone(l.active) {
		if f.cancelled {
			l.finish(f, nil)
		}
	}
	l.delayed = slices.DeleteFunc(l.delayed, func(f *fetch) bool {
		if f.due <= now {
			l.enqueue(f)
		}
		return f.due <= now
	})
	l.fill(now)
}

// fill sends requests until all slots are taken.
func (l *Loop) fill(now time.Duration) {
	for idle := 0; idle < len(l.sites) && len(l.active) < l.Limits.Width; {
		s := l.sites[l.turn%len(l.sites)]
		l.turn++
		if f := l.next(s, now); f != nil {
			l.send(f)
			idle = 0
		} else {
			idle++
		}
	}
}

// next removes the first fetch that may be sent from a host's queue.
func (l *Loop) next(s *site, now time.Duration) *fetch {
	if s.closed {
		for _, f := range s.queue {
			l.finish(f, &Unasked{URL: f.URL, Host: s.name})
		}
		s.queue = nil
	}
	if s.blocked > now || s.pacer != nil && !l.mayBegin(s, now) {
		return nil
	}
	for i, f := range s.queue {
		if f.cancelled {
			s.queue = slices.Delete(s.queue, i, i+1)
			l.finish(f, nil)
			return l.next(s, now)
		}
		if f.Bulk && l.bulk < l.Limits.Bulk || !f.Bulk && l.buffered <= l.Limits.Buffered {
			s.queue = slices.Delete(s.queue, i, i+1)
			return f
		}
	}
	return nil
}

// wait waits for bytes or for the time at which a request may be sent, and reads. It reports whether
// there was something to read.
func (l *Loop) wait(limit time.Duration) bool {
	now := l.Host.Elapsed()
	for _, f := range l.delayed {
		limit = min(limit, f.due-now)
	}
	for _, s := range l.sites {
		if opens := max(s.blocked, s.opens); opens > now && len(s.queue) > 0 {
			limit = min(limit, opens-now)
		}
	}
	readable := l.readable(now)
	exchanges := make([]Exchange, len(readable))
	for i, f := range readable {
		exchanges[i] = f.exchange
	}
	ready := l.Host.Wait(exchanges, max(limit, 0))
	for _, i := range ready {
		l.advance(readable[i])
		l.fill(now)
	}
	now = l.Host.Elapsed()
	for _, f := range slices.Clone(l.active) {
		if err := f.speed.check(now); err != nil {
			l.broken(f, err, false)
		}
	}
	return len(ready) > 0
}

// readable returns the active fetches that may read now.
func (l *Loop) readable(now time.Duration) []*fetch {
	return slices.DeleteFunc(slices.Clone(l.active), func(f *fetch) bool {
		paused := !l.mayRead(f)
		if paused {
			f.speed.restart(now)
		}
		return paused
	})
}

// mayRead reports whether a fetch may read: if too much is in memory, only the oldest fetch that holds
// something, and only when all results are delivered.
func (l *Loop) mayRead(f *fetch) bool {
	if f.Bulk || f.into == nil || l.buffered <= l.Limits.Buffered {
		return true
	}
	oldest := slices.IndexFunc(l.active, func(f *fetch) bool { return !f.Bulk && f.into != nil })
	return l.active[oldest] == f && len(l.finished) == 0
}

// deliver calls Done of finished fetches, at most count of them; this may begin new fetches.
func (l *Loop) deliver(count int) {
	finished := l.finished[:min(count, len(l.finished))]
	l.finished = l.finished[len(finished):]
	for i, f := range finished {
		finished[i] = nil // or the array would keep the delivered fetch
		if !f.cancelled {
			f.Done(f.err)
		}
		l.buffered -= f.held
	}
}
