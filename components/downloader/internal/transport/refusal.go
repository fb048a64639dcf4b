package transport

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
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
	URL    string
	Status int
	// Reason is the server's message, or what its status means.
	Reason string
	// Wait is how long the server wants to be left alone; zero if it does not say.
	Wait time.Duration
}

var _ error = (*Refusal)(nil)

// Error returns `URL: STATUS REASON`, with the seconds to wait where known.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("%s: %d %s", r.URL, r.Status, r.Reason)
	if r.Wait > 0 {
		text += fmt.Sprintf("; try again in %d s", int64(r.Wait/time.Second))
	}
	return text
}

// refused closes response and says why the server did not answer the query.
func (c *Client) refused(query Query, target *url.URL, response *Response) error {
	defer response.Body.Close()
	reason := explanation(response)
	if reason == "" {
		reason = meaning(response.Status) + " from " + target.Host
	}
	if query.Token != "" {
		reason = strings.ReplaceAll(reason, query.Token, "***")
	}
	kind := fault.Status
	if limited(response, reason) {
		kind = fault.RateLimited
	}
	refusal := &Refusal{query.URL, response.Status, reason, wait(response.Headers, c.Now())}
	return &fault.Error{Kind: kind, Err: refusal}
}

// explanation returns the message of an API's JSON body, on one line, or "".
func explanation(response *Response) string {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxRefusalBytes))
	if err != nil {
		return ""
	}
	message := ""
	reader := jsontext.NewReader(string(body))
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

// limited tells a used-up quota from other refusals. A secondary limit may come as a 403 without
// any header that says so.
func limited(response *Response, reason string) bool {
	switch response.Status {
	case 429:
		return true
	case 403:
		return response.Headers.Get("x-ratelimit-remaining") == "0" ||
			response.Headers.Get("retry-after") != "" ||
			strings.Contains(reason, "secondary rate limit")
	}
	return false
}

// wait reads how long to wait: `retry-after` in seconds, else the reset of a used-up quota.
func wait(headers Headers, now time.Time) time.Duration {
	const maxSeconds = 1 << 31 // keeps the product below within a Duration
	if seconds, err := strconv.ParseInt(headers.Get("retry-after"), 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), maxSeconds)) * time.Second
	}
	if headers.Get("x-ratelimit-remaining") != "0" {
		return 0
	}
	reset, err := strconv.ParseInt(headers.Get("x-ratelimit-reset"), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(min(max(reset-now.Unix()+1, 0), maxSeconds)) * time.Second
}

// meaning returns what a status commonly means.
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
