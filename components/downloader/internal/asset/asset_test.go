package asset

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
)

const body = "the bytes of an asset"

var digest = sum(body)

func sum(text string) string {
	bytes := sha256.Sum256([]byte(text))
	return hex.EncodeToString(bytes[:])
}

type native struct{ hash.Hash }

var _ Hasher = native{}

func (n native) Close() {}
func (n native) Finish() string {
	defer n.Hash.Reset()
	return hex.EncodeToString(n.Hash.Sum(nil))
}

// download feeds a sink with the body in pieces of the given size.
func download(d *Download, headers http.Header, body string, piece int) error {
	d.URL, d.Hasher = "https://h/a", native{sha256.New()}
	if err := d.Begin(&transport.Head{Status: 200, Headers: headers}); err != nil {
		return err
	}
	for at := 0; at < len(body); at += piece {
		if err := d.Write([]byte(body[at:min(at+piece, len(body))])); err != nil {
			return err
		}
	}
	return d.End()
}

func TestADownloadIsHashed(t *testing.T) {
	for name, c := range map[string]struct {
		size    int64
		headers http.Header
		piece   int
	}{
		"in one piece":  {21, http.Header{"Content-Length": {"21"}, "Content-Encoding": {"identity"}}, 100},
		"in many":       {21, nil, 1},
		"size unknown":  {-1, nil, 4},
		"size promised": {-1, http.Header{"Content-Length": {"21"}, "Last-Modified": {"then"}}, 4},
		"a page":        {21, http.Header{"Content-Type": {"application/octet-stream"}}, 4},
	} {
		d := &Download{Name: "a", Size: c.size}
		if err := download(d, c.headers, body, c.piece); err != nil || d.SHA256 != digest || d.Received != 21 || d.Modified != c.headers.Get("Last-Modified") {
			t.Errorf("%s: got %+v, %v, want SHA-256 %s of 21 bytes, modified %q", name, d, err, digest, c.headers.Get("Last-Modified"))
		}
	}
}

func TestAnotherTryBeginsAnew(t *testing.T) {
	d := &Download{Size: 21}
	if err := download(d, nil, body[:7], 3); err == nil || err.Error() != "https://h/a: ended after 7 of 21 bytes" {
		t.Fatalf("got %v, want %q", err, "https://h/a: ended after 7 of 21 bytes")
	}
	if err := d.Begin(&transport.Head{Status: 200, Headers: http.Header{}}); err != nil || d.Received != 0 {
		t.Fatalf("Begin() = %v with %d bytes received, want nil with none", err, d.Received)
	}
	if err := d.Write([]byte(body)); err != nil || d.End() != nil || d.SHA256 != digest {
		t.Errorf("got SHA-256 %s, %v, want %s", d.SHA256, err, digest)
	}
}

func TestWhatIsNotTheAssetIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		asset   Download
		headers http.Header
		body    string
		kind    fault.Kind
		want    string
	}{
		"other length":    {Download{Size: 21}, http.Header{"Content-Length": {"22"}}, body, fault.Mismatch, "22 bytes are offered, 21 were published"},
		"odd length":      {Download{Size: 21}, http.Header{"Content-Length": {"21, 21"}}, body, fault.Answer, "21, 21 is not a length"},
		"minus length":    {Download{Size: -1}, http.Header{"Content-Length": {"-1"}}, body, fault.Answer, "-1 is not a length"},
		"gzip":            {Download{Size: 21}, http.Header{"Content-Encoding": {"gzip"}}, body, fault.Answer, "came encoded as gzip though identity was asked for"},
		"web page":        {Download{Size: 21}, http.Header{"Content-Type": {"Text/HTML; charset=utf-8"}}, body, fault.Answer, "a web page came where an asset should be"},
		"too long":        {Download{Size: 20}, nil, body, fault.Mismatch, "more than the published 20 bytes came"},
		"endless":         {Download{Size: 100}, nil, strings.Repeat(body, 100), fault.Mismatch, "more than the published 100 bytes came"},
		"too short":       {Download{Size: 22}, nil, body, fault.Network, "ended after 21 of 22 bytes"},
		"empty":           {Download{Size: 22}, nil, "", fault.Network, "ended after 0 of 22 bytes"},
		"not as promised": {Download{Size: -1}, http.Header{"Content-Length": {"22"}}, body, fault.Network, "ended after 21 of 22 bytes"},
	} {
		err := download(&c.asset, c.headers, c.body, 8)
		if kind, _ := fault.KindOf(err); err == nil || kind != c.kind || err.Error() != "https://h/a: "+c.want {
			t.Errorf("%s: got kind %d, %v, want kind %d, https://h/a: %s", name, kind, err, c.kind, c.want)
		}
	}
	page := &Download{Name: "index.html", Size: 21}
	if err := download(page, http.Header{"Content-Type": {"text/html"}}, body, 8); err != nil {
		t.Errorf("got %v, want no error for a page that is the asset", err)
	}
}

func TestClaimsMustAgree(t *testing.T) {
	one, other := Claim{"digest", "the API", "1"}, Claim{"sums", "SUMS", "2"}
	for _, claims := range [][]Claim{nil, {one}, {one, one}, {one, {"bytes", "", "1"}}} {
		if err := Agree("u", claims); err != nil {
			t.Errorf("Agree(%v) = %v, want nil", claims, err)
		}
	}
	for _, claims := range [][]Claim{{one, other}, {one, one, other}} {
		err := Agree("u", claims)
		if kind, _ := fault.KindOf(err); kind != fault.Mismatch || err.Error() != "u: sha256 is 1 by the API, 2 by SUMS" {
			t.Errorf("Agree(%v) = %v, want a mismatch of 1 by the API and 2 by SUMS", claims, err)
		}
	}
}
