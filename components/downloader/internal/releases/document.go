package releases

import (
	"strconv"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// maxGrown bounds the memory that is reserved for a body before it arrives.
const maxGrown = 4 << 20

// Document is a sink that keeps a body of text in memory.
type Document struct {
	// URL is named in errors.
	URL string
	// Max bounds the body in bytes.
	Max int

	// Status, ETag and Link are those of the answer.
	Status     int
	ETag, Link string

	tooLong bool
	length  int // as announced; negative without an announcement
	body    strings.Builder
}

var _ transport.Sink = (*Document)(nil)

// Begin keeps the fields that are needed and reserves memory.
func (d *Document) Begin(head *transport.Head) error {
	d.Status = head.Status
	d.ETag, d.Link = head.Headers.Get("etag"), head.Headers.Get("link")
	d.length, d.tooLong = -1, false
	d.body.Reset()
	if encoding := head.Headers.Get("content-encoding"); encoding != "" && encoding != "identity" {
		return fault.Errorf(fault.Answer, "%s: came encoded as %s, which was not asked for", d.URL, fault.Plain(encoding))
	}
	if length, err := strconv.Atoi(head.Headers.Get("content-length")); err == nil && length >= 0 && d.Status == 200 {
		if length > d.Max {
			return d.refuse()
		}
		d.length = length
		d.body.Grow(min(length, maxGrown))
	}
	return nil
}

// Write keeps bytes.
func (d *Document) Write(bytes []byte) error {
	if d.body.Len()+len(bytes) > d.Max {
		return d.refuse()
	}
	d.body.Write(bytes)
	return nil
}

// End fails if fewer bytes arrived than were announced.
func (d *Document) End() error {
	if d.length >= 0 && d.body.Len() != d.length {
		return fault.Errorf(fault.Network, "%s: ended after %d of %d bytes", d.URL, d.body.Len(), d.length)
	}
	return nil
}

// Text returns the body.
func (d *Document) Text() string { return d.body.String() }

func (d *Document) refuse() error {
	d.tooLong = true
	return fault.Errorf(fault.Answer, "%s: more than %d bytes", d.URL, d.Max)
}
