// Package asset downloads the assets of a release and confirms what they are.
package asset

import (
	"errors"
	"io"
	"strconv"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/github"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// bufferBytes is the size of one read. The host allocates each anew, so more costs memory and is no
// faster.
const bufferBytes = 64 << 10

// Hasher is a running SHA-256.
type Hasher interface {
	// Write adds bytes; it keeps no reference to them.
	Write(bytes []byte)
	// Sum returns 64 lower-case hex digits.
	Sum() string
	// Close frees the hasher.
	Close()
}

// Confirmed is what is known of an asset whose bytes were read.
type Confirmed struct {
	SHA256 string
	Size   int64
	// By says what agrees with the hash: "digest" if one was published, and always "bytes".
	By []string
}

// Verifier reads assets to the end and keeps nothing but their hash.
type Verifier struct {
	Client    *transport.Client
	NewHasher func() Hasher
}

// Verify downloads an asset and compares it with what was published of it.
func (v *Verifier) Verify(asset *github.Asset) (Confirmed, error) {
	published, err := asset.SHA256()
	if err != nil {
		return Confirmed{}, err
	}
	if asset.Size <= 0 {
		return Confirmed{}, fault.Errorf(fault.Answer, "size: %d of %s is not the size of an asset", asset.Size, asset.Name)
	}
	response, err := v.Client.Get(transport.Query{
		URL:     asset.URL,
		Headers: []transport.Header{{Name: "Accept-Encoding", Value: "identity"}},
	})
	if kind, _ := fault.KindOf(err); kind == fault.Invalid {
		err = fault.Errorf(fault.Answer, "browser_download_url of %s: %w", asset.Name, err)
	}
	if err != nil {
		return Confirmed{}, err
	}
	defer response.Body.Close()
	if err := acceptable(asset, response.Headers); err != nil {
		return Confirmed{}, err
	}
	sum, err := v.hash(asset, response.Body)
	if err != nil {
		return Confirmed{}, err
	}
	switch published {
	case "":
		return Confirmed{SHA256: sum, Size: asset.Size, By: []string{"bytes"}}, nil
	case sum:
		return Confirmed{SHA256: sum, Size: asset.Size, By: []string{"digest", "bytes"}}, nil
	default:
		return Confirmed{}, fault.Errorf(fault.Mismatch, "%s: sha256 %s came, %s was published", asset.URL, sum, published)
	}
}

// acceptable refuses a body that cannot be the asset before any of it is read.
func acceptable(asset *github.Asset, headers transport.Headers) error {
	if encoding := headers.Get("content-encoding"); encoding != "" && encoding != "identity" {
		return fault.Errorf(fault.Answer, "%s: came encoded as %s though identity was asked for", asset.URL, fault.Plain(encoding))
	}
	length := headers.Get("content-length")
	if length == "" {
		return nil
	}
	if bytes, err := strconv.ParseInt(length, 10, 64); err != nil || bytes != asset.Size {
		return fault.Errorf(fault.Mismatch, "%s: %s bytes are offered, %d were published", asset.URL, fault.Plain(length), asset.Size)
	}
	return nil
}

// hash reads the body to its end, which must be where it was published to be.
func (v *Verifier) hash(asset *github.Asset, body io.Reader) (string, error) {
	hasher := v.NewHasher()
	defer hasher.Close()
	buffer := make([]byte, bufferBytes)
	var size int64
	for {
		n, err := body.Read(buffer)
		hasher.Write(buffer[:n])
		size += int64(n)
		switch {
		case size > asset.Size:
			return "", fault.Errorf(fault.Mismatch, "%s: more than the published %d bytes came", asset.URL, asset.Size)
		case errors.Is(err, io.EOF) && size < asset.Size:
			return "", fault.Errorf(fault.Network, "%s: ended after %d of %d bytes", asset.URL, size, asset.Size)
		case errors.Is(err, io.EOF):
			return hasher.Sum(), nil
		case err != nil:
			return "", fault.Errorf(fault.Network, "%s: %w after %d of %d bytes", asset.URL, err, size, asset.Size)
		}
	}
}
