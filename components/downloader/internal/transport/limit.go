package transport

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/pace"
)

const (
	// secondaryWait is how long to pause after a secondary limit that names no time; each further
	// one in a row doubles it.
	secondaryWait = time.Minute
	// maxWait bounds the wait that a server may ask for, so that sums fit a Duration.
	maxWait = 366 * 24 * time.Hour
	// maxLimited is how often one fetch may reach a limit.
	maxLimited = 5
	// noticeable is the shortest pause that is reported.
	noticeable = 2 * time.Second
)

// Unasked is the error of a fetch that was not sent, because its host's rate limit lasts longer than
// it may wait.
type Unasked struct{ URL, Host string }

var _ error = (*Unasked)(nil)

// Error names the URL.
func (u *Unasked) Error() string {
	return fmt.Sprintf("%s: not asked, as %s wants to be left alone", u.URL, u.Host)
}

// refused handles a status that refuses the request.
func (l *Loop) refused(f *fetch, refusal *Refusal) {
	switch {
	case refusal.limited:
		l.limited(f, refusal)
	case refusal.gaveUp() && f.Smaller:
		l.finish(f, fault.Errorf(fault.Status, "%w", refusal))
	case refusal.Status == 408 || refusal.Status >= 500:
		f.tries++
		if f.tries < maxTries && refusal.Wait <= l.Limits.Wait {
			l.retry(f, refusal.Wait)
			return
		}
		l.finish(f, fault.Errorf(fault.Status, "%w%s", refusal, f.tried()))
	default:
		l.finish(f, fault.Errorf(fault.Status, "%w", refusal))
	}
}

// limited sends nothing to a host for as long as it asks; if that is too long, never again.
func (l *Loop) limited(f *fetch, refusal *Refusal) {
	s := f.site
	now := l.Host.Elapsed()
	wait := refusal.Wait
	if refusal.secondary && s.blocked <= now {
		wait = secondaryWait << min(s.secondary, 10)
		s.secondary++
	}
	refusal.Wait = max(wait, time.Second)
	f.limited++
	switch {
	case s.closed:
		// Another fetch has reported it already.
		l.finish(f, &Unasked{URL: f.URL, Host: s.name})
	case f.limited > maxLimited || !l.leave(s, refusal.Wait):
		s.closed = true
		l.finish(f, fault.Errorf(fault.RateLimited, "%w", refusal))
	default:
		l.reset(f)
		l.enqueue(f)
	}
}

// leave sends nothing to a host for a while, and reports whether the wait is allowed.
func (l *Loop) leave(s *site, wait time.Duration) bool {
	now := l.Host.Elapsed()
	more := now + wait - max(s.blocked, now)
	if l.waited+more > l.Limits.Wait {
		return false
	}
	if more > 0 {
		l.waited += more
		s.blocked = max(s.blocked, now) + more
		l.announce(s, s.blocked-now)
	}
	return true
}

func (l *Loop) announce(s *site, wait time.Duration) {
	if l.Waiting != nil {
		l.Waiting(s.name, wait)
	}
}

// mayBegin asks the pacer of a host whether a request may be sent. The pauses of a pace are not bounded
// by [Limits.Wait]; the end of a quota that is used up is.
func (l *Loop) mayBegin(s *site, now time.Duration) bool {
	if len(s.queue) == 0 {
		return false
	}
	verdict, at := s.pacer.Ask(now)
	s.opens = 0
	switch verdict {
	case pace.Send:
		return true
	case pace.Busy:
		return false
	case pace.Exhausted:
		l.exhausted(s, at-now)
		return false
	}
	s.opens = at
	if at-now >= noticeable && now >= s.announced {
		s.announced = at
		l.announce(s, at-now)
	}
	return false
}

// exhausted waits until a quota is renewed; if that takes too long, one fetch reports it.
func (l *Loop) exhausted(s *site, wait time.Duration) {
	if l.leave(s, wait) {
		return
	}
	f := s.queue[0]
	s.queue = s.queue[1:]
	s.closed = true
	refusal := &Refusal{URL: f.URL, Reason: "the quota of " + s.name + " is used up", Wait: wait}
	l.finish(f, fault.Errorf(fault.RateLimited, "%w", refusal))
}

// quota reads the remaining requests from an answer.
func quota(headers Headers, now time.Time, elapsed time.Duration) pace.Quota {
	left, err := strconv.Atoi(headers.Get("x-ratelimit-remaining"))
	reset, err2 := strconv.ParseInt(headers.Get("x-ratelimit-reset"), 10, 64)
	if err != nil || err2 != nil {
		return pace.Uncounted
	}
	return pace.Quota{Left: max(left, 0), Reset: reset, Ends: elapsed + untilEpoch(headers, reset, now)}
}

// limit distinguishes rate limits from other refusals and returns how long to wait: the server's own
// value, or the time until the quota is renewed, or 0 for a secondary limit that names neither.
func limit(head *Head, reason string, now time.Time) (wait time.Duration, limited, secondary bool) {
	wait, stated := retryAfter(head.Headers, now)
	if head.Status != 429 && head.Status != 403 {
		return wait, false, false
	}
	left, known := untilReset(head.Headers, now)
	switch {
	case stated:
		return wait, true, false
	case known:
		return left, true, false
	case head.Status == 429 || strings.Contains(strings.ToLower(reason), "secondary rate limit"):
		return 0, true, true
	}
	return 0, false, false
}

// retryAfter reads `Retry-After`, seconds or a date.
func retryAfter(headers Headers, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(headers.Get("retry-after"))
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return bounded(seconds), true
	}
	if date, ok := ParseDate(text); ok {
		return bounded(int64(date.Sub(serverTime(headers, now)) / time.Second)), true
	}
	return 0, false
}

// untilReset returns the time until a used-up quota is renewed.
func untilReset(headers Headers, now time.Time) (time.Duration, bool) {
	if headers.Get("x-ratelimit-remaining") != "0" {
		return 0, false
	}
	reset, err := strconv.ParseInt(headers.Get("x-ratelimit-reset"), 10, 64)
	if err != nil {
		return secondaryWait, true
	}
	return untilEpoch(headers, reset, now), true
}

// untilEpoch returns the time until a moment of the server's clock has surely passed: one second
// longer, because clocks are truncated to seconds.
func untilEpoch(headers Headers, moment int64, now time.Time) time.Duration {
	return bounded(moment - serverTime(headers, now).Unix() + 1)
}

// serverTime returns the time of the server's clock, to which its own times refer.
func serverTime(headers Headers, now time.Time) time.Time {
	if date, ok := ParseDate(headers.Get("date")); ok {
		return date
	}
	return now
}

// bounded returns a time in seconds that is safe to add.
func bounded(seconds int64) time.Duration {
	const most = int64(maxWait / time.Second)
	return time.Duration(min(max(seconds, 0), most)) * time.Second
}
