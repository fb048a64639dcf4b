package releases

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func sample() *File {
	asset := Asset{
		Name: `wac "x"`, State: Uploaded, Size: 12, Digest: "sha256:ab", UpdatedAt: "2026-11-20T12:00:00Z",
		URL: "https://host.test/o/wac/releases/download/v1.0.0/wac", API: "https://api.test/repos/o/wac/releases/assets/7",
	}
	unsized := asset
	unsized.Size = -1
	return &File{
		Tool: "wac", Source: "https://api.test/repos/o/wac/releases",
		Newest:     &Newest{Version: "1.0.0", Tag: "v1.0.0", Date: "2026-11-20", Assets: []PlatformAsset{{Platform: "linux_amd64", Asset: asset}}},
		PassedOver: []Passed{{Version: "2.0.0", Tag: "v2.0.0", Reason: "it is too young", Until: "2026-12-01"}},
		Releases: []Release{
			{ID: 7, Tag: "v1.0.0", PublishedAt: "2026-11-20T12:00:00Z", Assets: []Asset{asset, unsized}},
			{ID: 8, Tag: "v0.9.0", Draft: true, Prerelease: true},
		},
	}
}

func TestAReleaseFileIsCanonicalJSON(t *testing.T) {
	for _, file := range []*File{sample(), {Tool: "wac"}} {
		text := file.Text()
		var document any
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		// The standard library sorts keys.
		want, err := json.MarshalIndent(document, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if text != string(want)+"\n" {
			t.Errorf("got %s\nwant %s", text, want)
		}
	}
}

func TestAReleaseFileNamesThePageOfTheRelease(t *testing.T) {
	file := sample()
	if want := `"url": "https://host.test/o/wac/releases/tag/v1.0.0",`; !strings.Contains(file.Text(), want) {
		t.Errorf("got %s, want %s in it", file.Text(), want)
	}
}

func TestTheReleasesOfAReleaseFileAreReadAsTheyWereWritten(t *testing.T) {
	file := sample()
	read, err := ParseFile(file.Text())
	if err != nil || read.Tool != "wac" || !reflect.DeepEqual(read.Releases, file.Releases) {
		t.Errorf("got %+v, %v, want %+v", read, err, file.Releases)
	}
}

func TestWhatIsNotAReleaseFileIsRefused(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"releases":1}`, `{"releases":[{"assets":"x"}]}`, `{}}`} {
		if _, err := ParseFile(text); err == nil {
			t.Errorf("ParseFile(%s): got no error, want one", text)
		}
	}
	letters := strings.Split(sample().Text(), "")
	for at := range letters {
		cut := strings.Join(slices.Delete(slices.Clone(letters), at, len(letters)), "")
		if _, err := ParseFile(cut); err == nil && strings.TrimSpace(cut) != strings.TrimSpace(sample().Text()) {
			t.Fatalf("ParseFile of the first %d letters: got no error, want one", at)
		}
	}
}
