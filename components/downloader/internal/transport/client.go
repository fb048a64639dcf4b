package transport

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
)

// maxRedirects is how many redirects one request may follow.
const maxRedirects = 10

// userAgent is sent with every request; the release API refuses a request without one.
const userAgent = "doit-wasm"

// Query is what to ask for.
type Query struct {
	// URL is http or https, without user information.
	URL string
	// Token, if any, is sent as bearer to the scheme, host and port of URL and to nobody else.
	Token string
	// Headers are sent to every server on the way.
	Headers []Header
}

// Client follows redirects and turns refusals into errors.
type Client struct {
	Transport Transport
	// Now is the clock against which the end of a rate limit is measured.
	Now func() time.Time
}

// Get asks until a server answers 200 and returns that response, whose body the caller closes.
// Errors are of kind Network, Status, RateLimited, Answer for a redirect that is refused, or
// Invalid if query.URL itself is; they name query.URL (never a redirect's target,
// which may be signed) and never hold the token.
func (c *Client) Get(query Query) (*Response, error) {
	target, err := parse(query.URL)
	if err != nil {
		return nil, err
	}
	token := query.Token
	for redirects := 0; redirects <= maxRedirects; redirects++ {
		response, err := c.Transport.Send(request(target, token, query.Headers))
		if err != nil {
			return nil, fault.Errorf(fault.Network, "%s: %w", query.URL, err)
		}
		switch response.Status {
		case 200:
			return response, nil
		case 301, 302, 303, 307, 308:
		default:
			return nil, c.refused(query, target, response)
		}
		next, err := redirect(target, response)
		if err != nil {
			return nil, fault.Errorf(fault.Answer, "%s: %d %w", query.URL, response.Status, err)
		}
		// A token once dropped stays dropped, also when a later redirect leads back.
		if !sameOrigin(target, next) {
			token = ""
		}
		target = next
	}
	return nil, fault.Errorf(fault.Answer, "%s: more than %d redirects", query.URL, maxRedirects)
}

func request(target *url.URL, token string, headers []Header) *Request {
	sent := []Header{{"User-Agent", userAgent}}
	sent = append(sent, headers...)
	if token != "" {
		sent = append(sent, Header{"Authorization", "Bearer " + token})
	}
	return &Request{URL: target, Headers: sent}
}

func parse(text string) (*url.URL, error) {
	target, err := url.Parse(text)
	if err != nil {
		// url.Error repeats the text, which may hold a password.
		return nil, fault.Errorf(fault.Invalid, "url: does not parse: %w", errors.Unwrap(err))
	}
	if err := usable(target); err != nil {
		return nil, fault.Errorf(fault.Invalid, "%s: %w", target.Redacted(), err)
	}
	return target, nil
}

// redirect closes a response and returns where it points.
func redirect(from *url.URL, response *Response) (*url.URL, error) {
	location := response.Headers.Get("location")
	response.Body.Close()
	if location == "" {
		return nil, errors.New("redirects without a location")
	}
	next, err := from.Parse(location)
	if err != nil {
		return nil, errors.New("redirects to what is not a url")
	}
	if err := usable(next); err != nil {
		return nil, fmt.Errorf("redirects to a url that %w", err)
	}
	if from.Scheme == "https" && next.Scheme != "https" {
		return nil, errors.New("redirects from https to http")
	}
	return next, nil
}

func usable(target *url.URL) error {
	switch {
	case target.Scheme != "http" && target.Scheme != "https":
		return errors.New("is neither http nor https")
	case target.Host == "" || target.Hostname() == "":
		return errors.New("names no host")
	case target.User != nil:
		return errors.New("holds user information")
	case strings.ContainsFunc(target.Host+target.RequestURI(), unescaped):
		return errors.New("holds characters that should be escaped")
	}
	return nil
}

// unescaped finds what may not stand in a URL. A host traps, and ends the whole composition, when
// it is given text that is not UTF-8, and a server may redirect to that.
func unescaped(c rune) bool { return c <= ' ' || c > '~' }

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}

func port(target *url.URL) string {
	switch {
	case target.Port() != "":
		return target.Port()
	case target.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
