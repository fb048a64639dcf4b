// Package asset hashes the assets of a release as they arrive, and confirms their digests.
package asset

import (
	"io"
	"strconv"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// Hasher is a running SHA-256.
type Hasher interface {
	// Writer adds bytes; it never fails.
	io.Writer
	// Finish returns 64 lower-case hex digits and resets the hasher.
	Finish() string
	// Close frees the hasher.
	Close()
}

// Download is a sink that keeps only the hash of an asset.
type Download struct {
	// Name and URL are those of the asset.
	Name, URL string
	// Size is the published size in bytes; -1 if unknown.
	Size int64
	// Hasher takes the bytes.
	Hasher Hasher

	// Received is the number of bytes received.
	Received int64
	// Modified is the header field `Last-Modified`; it may be empty.
	Modified string
	// SHA256 is the hash of the bytes, once all are received.
	SHA256 string
}

var _ transport.Sink = (*Download)(nil)

// Begin refuses a body that cannot be the asset before any of it is read.
func (d *Download) Begin(head *transport.Head) error {
	d.Received = 0
	d.Hasher.Finish() // discards what an earlier try left
	d.Modified = head.Headers.Get("last-modified")
	if encoding := head.Headers.Get("content-encoding"); encoding != "" && encoding != "identity" {
		return fault.Errorf(fault.Answer, "%s: came encoded as %s though identity was asked for", d.URL, fault.Plain(encoding))
	}
	if kind := head.Headers.Get("content-type"); strings.HasPrefix(strings.ToLower(kind), "text/html") && !strings.HasSuffix(d.Name, ".html") {
		return fault.Errorf(fault.Answer, "%s: a web page came where an asset should be", d.URL)
	}
	length := head.Headers.Get("content-length")
	if length == "" {
		return nil
	}
	bytes, err := strconv.ParseInt(length, 10, 64)
	switch {
	case err != nil || bytes < 0:
		return fault.Errorf(fault.Answer, "%s: %s is not a length", d.URL, fault.Plain(length))
	case d.Size < 0:
		d.Size = bytes
	case bytes != d.Size:
		return fault.Errorf(fault.Mismatch, "%s: %d bytes are offered, %d were published", d.URL, bytes, d.Size)
	}
	return nil
}

// Write hashes bytes.
func (d *Download) Write(bytes []byte) error {
	if _, err := d.Hasher.Write(bytes); err != nil {
		return err
	}
	d.Received += int64(len(bytes))
	if d.Size >= 0 && d.Received > d.Size {
		return fault.Errorf(fault.Mismatch, "%s: more than the published %d bytes came", d.URL, d.Size)
	}
	return nil
}

// End fails if fewer bytes arrived than were published.
func (d *Download) End() error {
	if d.Size >= 0 && d.Received < d.Size {
		return fault.Errorf(fault.Network, "%s: ended after %d of %d bytes", d.URL, d.Received, d.Size)
	}
	d.SHA256 = d.Hasher.Finish()
	return nil
}

// Claim is a digest of an asset and its origin.
type Claim struct {
	// By is the word for it in `confirmed_by`.
	By string
	// From is the origin, for messages.
	From string
	// SHA256 is in lower-case hex.
	SHA256 string
}

// Agree fails if two claims about the asset at url differ.
func Agree(url string, claims []Claim) error {
	for _, claim := range claims[min(1, len(claims)):] {
		if first := claims[0]; claim.SHA256 != first.SHA256 {
			return fault.Errorf(fault.Mismatch, "%s: sha256 is %s by %s, %s by %s", url, first.SHA256, first.From, claim.SHA256, claim.From)
		}
	}
	return nil
}
