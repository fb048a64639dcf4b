package update

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
)

func TestANewReleaseIsRecordedWithAllItsPlatforms(t *testing.T) {
	old := "{\n  \"latest_version\": \"1.0\", \"versions\": {\"1.0\": {\"x\": [1]}}, \"note\": \"\\u00e9\"\n}"
	for name, c := range map[string]struct{ before, document, version string }{
		"of a known tool": {old, old, "1.0"},
		"of a new tool":   {"", `{"github_repo":"o/r"}`, ""},
		"of an old style": {"{}", "{}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.before != "" {
				w.write(t, "tools/wac.json", c.before)
			}
			w.asset(1)["digest"] = nil
			outcome, err := w.update(false)
			if want := (Outcome{Updated, c.version, "2.0", "2.0", 2, 26}); err != nil || outcome != want {
				t.Fatalf("%+v, %v", outcome, err)
			}
			entry := func(name, text, by string) string {
				return fmt.Sprintf(`{"asset":"%s-2.0","sha256":"%s","size":%d,"confirmed_by":[%s]}`, name, digest(text), len(text), by)
			}
			document, _ := json.Marshal(c.document)
			want := `{"latest_version":"2.0","name":"wac","document":` + string(document) + `,"version":"2.0","release_date":"2026-01-02","tag":"v2.0","platforms":{` +
				`"p1":` + entry("a", bytesA, `"digest","bytes"`) + `,"p2":` + entry("b", bytesB, `"bytes"`) + `,"p3":` + entry("a", bytesA, `"digest","bytes"`) + `}}`
			if got := w.text(t); unescaped(t, got) != unescaped(t, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// unescaped makes two spellings of the same JSON one.
func unescaped(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(text, err)
	}
	again, _ := json.Marshal(value)
	return string(again)
}

func TestADryRunDoesEverythingButTheWriting(t *testing.T) {
	w := newWorld(t)
	outcome, err := w.update(true)
	if want := (Outcome{Updated, "", "2.0", "2.0", 2, 26}); err != nil || outcome != want {
		t.Errorf("%+v, %v", outcome, err)
	}
	if len(w.asked) != 5 || w.text(t) != "" {
		t.Errorf("%d requests, file %q", len(w.asked), w.text(t))
	}
}

func TestABackportDoesNotBecomeTheLatest(t *testing.T) {
	w := newWorld(t)
	w.write(t, "tools/wac.json", `{"latest_version":"3.0"}`)
	w.validator.latest = "3.0"
	outcome, err := w.update(false)
	if want := (Outcome{Updated, "3.0", "2.0", "3.0", 2, 26}); err != nil || outcome != want {
		t.Errorf("%+v, %v", outcome, err)
	}
}

func TestTheTokenReachesTheAPIAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	if _, err := w.update(false); err != nil {
		t.Fatal(err)
	}
	for i, request := range w.asked {
		if got := request.Header.Get("Authorization"); (got == "Bearer secret") != (i == 0) || i > 0 && got != "" {
			t.Errorf("%s was sent %q", request.URL, got)
		}
	}
}

func TestARecordedReleaseIsNotDownloadedAgain(t *testing.T) {
	for name, c := range map[string]struct{ before, latest string }{
		"as the latest": {`{"latest_version":"2.0"}`, "2.0"},
		"as one of all": {`{"latest_version":"3.0","versions":{"1.0":{},"2.0":{}}}`, "3.0"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(t, "tools/wac.json", c.before)
			w.release["published_at"] = nil
			outcome, err := w.update(false)
			if want := (Outcome{Current, c.latest, "2.0", c.latest, 0, 0}); err != nil || outcome != want {
				t.Errorf("%+v, %v", outcome, err)
			}
			if len(w.asked) != 1 || w.text(t) != c.before {
				t.Errorf("%d requests, file %s", len(w.asked), w.text(t))
			}
		})
	}
}

func TestAReleaseThatLacksAnAssetIsIncomplete(t *testing.T) {
	for name, edit := range map[string]func(*world){
		"not yet made":     func(w *world) { w.release["assets"] = []any{w.asset(0)} },
		"not yet uploaded": func(w *world) { w.asset(1)["state"] = "open" },
		"other name":       func(w *world) { w.asset(1)["name"] = "b-2.0.zip" },
		"none at all":      func(w *world) { w.release["assets"] = nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(t, "tools/wac.json", `{"latest_version":"1.0"}`)
			edit(w)
			outcome, err := w.update(false)
			if want := (Outcome{Incomplete, "1.0", "2.0", "1.0", 0, 0}); err != nil || outcome != want {
				t.Errorf("%+v, %v", outcome, err)
			}
			if len(w.asked) != 1 || w.text(t) != `{"latest_version":"1.0"}` {
				t.Errorf("%d requests, file %s", len(w.asked), w.text(t))
			}
		})
	}
}

func TestAFailedUpdateLeavesTheToolFileAsItWas(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*testing.T, *world)
		kind fault.Kind
		want string
	}{
		"swapped asset":    {func(t *testing.T, w *world) { w.files["/b"] = strings.ToUpper(bytesB) }, fault.Mismatch, "/download/b: sha256 "},
		"cut-off asset":    {func(t *testing.T, w *world) { w.files["/b"] = "b" }, fault.Mismatch, "/download/b: 1 bytes are offered, 16 were published"},
		"odd digest":       {func(t *testing.T, w *world) { w.asset(1)["digest"] = "sha1:0" }, fault.Answer, "digest: `sha1:0`"},
		"lost asset":       {func(t *testing.T, w *world) { delete(w.files, "/b") }, fault.Status, "/download/b: 404 not found"},
		"asset off line":   {func(t *testing.T, w *world) { w.asset(1)["browser_download_url"] = "http://127.0.0.1:1/b" }, fault.Network, "http://127.0.0.1:1/b: "},
		"asset of no url":  {func(t *testing.T, w *world) { w.asset(1)["browser_download_url"] = nil }, fault.Answer, "browser_download_url of b-2.0: : is neither http nor https"},
		"no date":          {func(t *testing.T, w *world) { w.release["published_at"] = nil }, fault.Answer, "published_at: "},
		"other tag":        {func(t *testing.T, w *world) { w.release["tag_name"] = "canary" }, fault.Invalid, "tag: `canary` of o/r does not fit `v{version}`"},
		"other repository": {func(t *testing.T, w *world) { w.write(t, "tools.toml", strings.ReplaceAll(config, "o/r", "o/x")) }, fault.Status, "/repos/o/x/releases/latest: 404 not found"},
		"not watched":      {func(t *testing.T, w *world) { w.write(t, "tools.toml", "{}") }, fault.Invalid, "wac: has no entry in "},
		"broken config":    {func(t *testing.T, w *world) { w.write(t, "tools.toml", "broken") }, fault.Invalid, "line 1: broken"},
		"no config":        {func(t *testing.T, w *world) { os.Remove(w.path("tools.toml")) }, fault.File, "tools.toml: does not exist"},
		"refused":          {func(t *testing.T, w *world) { w.validator.refusal = fault.Errorf(fault.Invalid, "versions: bad") }, fault.Invalid, "versions: bad"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			const before = `{"latest_version":"1.0"}`
			w.write(t, "tools/wac.json", before)
			c.edit(t, w)
			outcome, err := w.update(false)
			if kind, ok := fault.KindOf(err); !ok || kind != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("kind %d: %v", kind, err)
			}
			if outcome != (Outcome{}) || w.text(t) != before {
				t.Errorf("%+v, file %s", outcome, w.text(t))
			}
		})
	}
}

func TestABrokenToolFileIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "tools/wac.json: is empty",
		"{":                       "tools/wac.json: the text ends too early",
		"[]":                      "tools/wac.json: line 1: `{` should be here",
		`{"latest_version":2}`:    "tools/wac.json: line 1: a string should be here",
		`{"versions":["1.0"]}`:    "tools/wac.json: line 1: `{` should be here",
		"<<<<<<< HEAD\n{}":        "tools/wac.json: line 1: `{` should be here",
		"\xef\xbb\xbf{}":          "tools/wac.json: line 1: `{` should be here",
		"{\"a\":\"\xff\"}":        "tools/wac.json: is not UTF-8 text",
		"{}\n" + `{"versions":1}`: "tools/wac.json: line 2: the text should end here",
	} {
		w := newWorld(t)
		w.write(t, "tools/wac.json", text)
		if _, err := w.update(false); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
		if len(w.asked) != 0 || w.text(t) != text {
			t.Errorf("%q: %d requests, file %q", text, len(w.asked), w.text(t))
		}
	}
}

func TestAToolThatNobodyKnowsIsUnknown(t *testing.T) {
	w := newWorld(t)
	_, err := w.updater.Update(w.path("tools/waq.json"), false)
	if kind, ok := fault.KindOf(err); !ok || kind != fault.UnknownTool || err.Error() != "waq" {
		t.Error(err)
	}
	if len(w.asked) != 0 {
		t.Errorf("%d requests", len(w.asked))
	}
}

func TestAPathThatIsNoToolFileIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"", "wac", w.path("wac.json"), w.folder + "/tools/../tools/wac.json", w.path("tools.toml")} {
		if _, err := w.updater.Update(path, false); err == nil {
			t.Errorf("%q: accepted", path)
		}
	}
	if !slices.Equal(w.asked, nil) {
		t.Errorf("%d requests", len(w.asked))
	}
}
