package releases

import (
	"slices"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/watch"
)

func none(string) bool { return false }

const githubPage = `[{"url":"https://api/repos/O/R/releases/1","id":1,"tag_name":"v1.2","name":null,"draft":false,"prerelease":true,
	"published_at":"2026-01-02T03:04:05Z","author":{"login":"x"},"assets":[
	{"url":"https://api/repos/o/r/releases/assets/1","name":"a","label":null,"state":"uploaded","size":5,"digest":null,"updated_at":"u","browser_download_url":"https://h/a"},
	{"name":"b","state":"open","size":0},{"name":"b","state":"uploaded","size":7,"digest":"sha256:X"}]},
	{"id":2,"tag_name":"v1.2","draft":true,"published_at":null,"assets":[{"name":"a","state":"uploaded","size":6,"digest":"sha256:Y","browser_download_url":"https://h/b"}]}]`

func TestAPageOfGitHubIsRead(t *testing.T) {
	page, err := github{}.parse(githubPage, &watch.Entry{Repository: "o/r"}, none)
	if err != nil || len(page.Releases) != 2 || page.Moved != "" {
		t.Fatalf("got %+v, %v, want two releases of a repository that has not moved", page, err)
	}
	first, second := page.Releases[0], page.Releases[1]
	if first.ID != 1 || first.Tag != "v1.2" || first.Draft || !first.Prerelease || first.PublishedAt != "2026-01-02T03:04:05Z" || len(first.Assets) != 3 {
		t.Errorf("got %+v, want the prerelease 1 of v1.2 with three assets", first)
	}
	if second.ID != 2 || second.Tag != "v1.2" || !second.Draft || second.PublishedAt != "" || second.Assets != nil {
		t.Errorf("got %+v, want the draft 2 of v1.2 without date and assets", second)
	}
	want := Asset{Name: "a", State: "uploaded", Size: 5, UpdatedAt: "u", URL: "https://h/a", API: "https://api/repos/o/r/releases/assets/1"}
	if got, ok := first.Find("a"); !ok || got != want {
		t.Errorf("Find(%q) = %+v, %t, want %+v, true", "a", got, ok, want)
	}
	if got, ok := first.Find("b"); !ok || got.Size != 7 {
		t.Errorf("Find(%q) = %+v, %t, want size 7, true", "b", got, ok)
	}
	if _, ok := first.Find("A"); ok {
		t.Errorf("Find(%q) = _, true, want false", "A")
	}
}

func TestARepositoryThatMovedIsNoticed(t *testing.T) {
	for repository, want := range map[string]string{"o/r": "", "O/R": "", "old/r": "O/R"} {
		page, err := github{}.parse(githubPage, &watch.Entry{Repository: repository}, none)
		if err != nil || page.Moved != want {
			t.Errorf("%s: got moved to %q, %v, want %q", repository, page.Moved, err, want)
		}
	}
	for _, url := range []string{"", "https://h/releases/1", "https://h/repos/o/releases/1", "https://h/repos/o/r/x/releases/1"} {
		if moved := ownerAndName(url); moved != "" {
			t.Errorf("ownerAndName(%q) = %q, want %q", url, moved, "")
		}
	}
}

func TestWhatAServerNamesHasNoControlCharacters(t *testing.T) {
	const odd = `a\u001b[2J\n`
	body := strings.ReplaceAll(`[{"tag_name":"?","published_at":"?","assets":[{"name":"?","state":"?","digest":"?","updated_at":"?","browser_download_url":"?","url":"?"}]}]`, "?", odd)
	page, err := github{}.parse(body, &watch.Entry{}, none)
	if err != nil {
		t.Fatalf("parse() = _, %v, want nil", err)
	}
	var out strings.Builder
	writeReleases(&out, page.Releases)
	if text := out.String(); strings.Contains(text, `\u001b`) || strings.Contains(text, `\n`) || strings.Count(text, "a\uFFFD[2J\uFFFD") != 8 {
		t.Errorf("got %s, want eight names without control characters", text)
	}
}

const goList = `[{"version":"go1.26rc1","stable":false,"files":[]},{"version":"go1.25.3","stable":true,"files":[
	{"filename":"go1.25.3.linux-amd64.tar.gz","os":"linux","arch":"amd64","version":"go1.25.3","sha256":"ab","size":9,"kind":"archive"},
	{"filename":"go1.25.3.src.tar.gz","os":"","sha256":"","size":1}]},{"version":"go1.2.2","stable":true,"files":null}]`

func TestTheListOfGoIsRead(t *testing.T) {
	page, err := golang{}.parse(goList, &watch.Entry{Base: "https://go/dl"}, none)
	if err != nil || len(page.Releases) != 3 || page.Next != "" {
		t.Fatalf("got %+v, %v, want three releases and no further page", page, err)
	}
	if !page.Releases[0].Prerelease || page.Releases[1].Prerelease || page.Releases[1].PublishedAt != "" {
		t.Errorf("got %+v, want only the first to be a prerelease, and no date of the second", page.Releases)
	}
	want := []Asset{
		{Name: "go1.25.3.linux-amd64.tar.gz", State: "uploaded", Size: 9, Digest: "sha256:ab", URL: "https://go/dl/go1.25.3.linux-amd64.tar.gz"},
		{Name: "go1.25.3.src.tar.gz", State: "uploaded", Size: 1, URL: "https://go/dl/go1.25.3.src.tar.gz"},
	}
	if got := page.Releases[1].Assets; !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

const nodeIndex = `[{"version":"v25.1.0","date":"2026-03-24","files":["linux-x64"],"lts":false,"security":true},
	{"version":"v24.14.1","date":"2026-03-20","files":[],"lts":"Krypton"},{"version":"v23.0.0","date":null,"lts":false}]`

func TestTheIndexOfNodeIsRead(t *testing.T) {
	entry := &watch.Entry{Base: "https://n/dist", Tag: "v{version}", Assets: map[string]string{"p": "node-v{version}-x.tar.xz", "q": "node-v{version}-x.tar.xz", "r": "a b"}}
	page, err := nodejs{}.parse(nodeIndex, entry, none)
	if err != nil || len(page.Releases) != 3 || page.Releases[0].PublishedAt != "2026-03-24T00:00:00Z" || page.Releases[2].PublishedAt != "" {
		t.Fatalf("got %+v, %v, want three releases, the first of 2026-03-24, the last without date", page, err)
	}
	want := []Asset{
		{Name: "a b", State: "uploaded", Size: -1, URL: "https://n/dist/v25.1.0/a%20b"},
		{Name: "node-v25.1.0-x.tar.xz", State: "uploaded", Size: -1, URL: "https://n/dist/v25.1.0/node-v25.1.0-x.tar.xz"},
		{Name: "SHASUMS256.txt", State: "uploaded", Size: -1, URL: "https://n/dist/v25.1.0/SHASUMS256.txt"},
	}
	if got := page.Releases[0].Assets; !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	entry.LTS = true
	if page, err = (nodejs{}).parse(nodeIndex, entry, none); err != nil || len(page.Releases) != 1 || page.Releases[0].Tag != "v24.14.1" {
		t.Errorf("got %+v, %v, want only v24.14.1", page, err)
	}
}

func TestOfAWholeListTheNewAndTheRecordedAreKept(t *testing.T) {
	var all []Release
	for i := range 50 {
		all = append(all, Release{Tag: strings.Repeat("x", i)})
	}
	kept := keep(all, func(tag string) bool { return len(tag) == 0 || len(tag) == 40 })
	if kept[0].ID != 1 || kept[30].ID != 41 {
		t.Errorf("got the numbers %d and %d, want 1 and 41", kept[0].ID, kept[30].ID)
	}
	if len(kept) != 31 || len(kept[30].Tag) != 40 {
		t.Errorf("got %d releases, the 31st with the tag %q, want 31, with a tag of 40 characters", len(kept), kept[30].Tag)
	}
}

func TestWhatIsNotAListOfReleasesIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		kind  kind
		texts []string
	}{
		"github": {github{}, []string{"{}", "<html>", `[{}]`, `[{"tag_name":null}]`, `[{"tag_name":1}]`, `[{"tag_name":"a"`, githubPage[:len(githubPage)/2], strings.Repeat("[", 1000)}},
		"go":     {golang{}, []string{"{}", "", `[{"stable":true}]`, `[{"version":"a","files":{}}]`, `[{"version":"a","stable":"yes"}]`}},
		"nodejs": {nodejs{}, []string{"{}", "", `[{"lts":"x"}]`, `[{"version":1}]`}},
	} {
		for _, text := range c.texts {
			if page, err := c.kind.parse(text, &watch.Entry{}, none); err == nil {
				t.Errorf("%s: parse(%q) = %+v, want an error", name, text, page)
			}
		}
	}
}

func TestADigestIsSHA256OrNothing(t *testing.T) {
	hex := strings.Repeat("0aB", 21) + "f"
	for text, want := range map[string]string{"": "", "sha256:" + hex: strings.ToLower(hex)} {
		if got, err := (&Asset{Digest: text}).SHA256(); err != nil || got != want {
			t.Errorf("SHA256() of %q = %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"sha1:0", "sha256:", "sha256:" + hex + "0", "sha256:" + hex[1:] + "g", hex} {
		_, err := (&Asset{Digest: text, Name: "a"}).SHA256()
		if kind, _ := fault.KindOf(err); err == nil || kind != fault.Answer {
			t.Errorf("SHA256() of %q = _, %v, want kind %v", text, err, fault.Answer)
		}
	}
}

func TestAKeptPageIsTheSame(t *testing.T) {
	page, err := github{}.parse(githubPage, &watch.Entry{Repository: "x/y"}, none)
	if err != nil {
		t.Fatalf("parse() = _, %v, want nil", err)
	}
	page.Next = "https://next"
	again, err := load(save(page))
	if err != nil || again.Next != page.Next || again.Moved != "O/R" || save(again) != save(page) {
		t.Errorf("got %+v, %v, want %+v", again, err, page)
	}
}

func TestTheNextPageIsThatOfTheLink(t *testing.T) {
	for link, want := range map[string]string{
		"": "",
		`<https://a/?page=2>; rel="next", <https://a/?page=9>; rel="last"`: "https://a/?page=2",
		`<https://a/?page=1>; rel="prev", <https://a/?page=3,4>; rel=next`: "https://a/?page=3,4",
		`<https://a>; title="x"; REL="next"`:                               "https://a",
		`<https://a>; rel="last"`:                                          "",
		`<https://a`:                                                       "",
		`https://a; rel="next"`:                                            "",
	} {
		if got := next(link); got != want {
			t.Errorf("next(%q) = %q, want %q", link, got, want)
		}
	}
}

func FuzzLists(f *testing.F) {
	f.Add(githubPage)
	f.Add(goList)
	f.Add(nodeIndex)
	entry := &watch.Entry{Repository: "o/r", Base: "https://b", Tag: "v{version}", Assets: map[string]string{"p": "a-{version}"}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []kind{github{}, golang{}, nodejs{}} {
			page, err := kind.parse(text, entry, none)
			if err != nil {
				continue
			}
			saved := save(page)
			again, err := load(saved)
			if err != nil || save(again) != saved {
				t.Errorf("%T: %q: got %+v, %v, want %s", kind, text, again, err, saved)
			}
		}
	})
}

func FuzzNext(f *testing.F) {
	f.Add(`<https://a/?page=2>; rel="next", <https://a/?page=9>; rel="last"`)
	f.Fuzz(func(t *testing.T, link string) {
		if url := next(link); url != "" && !strings.Contains(link, "<"+url+">") {
			t.Errorf("next(%q) = %q, want a URL of the link", link, url)
		}
	})
}
