package transport

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
)

const (
	maxRedirects = 10
	maxTries     = 3
	// backoff is the average wait before the first retry; each further one waits twice as long.
	backoff = 500 * time.Millisecond
	// maxReads bounds the reads of one exchange per turn.
	maxReads = 32

	// userAgent is sent with every request; the release API refuses a request without one.
	userAgent = "doit-wasm"
)

// fetch is a query in progress: sent, redirected, retried, read, done.
type fetch struct {
	Query
	first     *url.URL // the URL of the query
	target    *url.URL
	site      *site
	token     string // dropped for good by a redirect to another origin
	redirects int
	tries     int           // failed tries
	limited   int           // tries that reached a rate limit
	due       time.Duration // when it is to be queued again
	exchange  Exchange
	into      Sink // receives the body, once it has begun
	received  int64
	held      int // bytes of the body that the sink keeps
	speed     speed
	cancelled bool
	err       error
}

// send begins the request of a fetch.
func (l *Loop) send(f *fetch) {
	headers := append([]Header{{"User-Agent", userAgent}}, f.Headers...)
	if f.token != "" {
		headers = append(headers, Header{"Authorization", "Bearer " + f.token})
	}
	l.active = append(l.active, f)
	if f.Bulk {
		l.bulk++
	}
	if f.site.pacer != nil {
		f.site.pacer.Begin()
	}
	exchange, err := l.Host.Send(&Request{URL: f.target, Headers: headers})
	if err != nil {
		l.broken(f, err, true)
		return
	}
	f.exchange = exchange
	f.speed = speed{}
}

// stop ends the request of a fetch.
func (l *Loop) stop(f *fetch) {
	at := slices.Index(l.active, f)
	if at < 0 {
		return
	}
	l.active = slices.Delete(l.active, at, at+1)
	if f.Bulk {
		l.bulk--
	}
	if f.site.pacer != nil {
		f.site.pacer.End(l.Host.Elapsed())
	}
	if f.exchange != nil {
		f.exchange.Close()
	}
	f.exchange, f.into = nil, nil
}

// reset returns a fetch to its beginning and discards its answer. It starts at the first URL again,
// because a signed one may have expired.
func (l *Loop) reset(f *fetch) {
	l.stop(f)
	l.buffered -= f.held
	f.held = 0
	f.target, f.token, f.redirects = f.first, f.Token, 0
}

func (l *Loop) finish(f *fetch, err error) {
	l.stop(f)
	f.err = err
	l.finished = append(l.finished, f)
}

// broken handles a failure of the network, which another try may not meet.
func (l *Loop) broken(f *fetch, err error, retry bool) {
	f.tries++
	if retry && f.tries < maxTries {
		l.retry(f, 0)
		return
	}
	l.finish(f, fault.Errorf(fault.Network, "%s: %w%s", f.URL, err, f.tried()))
}

// retry schedules another try.
func (l *Loop) retry(f *fetch, least time.Duration) {
	l.reset(f)
	wait := time.Duration(float64(backoff<<(f.tries-1)) * (0.5 + l.Host.Random()))
	f.due = l.Host.Elapsed() + max(wait, least)
	l.delayed = append(l.delayed, f)
}

// tried ends the message about failed tries.
func (f *fetch) tried() string {
	if f.tries < 2 {
		return ""
	}
	return fmt.Sprintf(", tried %d times", f.tries)
}

// advance reads what has arrived.
func (l *Loop) advance(f *fetch) {
	if f.into == nil {
		head, err := f.exchange.Head()
		switch {
		case err != nil:
			l.broken(f, err, true)
			return
		case head == nil:
			return
		}
		if !l.answered(f, head) {
			return
		}
		f.speed.restart(l.Host.Elapsed())
	}
	for reads := 0; reads < maxReads && l.mayRead(f); reads++ {
		bytes, err := f.exchange.Read()
		f.speed.add(len(bytes))
		f.received += int64(len(bytes))
		if len(bytes) > 0 {
			if failed := f.into.Write(bytes); failed != nil {
				l.settle(f, failed)
				return
			}
			if !f.Bulk {
				f.held += len(bytes)
				l.buffered += len(bytes)
			}
		}
		switch {
		case errors.Is(err, io.EOF) || err != nil && f.refused():
			l.settle(f, f.into.End())
			return
		case err != nil:
			l.broken(f, fmt.Errorf("%w after %d bytes", err, f.received), true)
			return
		case len(bytes) == 0:
			return
		}
	}
}

// answered handles the head of a response and reports whether to read its body.
func (l *Loop) answered(f *fetch, head *Head) bool {
	if f.site.pacer != nil {
		f.site.pacer.Learn(quota(head.Headers, l.Host.Now(), l.Host.Elapsed()))
	}
	switch head.Status {
	case 301, 302, 303, 307, 308:
		l.redirected(f, head)
		return false
	case 200:
		f.into = f.Sink
	case 304:
		if f.Conditional {
			f.into = f.Sink
			break
		}
		fallthrough
	default:
		f.into = &explanation{fetch: f, now: l.Host.Now()}
	}
	f.received = 0
	if err := f.into.Begin(head); err != nil {
		l.settle(f, err)
		return false
	}
	return true
}

// refused reports whether the body explains a refusal; an incomplete one is useful, too.
func (f *fetch) refused() bool {
	_, refused := f.into.(*explanation)
	return refused
}

func (l *Loop) redirected(f *fetch, head *Head) {
	next, err := redirect(f.target, head.Headers.Get("location"), l.Hosts)
	if err == nil && f.redirects == maxRedirects {
		l.finish(f, fault.Errorf(fault.Answer, "%s: more than %d redirects", f.URL, maxRedirects))
		return
	}
	if err != nil {
		l.finish(f, fault.Errorf(fault.Answer, "%s: %d %w", f.URL, head.Status, err))
		return
	}
	f.redirects++
	// A dropped token stays dropped, even if a later redirect leads back.
	if !sameOrigin(f.target, next) {
		f.token = ""
	}
	f.target = next
	l.stop(f)
	l.enqueue(f)
}

// settle ends a try with the result of its sink.
func (l *Loop) settle(f *fetch, err error) {
	var refusal *Refusal
	kind, _ := fault.KindOf(err)
	switch {
	case err == nil:
		f.site.secondary = 0
		l.finish(f, nil)
	case errors.As(err, &refusal):
		l.refused(f, refusal)
	case kind == fault.Network:
		f.tries++
		if f.tries < maxTries {
			l.retry(f, 0)
			return
		}
		l.finish(f, fault.Errorf(kind, "%w%s", err, f.tried()))
	default:
		l.finish(f, err)
	}
}

const (
	stallWindow = 30 * time.Second
	stallBytes  = 30 << 10 // 1 KiB a second
)

// speed measures how fast a body arrives.
type speed struct {
	since time.Duration // the window began; zero if no body is read
	bytes int
}

func (p *speed) restart(now time.Duration) { *p = speed{since: max(now, 1)} }

func (p *speed) add(bytes int) { p.bytes += bytes }

// check ends a body that arrives too slowly.
func (p *speed) check(now time.Duration) error {
	if p.since == 0 || now-p.since < stallWindow {
		return nil
	}
	if p.bytes < stallBytes {
		return fmt.Errorf("less than 1 KiB a second came for %d s", int(stallWindow/time.Second))
	}
	p.restart(now)
	return nil
}
