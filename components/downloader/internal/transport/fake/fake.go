// Package fake is a network for tests: servers are functions, and time moves only when the loop waits.
package fake

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/transport"
)

// Reply is what a server answers.
type Reply struct {
	// Status is 200 if it is zero.
	Status  int
	Headers map[string]string
	Body    string
	// Delay passes before the head.
	Delay time.Duration
	// Rate is how many bytes of the body come in a second; 0: all at once.
	Rate int
	// Refused is the error instead of a connection, Broken the one instead of a head, Cut the one
	// after the body instead of its end.
	Refused, Broken, Cut error
}

// Asked is a request that was sent.
type Asked struct {
	URL     string
	Headers http.Header
	// At is when it was sent.
	At time.Duration
}

// Host is a network whose only server is Serve.
type Host struct {
	Serve func(asked Asked) Reply
	// Asked lists all requests.
	Asked []Asked
	// Most is how many were in flight at once; Open is how many are.
	Most, Open int
	// Clock is the time that has passed since Start.
	Clock time.Duration
	Start time.Time
	// Chunk is how many bytes one read gives at most; 0: all there are.
	Chunk int
}

var _ transport.Host = (*Host)(nil)

// Send begins a request.
func (h *Host) Send(request *transport.Request) (transport.Exchange, error) {
	asked := Asked{URL: request.URL.String(), Headers: http.Header{}, At: h.Clock}
	for _, header := range request.Headers {
		asked.Headers.Add(header.Name, header.Value)
	}
	h.Asked = append(h.Asked, asked)
	reply := h.Serve(asked)
	if reply.Refused != nil {
		return nil, reply.Refused
	}
	if reply.Status == 0 {
		reply.Status = 200
	}
	h.Open++
	h.Most = max(h.Most, h.Open)
	return &exchange{host: h, reply: reply, begins: h.Clock + reply.Delay}, nil
}

// Wait moves the clock to when something is ready.
func (h *Host) Wait(exchanges []transport.Exchange, limit time.Duration) []int {
	until := h.Clock + limit
	for _, e := range exchanges {
		until = min(until, max(e.(*exchange).next(), h.Clock))
	}
	h.Clock = until
	var ready []int
	for i, e := range exchanges {
		if e.(*exchange).next() <= h.Clock {
			ready = append(ready, i)
		}
	}
	return ready
}

// Elapsed returns the clock.
func (h *Host) Elapsed() time.Duration { return h.Clock }

// Now returns the time of day.
func (h *Host) Now() time.Time { return h.Start.Add(h.Clock) }

// Random is always in the middle.
func (h *Host) Random() float64 { return 0.5 }

type exchange struct {
	host   *Host
	reply  Reply
	begins time.Duration
	begun  bool
	read   int
	closed bool
}

// next is when there is something new.
func (e *exchange) next() time.Duration {
	if !e.begun || e.reply.Rate == 0 || e.read == len(e.reply.Body) {
		return e.begins
	}
	// Ten times a second, or a test would take as many steps as there are bytes.
	come := min(e.read+max(e.reply.Rate/10, 1), len(e.reply.Body))
	rate := time.Duration(e.reply.Rate)
	return e.begins + (time.Duration(come)*time.Second+rate-1)/rate
}

// Head tells how the response begins.
func (e *exchange) Head() (*transport.Head, error) {
	e.mustBeOpen()
	switch {
	case e.host.Clock < e.begins:
		return nil, nil
	case e.reply.Broken != nil:
		return nil, e.reply.Broken
	}
	e.begun = true
	return &transport.Head{Status: e.reply.Status, Headers: headers(e.reply.Headers)}, nil
}

// Read returns what has come.
func (e *exchange) Read() ([]byte, error) {
	e.mustBeOpen()
	if e.read == len(e.reply.Body) {
		if e.reply.Cut != nil {
			return nil, e.reply.Cut
		}
		return nil, io.EOF
	}
	come := len(e.reply.Body)
	if e.reply.Rate > 0 {
		come = min(come, int((e.host.Clock-e.begins)*time.Duration(e.reply.Rate)/time.Second))
	}
	bytes := e.reply.Body[e.read:max(come, e.read)]
	if e.host.Chunk > 0 {
		bytes = bytes[:min(len(bytes), e.host.Chunk)]
	}
	e.read += len(bytes)
	return []byte(bytes), nil
}

// Close ends the exchange.
func (e *exchange) Close() {
	e.mustBeOpen()
	e.closed = true
	e.host.Open--
}

// mustBeOpen fails the test as the real host does: it ends the component.
func (e *exchange) mustBeOpen() {
	if e.closed {
		panic("an exchange is used after it was closed")
	}
}

type headers map[string]string

// Get finds a field in any case.
func (h headers) Get(name string) string {
	for key, value := range h {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// ErrReset is what a broken connection says.
var ErrReset = errors.New("connection reset")
