package asset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/github"
	"doit-wasm.dev/components/downloader/internal/transport"
)

const body = "the bytes of an asset"

var digest = sum(body)

func sum(text string) string {
	bytes := sha256.Sum256([]byte(text))
	return hex.EncodeToString(bytes[:])
}

// script answers with one response and counts what is left open.
type script struct {
	headers http.Header
	body    io.Reader
	open    int
	sent    *transport.Request
}

var _ transport.Transport = (*script)(nil)

func (s *script) Send(request *transport.Request) (*transport.Response, error) {
	s.sent = request
	s.open++
	return &transport.Response{Status: 200, Headers: s.headers, Body: s}, nil
}

func (s *script) Read(p []byte) (int, error) { return s.body.Read(p) }

func (s *script) Close() error {
	s.open--
	return nil
}

type native struct {
	hash.Hash
	open *int
}

var _ Hasher = native{}

func (n native) Write(bytes []byte) { n.Hash.Write(bytes) }
func (n native) Sum() string        { return hex.EncodeToString(n.Hash.Sum(nil)) }
func (n native) Close()             { *n.open-- }

func verify(t *testing.T, asset github.Asset, headers http.Header, body io.Reader) (Confirmed, error) {
	t.Helper()
	s := &script{headers: headers, body: body}
	hashers := 0
	verifier := &Verifier{
		Client:    &transport.Client{Transport: s, Now: time.Now},
		NewHasher: func() Hasher { hashers++; return native{sha256.New(), &hashers} },
	}
	asset.URL, asset.Name = "https://h/a", "a"
	confirmed, err := verifier.Verify(&asset)
	if s.open != 0 || hashers != 0 {
		t.Errorf("%d responses and %d hashers are left open", s.open, hashers)
	}
	if s.sent != nil && !slices.Contains(s.sent.Headers, transport.Header{Name: "Accept-Encoding", Value: "identity"}) {
		t.Errorf("asked with %v", s.sent.Headers)
	}
	return confirmed, err
}

func TestAnAssetIsConfirmedByWhatAgrees(t *testing.T) {
	length := http.Header{"Content-Length": {"21"}, "Content-Encoding": {"identity"}}
	for name, c := range map[string]struct {
		digest  string
		headers http.Header
		body    io.Reader
		by      []string
	}{
		"digest":          {"sha256:" + digest, length, strings.NewReader(body), []string{"digest", "bytes"}},
		"no digest":       {"", length, strings.NewReader(body), []string{"bytes"}},
		"no length":       {"", nil, strings.NewReader(body), []string{"bytes"}},
		"byte by byte":    {"sha256:" + digest, nil, iotest.OneByteReader(strings.NewReader(body)), []string{"digest", "bytes"}},
		"end with a read": {"", nil, iotest.DataErrReader(strings.NewReader(body)), []string{"bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := verify(t, github.Asset{Size: 21, Digest: c.digest}, c.headers, c.body)
			if err != nil || got.SHA256 != digest || got.Size != 21 || !slices.Equal(got.By, c.by) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestAnAssetThatIsNotWhatWasPublishedIsRefused(t *testing.T) {
	other := strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		asset   github.Asset
		headers http.Header
		body    io.Reader
		kind    fault.Kind
		want    string
	}{
		"other digest":    {github.Asset{Size: 21, Digest: "sha256:" + other}, nil, strings.NewReader(body), fault.Mismatch, "https://h/a: sha256 " + digest + " came, " + other + " was published"},
		"other algorithm": {github.Asset{Size: 21, Digest: "md5:0"}, nil, nil, fault.Answer, "digest: `md5:0` of a is not sha256: and 64 hex digits"},
		"no size":         {github.Asset{}, nil, nil, fault.Answer, "size: 0 of a is not the size of an asset"},
		"negative size":   {github.Asset{Size: -1}, nil, nil, fault.Answer, "size: -1 of a is not the size of an asset"},
		"other length":    {github.Asset{Size: 21}, http.Header{"Content-Length": {"22"}}, nil, fault.Mismatch, "https://h/a: 22 bytes are offered, 21 were published"},
		"odd length":      {github.Asset{Size: 21}, http.Header{"Content-Length": {"21, 21"}}, nil, fault.Mismatch, "https://h/a: 21, 21 bytes are offered, 21 were published"},
		"gzip":            {github.Asset{Size: 21}, http.Header{"Content-Encoding": {"gzip"}}, nil, fault.Answer, "https://h/a: came encoded as gzip though identity was asked for"},
		"too long":        {github.Asset{Size: 20}, nil, strings.NewReader(body), fault.Mismatch, "https://h/a: more than the published 20 bytes came"},
		"endless":         {github.Asset{Size: 1 << 20}, nil, endless{}, fault.Mismatch, "https://h/a: more than the published 1048576 bytes came"},
		"too short":       {github.Asset{Size: 22}, nil, strings.NewReader(body), fault.Network, "https://h/a: ended after 21 of 22 bytes"},
		"empty":           {github.Asset{Size: 22}, nil, strings.NewReader(""), fault.Network, "https://h/a: ended after 0 of 22 bytes"},
		"broken":          {github.Asset{Size: 22}, nil, io.MultiReader(strings.NewReader(body), iotest.ErrReader(errors.New("reset"))), fault.Network, "https://h/a: reset after 21 of 22 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify(t, c.asset, c.headers, c.body)
			if err == nil {
				t.Fatal("accepted")
			}
			if kind, _ := fault.KindOf(err); kind != c.kind || err.Error() != c.want {
				t.Errorf("kind %d\ngot  %s\nwant %s", kind, err, c.want)
			}
		})
	}
}

func TestAnAddressThatCannotBeAskedIsTheServersFault(t *testing.T) {
	verifier := &Verifier{Client: &transport.Client{}}
	_, err := verifier.Verify(&github.Asset{Name: "a", Size: 21, URL: "ftp://h/a"})
	want := "browser_download_url of a: ftp://h/a: is neither http nor https"
	if kind, _ := fault.KindOf(err); kind != fault.Answer || err.Error() != want {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
