// Package transport is the downloader's HTTP client: many GET requests at once in one event loop
// without threads. It follows redirects, retries, respects rate limits, and returns a typed error for
// every failure.
package transport

import (
	"net/url"
	"time"
)

// Header is one header field of a request.
type Header struct {
	Name, Value string
}

// Request is a GET request as it is sent.
type Request struct {
	URL     *url.URL
	Headers []Header
}

// Headers are the header fields of a response.
type Headers interface {
	// Get returns the first value of the field, in any case, or "".
	Get(name string) string
}

// Head is the beginning of a response. Its headers are valid until its exchange is closed.
type Head struct {
	Status  int
	Headers Headers
}

// Exchange is a request in progress and its response. No method waits.
type Exchange interface {
	// Head returns the beginning of the response; nil if it has not begun.
	Head() (*Head, error)
	// Read returns the next bytes of the body, none if none have arrived, and io.EOF at its end. They
	// are valid until the next call to the host.
	Read() ([]byte, error)
	// Close ends the exchange.
	Close()
}

// Host is the system below the loop. The [Loop] adds the URL and the kind to its errors.
type Host interface {
	// Send begins a request. It follows no redirect and decodes no content.
	Send(request *Request) (Exchange, error)
	// Wait returns when exchanges have something to read, or after limit. It returns the indices of
	// these exchanges.
	Wait(exchanges []Exchange, limit time.Duration) []int
	// Elapsed returns the time since some moment; it never goes back.
	Elapsed() time.Duration
	// Now returns the time of day.
	Now() time.Time
	// Random returns a number from 0 up to 1.
	Random() float64
}

// Sink receives a server's response. After an error of kind [fault.Network] the fetch is tried again,
// and the sink begins anew; any other error ends the fetch.
type Sink interface {
	// Begin receives the head of the response.
	Begin(head *Head) error
	// Write takes bytes of the body and keeps no reference to them.
	Write(bytes []byte) error
	// End is called at the end of the body.
	End() error
}

// Query is what to ask for, and who wants it.
type Query struct {
	// URL is http or https, without user information.
	URL string
	// Token, if any, is sent as bearer to the scheme, host and port of URL and nowhere else.
	Token string
	// Headers are sent to every server, also after redirects.
	Headers []Header
	// Conditional means that a status of 304 is an answer, not an error.
	Conditional bool
	// Bulk means that the body may be large and is not kept; else it is kept in memory.
	Bulk bool
	// Smaller means that the caller can ask for less: a gateway that gives up ends the fetch at once.
	Smaller bool
	// Sink receives the answer.
	Sink Sink
	// Done is called once, at the end. Errors are of kind Network, Status, RateLimited, Answer for a
	// redirect that is refused, Invalid if URL itself is, [Unasked], or what the sink returned. They
	// name URL (never a redirect's target, which may be signed) and never hold the token.
	Done func(err error)
}

// Limits bound what the loop does.
type Limits struct {
	// Width is how many requests may be in flight.
	Width int
	// Bulk is how many of them may be bulk fetches.
	Bulk int
	// Buffered bounds the bytes of bodies in memory. Beyond it, only the oldest of them continues.
	Buffered int
	// Wait is how long to wait for rate limits, in total.
	Wait time.Duration
}
