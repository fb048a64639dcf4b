package update

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/releases"
)

func TestAPollNeedsADirectoryForItsFiles(t *testing.T) {
	w := newWorld(t)
	err := w.begin("poll", "wac")
	if kind, _ := fault.KindOf(err); kind != fault.Invalid || !strings.Contains(err.Error(), "CHECKSUM_UPDATER_RELEASES") {
		t.Errorf("got %v, want an invalid variable", err)
	}
}

func TestAnUpdateFromAReleaseFileAsksNoListOfReleases(t *testing.T) {
	w := newWorld(t)
	w.updater.Releases = w.path("releases")
	w.write("tools/wac.json", "{")
	w.write("releases/other.json", "")
	if outcome := w.one("poll"); outcome.State != Polled || outcome.After != "2.0" || outcome.Problem != nil {
		t.Fatalf("got %+v, want 2.0 polled, whatever is recorded", outcome)
	}
	if got := w.text("wac"); got != "{" {
		t.Errorf("got %s, want the tool file untouched", got)
	}
	if err := os.Remove(w.path("tools/wac.json")); err != nil {
		t.Fatal(err)
	}
	w.host.Asked = nil
	if outcome := w.one("update"); outcome.State != Updated || outcome.Assets != 2 {
		t.Errorf("got %+v, want 2.0 recorded", outcome)
	}
	for _, url := range w.urls() {
		if strings.HasPrefix(url, "https://api/") {
			t.Errorf("got a request of %s, want none of the API", url)
		}
	}
}

func TestAReleaseFileIsAPage(t *testing.T) {
	folder := t.TempDir()
	file := releases.File{Tool: "wac", Releases: []releases.Release{{ID: 7, Tag: "v1.0.0"}}}
	write(t, filepath.Join(folder, "wac.json"), file.Text())
	page, err := releaseFiles(folder).page("wac")
	if err != nil || len(page.Releases) != 1 || page.Releases[0].Tag != "v1.0.0" || page.Next != "" {
		t.Errorf("got %+v, %v, want one release and no next page", page, err)
	}
}

func TestAFileThatIsNotTheReleaseFileOfTheToolIsRefused(t *testing.T) {
	folder := t.TempDir()
	cases := map[string]string{
		"none": "does not exist: none was not polled yet",
		"cut":  "is not a release file",
		"else": "is about `wac`",
	}
	write(t, filepath.Join(folder, "cut.json"), "{")
	write(t, filepath.Join(folder, "else.json"), `{"tool":"wac"}`)
	for tool, want := range cases {
		if _, err := releaseFiles(folder).page(tool); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", tool, err, want)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
