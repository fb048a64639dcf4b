// Package transport speaks HTTP as far as the downloader needs it: GET requests, redirects by hand,
// and a typed error for every answer but 200.
package transport

import (
	"io"
	"net/url"
)

// Header is one header field of a request.
type Header struct {
	Name, Value string
}

// Request is a GET request as it goes over the wire.
type Request struct {
	URL     *url.URL
	Headers []Header
}

// Headers are the header fields of a response.
type Headers interface {
	// Get returns the first value of the field, in any case, or "".
	Get(name string) string
}

// Response is what a server answered. Whoever receives it closes its body, which also ends the
// validity of its headers.
type Response struct {
	Status  int
	Headers Headers
	Body    io.ReadCloser
}

// Transport sends one request and returns its answer, whatever the status. It follows no redirect
// and decodes no content. Its errors are plain: the [Client] adds the URL and the kind.
type Transport interface {
	Send(request *Request) (*Response, error)
}
