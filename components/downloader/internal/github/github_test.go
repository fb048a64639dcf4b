package github

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// script answers every request with one status and body, and keeps the last request.
type script struct {
	status int
	body   io.Reader
	last   *transport.Request
}

var _ transport.Transport = (*script)(nil)

func (s *script) Send(request *transport.Request) (*transport.Response, error) {
	s.last = request
	return &transport.Response{Status: s.status, Headers: http.Header{}, Body: io.NopCloser(s.body)}, nil
}

func latest(s *script) (*Release, error) {
	client := &transport.Client{Transport: s, Now: time.Now}
	return (&API{Base: "https://api.example", Token: "secret", Client: client}).Latest("o/r")
}

const wac = `{"id":1,"tag_name":"v1.2.3","name":null,"draft":false,"published_at":"2026-01-02T03:04:05Z","author":{"login":"x"},
	"assets":[{"name":"a","label":null,"state":"uploaded","size":5,"digest":null,"browser_download_url":"https://h/a"},
	{"name":"b","state":"open","size":0},{"name":"b","state":"uploaded","size":7,"digest":"sha256:X"}]}`

func TestLatestAsksAsTheAPIWantsIt(t *testing.T) {
	s := &script{status: 200, body: strings.NewReader(wac)}
	if _, err := latest(s); err != nil {
		t.Fatal(err)
	}
	if got := s.last.URL.String(); got != "https://api.example/repos/o/r/releases/latest" {
		t.Error(got)
	}
	want := map[string]string{
		"User-Agent": "doit-wasm", "Accept": "application/vnd.github+json",
		"X-GitHub-Api-Version": "2022-11-28", "Authorization": "Bearer secret",
	}
	for _, header := range s.last.Headers {
		if want[header.Name] != header.Value {
			t.Errorf("%s: %s", header.Name, header.Value)
		}
		delete(want, header.Name)
	}
	if len(want) > 0 {
		t.Errorf("lacks %v", want)
	}
}

func TestARefusedTokenIsNamedByItsVariable(t *testing.T) {
	_, err := latest(&script{status: 401, body: strings.NewReader(`{"message":"Bad credentials"}`)})
	want := "https://api.example/repos/o/r/releases/latest: 401 Bad credentials; the token came from GITHUB_TOKEN"
	if kind, _ := fault.KindOf(err); kind != fault.Status || err.Error() != want {
		t.Error(err)
	}
}

func TestABadBaseIsNamedByItsVariable(t *testing.T) {
	_, err := (&API{Base: "ftp://h", Client: &transport.Client{}}).Latest("o/r")
	want := "ftp://h/repos/o/r/releases/latest: is neither http nor https; the address comes from GITHUB_API_URL"
	if kind, _ := fault.KindOf(err); kind != fault.Invalid || err.Error() != want {
		t.Error(err)
	}
}

func TestWhatTheServerNamesHasNoControlCharacters(t *testing.T) {
	const odd = `a\u001b[2J\n`
	body := `{"tag_name":"` + odd + `","published_at":"` + odd + `","assets":[{"name":"` + odd + `","state":"uploaded","digest":"` + odd + `","browser_download_url":"` + odd + `"}]}`
	release, err := latest(&script{status: 200, body: strings.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	const plain = "a\uFFFD[2J\uFFFD"
	asset, ok := release.Asset(plain)
	if !ok || release.Tag != plain || release.PublishedAt != plain || asset.Digest != plain || asset.URL != plain {
		t.Errorf("%+v", release)
	}
}

func TestABodyThatIsNoReleaseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		body io.Reader
		kind fault.Kind
		want string
	}{
		"HTML":          {strings.NewReader("<html>"), fault.Answer, "is not a release: line 1: `{` should be here"},
		"cut off":       {strings.NewReader(wac[:60]), fault.Answer, "is not a release: the text ends too early"},
		"a list":        {strings.NewReader("[" + wac + "]"), fault.Answer, "is not a release: line 1: `{` should be here"},
		"no tag":        {strings.NewReader(`{"tag_name":null}`), fault.Answer, "is not a release: tag_name is missing"},
		"assets object": {strings.NewReader(`{"tag_name":"v1","assets":{}}`), fault.Answer, "is not a release: line 1: `[` should be here"},
		"deep":          {strings.NewReader(`{"x":` + strings.Repeat("[", 1000)), fault.Answer, "is not a release: line 1: nested deeper than 100 levels"},
		"endless":       {io.LimitReader(spaces{}, 1<<40), fault.Answer, "more than 16777216 bytes"},
		"broken":        {io.MultiReader(strings.NewReader(wac[:9]), broken{}), fault.Network, "connection reset"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := latest(&script{status: 200, body: c.body})
			if err == nil {
				t.Fatal("accepted")
			}
			if kind, _ := fault.KindOf(err); kind != c.kind {
				t.Errorf("kind %d", kind)
			}
			if want := "https://api.example/repos/o/r/releases/latest: " + c.want; err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
		})
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestAnAssetIsThereWhenItIsUploadedUnderThatName(t *testing.T) {
	release, err := latest(&script{status: 200, body: strings.NewReader(wac)})
	if err != nil {
		t.Fatal(err)
	}
	if asset, ok := release.Asset("a"); !ok || asset.Size != 5 || asset.URL != "https://h/a" || asset.Digest != "" {
		t.Errorf("%+v", asset)
	}
	if asset, ok := release.Asset("b"); !ok || asset.Size != 7 {
		t.Errorf("the open one was taken: %+v", asset)
	}
	for _, name := range []string{"", "A", "a ", "c"} {
		if _, ok := release.Asset(name); ok {
			t.Errorf("there is an asset %q", name)
		}
	}
}

func TestDateIsADay(t *testing.T) {
	for published, want := range map[string]string{
		"2026-01-02T03:04:05Z": "2026-01-02",
		"2024-02-29T00:00:00Z": "2024-02-29",
		"2026-02-29T00:00:00Z": "", "2026-1-2T00:00:00Z": "", "2026-01-02": "", "yesterday": "", "": "",
	} {
		day, err := (&Release{Tag: "v1", PublishedAt: published}).Date()
		if day != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", published, day, err)
		}
	}
}

func TestADigestIsSHA256(t *testing.T) {
	digits := strings.Repeat("0123456789abcdef", 4)
	for digest, want := range map[string]string{
		"":                                  "",
		"sha256:" + digits:                  digits,
		"sha256:" + strings.ToUpper(digits): digits,
		digits:                              "error",
		"sha512:" + digits:                  "error",
		"sha256:" + digits[1:]:              "error",
		"sha256:" + digits + "0":            "error",
		"sha256:" + digits[1:] + "g":        "error",
		"sha256:" + digits[:31] + "  " + digits[33:]: "error",
		"SHA256:" + digits:                           "error",
	} {
		sum, err := (&Asset{Name: "a", Digest: digest}).SHA256()
		if err != nil {
			sum = "error"
		}
		if kind, ok := fault.KindOf(err); sum != want || ok && kind != fault.Answer {
			t.Errorf("%q: %q, %v", digest, sum, err)
		}
	}
}
