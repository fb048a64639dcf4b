// Package pace decides when requests may be sent, so that they stay within a server's documented limits.
// It contains no HTTP and uses the caller's clock.
package pace

import "time"

// Limits are what a server allows one client.
type Limits struct {
	// Concurrent is how many requests may be in flight.
	Concurrent int
	// Points is how many requests may begin in any Window.
	Points int
	Window time.Duration
}

// GitHub returns the limits that github.com documents for its REST API, with that many points a minute
// of the 900 that it allows. The quota of an hour comes with each answer; see [Pacer.Learn].
//
// It allows 100 requests at once, and may count one for a moment longer than its client does.
func GitHub(points int) Limits {
	return Limits{Concurrent: 90, Points: points, Window: time.Minute}
}

// Quota is the number of requests that a server will still answer.
type Quota struct {
	// Left is how many more it will answer; negative if it does not count them.
	Left int
	// Reset identifies the period that they are counted in; a later one is larger.
	Reset int64
	// Ends is when the period ends, by the clock of the caller.
	Ends time.Duration
}

// Uncounted is the quota of a server that has none.
var Uncounted = Quota{Left: -1, Ends: 1<<63 - 1}

// Verdict is whether a request may be sent.
type Verdict uint8

// Each verdict names what to wait for.
const (
	// Send: for nothing.
	Send Verdict = iota
	// Busy: for the end of a request that is under way.
	Busy
	// Early: for a time at which earlier requests no longer count.
	Early
	// Exhausted: for the end of the period whose quota is used up.
	Exhausted
)

// Pacer keeps one client within the limits of one server.
//
// A server counts a request at some moment between its beginning and its end. So a request counts from
// its beginning until a window has passed since its end, and however long the network takes, the
// server never counts more than Points in a window.
type Pacer struct {
	limits Limits
	open   int             // under way
	ended  []time.Duration // when each that still counts ended, oldest first
	quota  Quota
	known  bool // whether quota is known
}

// New returns the pacer of a client that has sent nothing yet.
func New(limits Limits) *Pacer { return &Pacer{limits: limits} }

// Ask returns whether a request may be sent now, and if it is [Early] or [Exhausted], when to ask again.
//
// Until the first answer, one request at a time may be sent: other clients may have used up the quota.
func (p *Pacer) Ask(now time.Duration) (verdict Verdict, at time.Duration) {
	p.forget(now)
	usedUp := p.known && p.quota.Left >= 0 && p.open >= p.quota.Left
	switch {
	case p.open > 0 && (!p.known || usedUp || p.open >= p.limits.Concurrent):
		return Busy, 0
	case usedUp:
		return Exhausted, p.quota.Ends
	case p.open+len(p.ended) < p.limits.Points:
		return Send, now
	case len(p.ended) == 0:
		return Busy, 0
	}
	return Early, p.ended[0] + p.limits.Window
}

// Begin counts a request that is sent.
func (p *Pacer) Begin() { p.open++ }

// End says that a request that had begun is over.
func (p *Pacer) End(now time.Duration) {
	p.open--
	p.ended = append(p.ended, now)
}

// Learn takes what an answer says about the quota. Answers overtake each other, so within a period the
// least counts.
func (p *Pacer) Learn(quota Quota) {
	if p.known && quota.Reset < p.quota.Reset {
		return
	}
	if p.known && quota.Reset == p.quota.Reset && p.quota.Left >= 0 {
		quota.Left = min(quota.Left, p.quota.Left)
	}
	p.known, p.quota = true, quota
}

// forget drops requests that no longer count.
func (p *Pacer) forget(now time.Duration) {
	old := 0
	for old < len(p.ended) && p.ended[old]+p.limits.Window <= now {
		old++
	}
	p.ended = p.ended[old:]
	if p.known && p.quota.Ends <= now {
		p.known = false
	}
}

// Past is what a client's next pacer must know of its last one.
type Past struct {
	// Ages are how long ago requests ended that still count, oldest first.
	Ages []time.Duration
	// Renewal is when a quota that is used up is renewed, from now; zero if it is not used up.
	Renewal time.Duration
}

// Past returns what still counts; a request under way counts as ended now.
func (p *Pacer) Past(now time.Duration) Past {
	p.forget(now)
	past := Past{Ages: make([]time.Duration, 0, len(p.ended)+p.open)}
	for _, at := range p.ended {
		past.Ages = append(past.Ages, now-at)
	}
	past.Ages = append(past.Ages, make([]time.Duration, p.open)...)
	if p.known && p.quota.Left == 0 {
		past.Renewal = p.quota.Ends - now
	}
	return past
}

// Resume takes up the past of the client, before the first request. What seems to lie in the future
// ended just now: the clock was set.
func (p *Pacer) Resume(now time.Duration, past Past) {
	for _, age := range past.Ages {
		p.ended = append(p.ended, now-max(age, 0))
	}
	if past.Renewal > 0 {
		p.known, p.quota = true, Quota{Ends: now + past.Renewal}
	}
}
