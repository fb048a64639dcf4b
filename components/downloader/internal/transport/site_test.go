package transport

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
)

// native sends requests with net/http, which a component cannot.
type native struct{ client *http.Client }

var _ Transport = native{}

func (n native) Send(request *Request) (*Response, error) {
	sent := &http.Request{Method: http.MethodGet, URL: request.URL, Header: http.Header{}}
	for _, header := range request.Headers {
		sent.Header.Add(header.Name, header.Value)
	}
	answer, err := n.client.Transport.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	return &Response{Status: answer.StatusCode, Headers: answer.Header, Body: answer.Body}, nil
}

// site is a server that a test scripts; seen are the requests it got.
type site struct {
	*httptest.Server
	seen []*http.Request
}

func serve(t *testing.T, handler http.HandlerFunc) *site {
	t.Helper()
	it := &site{}
	it.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		it.seen = append(it.seen, r)
		handler(w, r)
	}))
	t.Cleanup(it.Close)
	return it
}

func client(at *site) *Client {
	return &Client{
		Transport: native{at.Client()},
		Now:       func() time.Time { return time.Unix(1_000_000, 0) },
	}
}

func expect(t *testing.T, err error, kind fault.Kind, text string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got, ok := fault.KindOf(err); !ok || got != kind {
		t.Errorf("kind %d, not %d", got, kind)
	}
	if err.Error() != text {
		t.Errorf("got  %s\nwant %s", err, text)
	}
}
