package update

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/github"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// native sends requests with net/http, which a component cannot.
type native struct{}

func (native) Send(request *transport.Request) (*transport.Response, error) {
	sent := &http.Request{Method: http.MethodGet, URL: request.URL, Header: http.Header{}}
	for _, header := range request.Headers {
		sent.Header.Add(header.Name, header.Value)
	}
	answer, err := http.DefaultTransport.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	return &transport.Response{Status: answer.StatusCode, Headers: answer.Header, Body: answer.Body}, nil
}

type nativeHasher struct{ hash.Hash }

func (n nativeHasher) Write(bytes []byte) { n.Hash.Write(bytes) }
func (n nativeHasher) Sum() string        { return hex.EncodeToString(n.Hash.Sum(nil)) }
func (n nativeHasher) Close()             {}

// validator takes tools.toml to be JSON already, and returns what it is to record, and what it says is
// the latest version, as the new text.
type validator struct {
	latest  string
	refusal error
}

var _ Validator = (*validator)(nil)

func (v *validator) Watched(config string) (string, error) {
	if config == "broken" {
		return "", fault.Errorf(fault.Invalid, "line 1: broken")
	}
	return config, nil
}

func (v *validator) Record(input string) (string, error) {
	return `{"latest_version":"` + v.latest + `",` + input[1:], v.refusal
}

// world is a directory of checksums and a site that a test edits.
type world struct {
	folder    string
	release   map[string]any
	files     map[string]string // by path
	asked     []*http.Request
	validator validator
	updater   *Updater
}

const (
	bytesA = "bytes of a"
	bytesB = "other bytes of b"
	config = `{"wac":{"repository":"o/r","tag":"v{version}","assets":{"p1":"a-{version}","p2":"b-{version}","p3":"a-{version}"}}}`
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{folder: t.TempDir(), files: map[string]string{"/a": bytesA, "/b": bytesB}, validator: validator{latest: "2.0"}}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	uploaded := func(name, path, text string) map[string]any {
		return map[string]any{
			"name": name, "state": "uploaded", "size": len(text),
			"digest": "sha256:" + digest(text), "browser_download_url": server.URL + "/download" + path,
		}
	}
	w.release = map[string]any{
		"tag_name": "v2.0", "published_at": "2026-01-02T03:04:05Z",
		"assets": []any{uploaded("a-2.0", "/a", bytesA), uploaded("b-2.0", "/b", bytesB), uploaded("c", "/c", "c")},
	}
	client := &transport.Client{Transport: native{}, Now: time.Now}
	w.updater = &Updater{
		Validator: &w.validator,
		Releases:  &github.API{Base: server.URL + "/api", Token: "secret", Client: client},
		Verifier:  &asset.Verifier{Client: client, NewHasher: func() asset.Hasher { return nativeHasher{sha256.New()} }},
	}
	w.write(t, "tools.toml", config)
	return w
}

func (w *world) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	w.asked = append(w.asked, request)
	path := request.URL.Path
	if path == "/api/repos/o/r/releases/latest" {
		json.NewEncoder(out).Encode(w.release)
		return
	}
	if rest, ok := strings.CutPrefix(path, "/download"); ok {
		http.Redirect(out, request, rest+"?sig=1", http.StatusFound)
		return
	}
	text, ok := w.files[path]
	if !ok {
		http.NotFound(out, request)
		return
	}
	io.WriteString(out, text)
}

func (w *world) asset(i int) map[string]any { return w.release["assets"].([]any)[i].(map[string]any) }

func (w *world) path(name string) string { return filepath.Join(w.folder, name) }

func (w *world) write(t *testing.T, name, text string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(w.path(name)), 0o755), os.WriteFile(w.path(name), []byte(text), 0o644))
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) update(dryRun bool) (Outcome, error) {
	return w.updater.Update(w.path("tools/wac.json"), dryRun)
}

// text returns the tool file, "" if there is none.
func (w *world) text(t *testing.T) string {
	t.Helper()
	entries, err := os.ReadDir(w.path("tools"))
	if err != nil && !errors.Is(err, os.ErrNotExist) || len(entries) > 1 {
		t.Fatalf("%v: %v", entries, err)
	}
	text, _ := os.ReadFile(w.path("tools/wac.json"))
	return string(text)
}
