package update

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

func TestAToolThatFailsLeavesItsFileAndTheOthers(t *testing.T) {
	const page, one = "https://api/repos/o/r/releases?per_page=30", "https://api/repos/o/r/releases?per_page=1"
	for name, c := range map[string]struct {
		edit func(*world)
		kind fault.Kind
		want string
	}{
		"swapped asset":   {func(w *world) { w.pages["https://cdn/b?sig=1"] = fake.Reply{Body: strings.ToUpper(bytesB)} }, fault.Mismatch, "https://web/b-2.0: sha256 is " + digest(bytesB) + " by the list of releases, " + digest(strings.ToUpper(bytesB)) + " by its bytes"},
		"short asset":     {func(w *world) { w.pages["https://cdn/b?sig=1"] = fake.Reply{Body: "b"} }, fault.Network, "https://web/b-2.0: ended after 1 of 16 bytes, tried 3 times"},
		"odd digest":      {func(w *world) { w.asset(1)["digest"] = "sha1:0" }, fault.Answer, "digest: `sha1:0` of b-2.0 is not sha256: and 64 hex digits"},
		"no size":         {func(w *world) { w.asset(1)["size"] = 0 }, fault.Answer, "size: 0 of b-2.0 is not the size of an asset"},
		"asset gone":      {func(w *world) { w.asset(1)["state"] = "open" }, fault.Answer, "assets: b-2.0 is not in release v2.0"},
		"lost asset":      {func(w *world) { w.asset(1)["url"] = nil; delete(w.pages, "https://web/b-2.0") }, fault.Status, "https://web/b-2.0: 404 Not Found"},
		"asset off line":  {func(w *world) { w.pages["https://web/b-2.0"] = fake.Reply{Refused: errors.New("refused")} }, fault.Network, "https://web/b-2.0: refused, tried 3 times"},
		"asset of no url": {func(w *world) { w.asset(1)["browser_download_url"] = nil; w.asset(1)["url"] = nil }, fault.Answer, "url of b-2.0: : is neither http nor https"},
		"a web page": {func(w *world) {
			w.asset(1)["url"] = nil
			w.pages["https://web/b-2.0"] = fake.Reply{Body: bytesB, Headers: map[string]string{"Content-Type": "text/html"}}
		}, fault.Answer, "https://web/b-2.0: a web page came where an asset should be"},
		"no releases": {func(w *world) { w.pages[page] = fake.Reply{Body: "[]"} }, fault.Answer, "repository: o/r has no release yet"},
		"not JSON":    {func(w *world) { w.pages[page] = fake.Reply{Body: "<html>"} }, fault.Answer, page + ": is not a list of releases: line 1: `[` should be here"},
		"too deep":    {func(w *world) { w.pages[page] = fake.Reply{Body: `[{"x":` + strings.Repeat("[", 200_000)} }, fault.Answer, page + ": is not a list of releases: line 1: nested deeper than 100 levels"},
		"cut off": {func(w *world) {
			w.pages[page] = fake.Reply{Body: "[]", Headers: map[string]string{"Content-Length": "3"}}
		}, fault.Network, page + ": ended after 2 of 3 bytes, tried 3 times"},
		"too large":     {func(w *world) { w.everyPage(fake.Reply{Headers: map[string]string{"Content-Length": "33554433"}}) }, fault.Answer, one + ": more than 33554432 bytes"},
		"endless":       {func(w *world) { w.everyPage(fake.Reply{Body: strings.Repeat(" ", 33554433)}) }, fault.Answer, one + ": more than 33554432 bytes"},
		"gzip":          {func(w *world) { w.pages[page] = fake.Reply{Headers: map[string]string{"Content-Encoding": "gzip"}} }, fault.Answer, page + ": came encoded as gzip, which was not asked for"},
		"bad token":     {func(w *world) { w.pages[page] = fake.Reply{Status: 401, Body: `{"message":"Bad credentials"}`} }, fault.Status, page + ": 401 Bad credentials; the token came from GITHUB_TOKEN"},
		"bad base":      {func(w *world) { w.api.Base = "ftp://api" }, fault.Invalid, "ftp://api/repos/o/r/releases?per_page=30: is neither http nor https; the address comes from GITHUB_API_URL"},
		"odd source":    {func(w *world) { w.write("tools.toml", `{"wac":{"source":"ftp"}}`) }, fault.Invalid, "source: `ftp` is none of github, go and nodejs"},
		"refused":       {func(w *world) { w.validator.refusal = fault.Errorf(fault.Invalid, "versions: bad") }, fault.Invalid, "versions: bad"},
		"no date":       {func(w *world) { w.undated() }, fault.Answer, "release_date: neither the list of releases nor the files of wac 2.0 have one"},
		"other release": {func(w *world) { w.mistagged() }, fault.Answer, "release: 9, `v2.0`, is not among the releases of wac"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			const before = `{"latest_version":"1.0"}`
			w.write("tools/wac.json", before)
			w.pages["https://go/dl/?mode=json&include=all"] = fake.Reply{Body: `[{"version":"go1","stable":true}]`, Delay: time.Second}
			c.edit(w)
			outcomes, _ := w.run("update", "wac", "nothing", "go")
			outcome := outcomes["wac"]
			want := strings.ReplaceAll(c.want, "FOLDER", w.folder)
			if kind, ok := fault.KindOf(outcome.Problem); !ok || kind != c.kind || outcome.Problem.Error() != want {
				t.Errorf("kind %d\ngot  %v\nwant %s", kind, outcome.Problem, want)
			}
			if outcome.State != Failed || outcome.Before != "1.0" || outcome.Latest != "1.0" || w.text("wac") != before {
				t.Errorf("got %+v, file %s, want state %v at 1.0, file %s", outcome, w.text("wac"), Failed, before)
			}
			if kind, _ := fault.KindOf(outcomes["nothing"].Problem); kind != fault.UnknownTool {
				t.Errorf("got %+v, want kind %v", outcomes["nothing"], fault.UnknownTool)
			}
			if goes := outcomes["go"]; name != "odd source" && name != "other release" && (goes.State != Failed || !strings.HasPrefix(goes.Problem.Error(), "assets: ")) {
				t.Errorf("got %+v, want state %v and a problem with assets", goes, Failed)
			}
		})
	}
}

func TestAToolThatIsNotWatchedIsNotPolled(t *testing.T) {
	for name, edit := range map[string]func(w *world){
		"no entry":  func(w *world) { w.write("tools.toml", `{"go":{"source":"go","base":"https://go/dl"}}`) },
		"no config": func(w *world) { os.Remove(w.path("tools.toml")) },
	} {
		w := newWorld(t)
		const before = `{"latest_version":"1.0"}`
		w.write("tools/wac.json", before)
		edit(w)
		got := w.one("update")
		want := Outcome{Tool: "wac", State: Unwatched, Before: "1.0", Latest: "1.0"}
		if !reflect.DeepEqual(got, want) || len(w.host.Asked) != 0 || w.text("wac") != before {
			t.Errorf("%s: got %+v after %d requests, want %+v after none", name, got, len(w.host.Asked), want)
		}
	}
}

func (w *world) undated() {
	w.validator.plan = func(question object) (object, error) {
		planned, err := newer(question)
		planned["release_date"] = ""
		return planned, err
	}
}

func (w *world) mistagged() {
	w.validator.plan = func(question object) (object, error) {
		planned, err := newer(question)
		planned["release"] = 9
		return planned, err
	}
}

func TestABrokenToolFileIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "tools/wac.json: is empty",
		"{":                          "tools/wac.json: the text ends too early",
		"[]":                         "tools/wac.json: line 1: `{` should be here",
		`{"latest_version":2}`:       "tools/wac.json: line 1: a string should be here",
		`{"versions":["1.0"]}`:       "tools/wac.json: line 1: `{` should be here",
		"<<<<<<< HEAD\n{}":           "tools/wac.json: line 1: `{` should be here",
		"\xef\xbb\xbf\xef\xbb\xbf{}": "tools/wac.json: line 1: `{` should be here",
		"{\"a\":\"\xff\"}":           "tools/wac.json: is not UTF-8 text; save it as UTF-8",
		"{}\n" + `{"versions":1}`:    "tools/wac.json: line 2: the text should end here",
	} {
		w := newWorld(t)
		w.write("tools/wac.json", text)
		outcome := w.one("update")
		if outcome.State != Failed || !strings.HasSuffix(outcome.Problem.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, outcome.Problem, want)
		}
		if len(w.host.Asked) != 0 || w.text("wac") != text {
			t.Errorf("%q: got %d requests, file %q, want none, and the file as it was", text, len(w.host.Asked), w.text("wac"))
		}
	}
}

func TestANameThatLeadsOutOfTheDirectoryIsRefused(t *testing.T) {
	for _, name := range []string{"", "../wac", "a/b", ".wac", "w\x00"} {
		w := newWorld(t)
		outcomes, _ := w.run("update", name)
		if kind, _ := fault.KindOf(outcomes[name].Problem); outcomes[name].State != Failed || kind != fault.File {
			t.Errorf("%q: got %+v, want state %v of kind %v", name, outcomes[name], Failed, fault.File)
		}
	}
}

func TestARunThatConcernsNoToolCannotBegin(t *testing.T) {
	w := newWorld(t)
	w.write("tools.toml", "broken")
	if err := w.begin("check", "wac"); err == nil || err.Error() != "line 1: broken" {
		t.Errorf("got %v, want %q", err, "line 1: broken")
	}
	w.updater.Unusable = fault.Errorf(fault.Invalid, "X: bad")
	if err := w.begin("check"); err == nil || err.Error() != "X: bad" {
		t.Errorf("got %v, want %q", err, "X: bad")
	}
}

func TestWhatNeedsAPersonIsAProblemAndNoFailure(t *testing.T) {
	for word, state := range map[string]State{"unmatched": Unmatched, "incomplete": Incomplete} {
		w := newWorld(t)
		w.validator.plan = func(object) (object, error) {
			return object{"state": word, "after": "2.0", "problem": "tag: other", "missing": []string{"a"}, "notes": []string{"n"}}, nil
		}
		outcome := w.one("update")
		if kind, _ := fault.KindOf(outcome.Problem); kind != fault.Entry || outcome.State != state || fmt.Sprint(outcome.Notes) != "[n]" {
			t.Errorf("%s: got %+v, want a problem with the entry", word, outcome)
		}
	}
}

func TestARepositoryWithTagsAloneSaysSo(t *testing.T) {
	const none = "repository: o/r has no release yet"
	for name, c := range map[string]struct {
		tags fake.Reply
		kind fault.Kind
		want string
	}{
		"tags":    {fake.Reply{Body: `[{"name":"v2"},{"name":"v1\u001b"}]`}, fault.Entry, "repository: o/r has no release, only tags: `v2`, `v1\uFFFD`; "},
		"nothing": {fake.Reply{Body: `[]`}, fault.Answer, none},
		"refused": {fake.Reply{Status: 404}, fault.Answer, none},
		"a page":  {fake.Reply{Body: `<html>`}, fault.Answer, none},
	} {
		w := newWorld(t)
		w.pages["https://api/repos/o/r/releases?per_page=30"] = fake.Reply{Body: `[]`}
		w.pages["https://api/repos/o/r/tags?per_page=3"] = c.tags
		outcome := w.one("check")
		kind, _ := fault.KindOf(outcome.Problem)
		if outcome.State != Failed || kind != c.kind || !strings.HasPrefix(outcome.Problem.Error(), c.want) {
			t.Errorf("%s: got %+v, want %s", name, outcome, c.want)
		}
	}
}
