package transport

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
)

const (
	// secondaryWait is how long to leave a server alone that says it was asked too fast and not for
	// how long; each further time in a row is twice as long.
	secondaryWait = time.Minute
	// maxWait bounds what a server may ask for; it keeps sums within a Duration.
	maxWait = 366 * 24 * time.Hour
	// maxLimited is how often one fetch may meet a limit.
	maxLimited = 5
)

// Unasked is the error of a fetch that was not begun, since its host is at a rate limit for longer
// than may be waited.
type Unasked struct{ URL, Host string }

var _ error = (*Unasked)(nil)

// Error names what was not asked for.
func (u *Unasked) Error() string {
	return fmt.Sprintf("%s: not asked, as %s wants to be left alone", u.URL, u.Host)
}

// refused deals with a status that is no answer.
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

// limited leaves a host alone for as long as it wants; if that is too long, for good.
func (l *Loop) limited(f *fetch, refusal *Refusal) {
	s := f.site
	now := l.Host.Elapsed()
	wait := refusal.Wait
	if refusal.secondary && s.blocked <= now {
		wait = secondaryWait << min(s.secondary, 10)
		s.secondary++
	}
	refusal.Wait = max(wait, time.Second)
	more := now + refusal.Wait - max(s.blocked, now)
	f.limited++
	switch {
	case s.closed:
		// Another fetch has reported it already.
		l.finish(f, &Unasked{URL: f.URL, Host: s.name})
		return
	case l.waited+more > l.Limits.Wait || f.limited > maxLimited:
		s.closed = true
		l.finish(f, fault.Errorf(fault.RateLimited, "%w", refusal))
		return
	case more > 0:
		l.waited += more
		s.blocked = max(s.blocked, now) + more
		if l.Waiting != nil {
			l.Waiting(s.name, s.blocked-now)
		}
	}
	l.reset(f)
	l.enqueue(f)
}

// limit distinguishes a used-up quota from other refusals, and returns how long to wait: the server's
// own value, or the time to the end of the quota, or 0 for a secondary limit without either.
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

// untilReset reads when a used-up quota is renewed; a second more, as clocks are cut to seconds.
func untilReset(headers Headers, now time.Time) (time.Duration, bool) {
	if headers.Get("x-ratelimit-remaining") != "0" {
		return 0, false
	}
	reset, err := strconv.ParseInt(headers.Get("x-ratelimit-reset"), 10, 64)
	if err != nil {
		return secondaryWait, true
	}
	return bounded(reset - serverTime(headers, now).Unix() + 1), true
}

// serverTime returns the time by the server's clock, against which its times are measured.
func serverTime(headers Headers, now time.Time) time.Time {
	if date, ok := ParseDate(headers.Get("date")); ok {
		return date
	}
	return now
}

func bounded(seconds int64) time.Duration {
	const most = int64(maxWait / time.Second)
	return time.Duration(min(max(seconds, 0), most)) * time.Second
}
