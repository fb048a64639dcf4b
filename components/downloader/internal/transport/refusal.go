package transport

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/jsontext"
)

const (
	maxRefusalBytes  = 64 << 10 // of a body that explains a status
	maxMessageLength = 200      // of the server's own words, in bytes
)

// Refusal is an answer that ends a request.
type Refusal struct {
	URL string
	// Status is the status of the answer; zero if the request was not sent because it would be refused.
	Status int
	// Reason is the server's message, or the meaning of its status.
	Reason string
	// Wait is how long the server asks to wait; zero if it does not say.
	Wait time.Duration

	limited   bool // a rate limit
	secondary bool // one that does not say how long
}

var _ error = (*Refusal)(nil)

// Error returns `URL: STATUS REASON`, with the seconds to wait where known.
func (r *Refusal) Error() string {
	text := r.URL + ": " + r.Reason
	if r.Status != 0 {
		text = fmt.Sprintf("%s: %d %s", r.URL, r.Status, r.Reason)
	}
	if r.Wait > 0 {
		text += fmt.Sprintf("; try again in %d s", int64(r.Wait/time.Second))
	}
	return text
}

// gaveUp reports whether a gateway stopped waiting for the answer.
func (r *Refusal) gaveUp() bool { return r.Status == 502 || r.Status == 504 }

// TooMuch reports whether an error may come from asking for too much at once.
func TooMuch(err error) bool {
	var refusal *Refusal
	return errors.As(err, &refusal) && refusal.gaveUp()
}

// explanation is the sink of a body that says why there is no answer. It always ends in a [Refusal].
type explanation struct {
	fetch *fetch
	now   time.Time
	head  *Head
	body  []byte
}

var _ Sink = (*explanation)(nil)

func (e *explanation) Begin(head *Head) error {
	e.head = head
	return nil
}

func (e *explanation) Write(bytes []byte) error {
	e.body = append(e.body, bytes[:min(len(bytes), maxRefusalBytes-len(e.body))]...)
	if len(e.body) == maxRefusalBytes {
		return e.End()
	}
	return nil
}

func (e *explanation) End() error {
	reason := message(string(e.body))
	if reason == "" {
		reason = meaning(e.head.Status) + " from " + e.fetch.target.Host
	}
	refusal := &Refusal{URL: e.fetch.URL, Status: e.head.Status, Reason: reason}
	refusal.Wait, refusal.limited, refusal.secondary = limit(e.head, reason, e.now)
	if token := e.fetch.Token; token != "" {
		refusal.Reason = strings.ReplaceAll(reason, token, "***")
	}
	return refusal
}

// message returns the message of an API's JSON body, on one line, or "".
func message(body string) string {
	message := ""
	reader := jsontext.NewReader(body)
	reader.Object(func(key string) {
		if key == "message" {
			message = reader.String()
		} else {
			reader.Skip()
		}
	})
	if reader.End() != nil {
		return ""
	}
	message = fault.Plain(strings.Join(strings.Fields(message), " "))
	if len(message) > maxMessageLength {
		message = strings.ToValidUTF8(message[:maxMessageLength], "") + "..."
	}
	return message
}

// meaning returns the common meaning of a status.
func meaning(status int) string {
	switch status {
	case 400:
		return "bad request"
	case 401:
		return "unauthorized"
	case 403:
		return "forbidden"
	case 404:
		return "not found"
	case 408:
		return "request timeout"
	case 410:
		return "gone"
	case 429:
		return "too many requests"
	case 500:
		return "internal server error"
	case 502:
		return "bad gateway"
	case 503:
		return "service unavailable"
	case 504:
		return "gateway timeout"
	default:
		return "unexpected status"
	}
}
