package update

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

func TestANewReleaseIsRecordedWithAllItsPlatforms(t *testing.T) {
	old := "{\n  \"latest_version\": \"1.0\", \"versions\": {\"1.0\": {\"x\": [1]}}, \"note\": \"\\u00e9\"\n}"
	for name, before := range map[string]string{"of a known tool": old, "of a new tool": "", "of an old style": "{}"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if before != "" {
				w.write("tools/wac.json", before)
			}
			w.asset(1)["digest"] = nil
			outcome := w.one("update")
			latest := ""
			if before == old {
				latest = "1.0"
			}
			if outcome.State != Updated || outcome.Before != latest || outcome.After != "2.0" || outcome.Latest != "2.0" ||
				outcome.Assets != 2 || outcome.Bytes != 26 || outcome.Compared != 3 || outcome.Problem != nil || outcome.Notes != nil {
				t.Errorf("got %+v, want an update from %q to 2.0 with 2 assets of 26 bytes, 3 compared", outcome, latest)
			}
			entry := func(name, text string, by ...any) object {
				return object{"asset": name + "-2.0", "sha256": digest(text), "size": len(text), "confirmed_by": by}
			}
			want, _ := json.Marshal(object{
				"latest_version": "2.0", "name": "wac", "document": before, "watch": decode(config)["wac"], "version": "2.0", "release_date": "2026-01-02", "tag": "v2.0",
				"platforms": object{"p1": entry("a", bytesA, "digest", "bytes"), "p2": entry("b", bytesB, "bytes"), "p3": entry("a", bytesA, "digest", "bytes")},
			})
			if got := w.text("wac"); got != string(want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			question := w.validator.asked[0]
			if question["now"] != "2026-11-22T10:00:00Z" || question["last"] != true || question["document"] != before {
				t.Errorf("got the question %v, want the last page, the time now and the document %q", question, before)
			}
		})
	}
}

func TestOnlyAnUpdateWrites(t *testing.T) {
	for mode, want := range map[string]struct {
		state State
		asked int
	}{"check": {Newer, 1}, "rehearse": {Updated, 4}} {
		w := newWorld(t)
		outcome := w.one(mode)
		if outcome.State != want.state || len(w.host.Asked) != want.asked || w.text("wac") != "" {
			t.Errorf("%s: got %+v after %v, want state %v after %d requests, and no file", mode, outcome, w.urls(), want.state, want.asked)
		}
	}
}

func TestWhatIsPlannedDecides(t *testing.T) {
	for _, c := range []struct {
		plan  object
		state State
		notes []string
	}{
		{object{"state": "current", "after": "1.0", "notes": []string{"n"}}, Current, []string{"n"}},
		{object{"state": "watched", "after": "2.0"}, Newer, nil},
		{object{"state": "incomplete", "after": "2.0", "missing": []string{"a", "b"}}, Incomplete, []string{"not there yet: a, b"}},
		{object{"state": "young", "after": "2.0", "until": "2026-12-01"}, Young, []string{"2.0 is taken from 2026-12-01 on"}},
		{object{"state": "odd"}, Failed, nil},
		{object{"state": "more"}, Failed, nil},
	} {
		w := newWorld(t)
		w.write("tools/wac.json", `{"latest_version":"1.0"}`)
		w.validator.plan = func(object) (object, error) { return c.plan, nil }
		outcome := w.one("update")
		if outcome.State != c.state || !slices.Equal(outcome.Notes, c.notes) || (outcome.Problem != nil) != (c.state == Failed) {
			t.Errorf("got %+v, want state %v, notes %q, a problem: %t", outcome, c.state, c.notes, c.state == Failed)
		}
		if len(w.host.Asked) != 1 || w.text("wac") != `{"latest_version":"1.0"}` || outcome.Latest != "1.0" {
			t.Errorf("got latest %q, file %q after %v, want 1.0, the old file, one request", outcome.Latest, w.text("wac"), w.urls())
		}
	}
}

func TestAChangeIsToldAndNothingIsRecorded(t *testing.T) {
	w := newWorld(t)
	w.validator.plan = func(question object) (object, error) {
		planned, err := newer(question)
		planned["changes"] = []object{{"version": "1.0", "platform": "p1", "asset": "a", "recorded": "r", "published": "p", "release_date": "d", "updated_at": "u"}}
		return planned, err
	}
	outcome := w.one("update")
	if outcome.State != Newer || !slices.Equal(outcome.Changes, []Change{{"1.0", "p1", "a", "r", "p", "d", "u"}}) || w.text("wac") != "" || len(outcome.Notes) != 1 {
		t.Errorf("got %+v, want state %v with the change and one note, and no file", outcome, Newer)
	}
}

func TestFurtherPagesAreReadAsLongAsThePlanWantsThem(t *testing.T) {
	w := newWorld(t)
	first, _ := json.Marshal([]any{object{"tag_name": "v3.0-beta"}})
	second, _ := json.Marshal([]any{w.release})
	w.pages["https://api/repos/o/r/releases?per_page=30"] = fake.Reply{Body: string(first), Headers: map[string]string{"Link": `<https://api/repositories/7/releases?page=2>; rel="next"`}}
	w.pages["https://api/repositories/7/releases?page=2"] = fake.Reply{Body: string(second), Headers: map[string]string{"Link": `<https://api/repositories/7/releases?page=3>; rel="next"`}}
	w.validator.plan = func(question object) (object, error) {
		list := question["releases"].([]any)
		if question["last"] == true {
			t.Error("got the last page, want a further one")
		}
		if len(list) == 1 {
			return object{"state": "more"}, nil
		}
		return newer(object{"releases": list[1:], "watch": question["watch"]})
	}
	if outcome := w.one("update"); outcome.State != Updated || len(w.host.Asked) != 5 {
		t.Errorf("got %+v after %v, want state %v after 5 requests", outcome, w.urls(), Updated)
	}
	if got := w.host.Asked[1].Headers.Get("Authorization"); got != "Bearer secret" {
		t.Errorf("got Authorization %q, want %q", got, "Bearer secret")
	}
}

func TestPagesWithoutEndAreReadNoFurtherThanForty(t *testing.T) {
	w := newWorld(t)
	w.host.Serve = func(asked fake.Asked) fake.Reply {
		next := fmt.Sprintf(`<https://cdn/%d>; rel="next"`, len(w.host.Asked))
		return fake.Reply{Body: `[{"tag_name":"v0"}]`, Headers: map[string]string{"Link": next}}
	}
	w.validator.plan = func(question object) (object, error) {
		if question["last"] == true {
			return nil, fault.Errorf(fault.Answer, "releases: none fits")
		}
		return object{"state": "more"}, nil
	}
	outcome := w.one("check")
	if outcome.State != Failed || len(w.host.Asked) != 40 || outcome.Problem.Error() != "releases: none fits" {
		t.Errorf("got %+v after %d requests, want %q after 40", outcome, len(w.host.Asked), "releases: none fits")
	}
	if got := w.host.Asked[1].Headers.Get("Authorization"); got != "" {
		t.Errorf("got Authorization %q at another host, want none", got)
	}
}

func TestAMovedRepositoryIsTold(t *testing.T) {
	w := newWorld(t)
	w.release["url"] = "https://api/repos/new/name/releases/1"
	outcome := w.one("check")
	if len(outcome.Notes) != 1 || outcome.Notes[0] != "the repository is now new/name; write that in "+w.folder+"/tools.toml" {
		t.Errorf("got notes %q, want one that names new/name and the config", outcome.Notes)
	}
}

func TestTheTokenReachesTheAPIAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.one("update")
	for _, asked := range w.host.Asked {
		if got := asked.Headers.Get("Authorization"); (got == "Bearer secret") != strings.HasPrefix(asked.URL, "https://api/") || got != "" && got != "Bearer secret" {
			t.Errorf("%s: got Authorization %q, want the token at the API and none elsewhere", asked.URL, got)
		}
		if encoding := asked.Headers.Get("Accept-Encoding"); (encoding == "identity") == strings.HasPrefix(asked.URL, "https://api/") {
			t.Errorf("%s: got Accept-Encoding %q, want identity except at the API", asked.URL, encoding)
		}
	}
}

func TestTheAPIIsAskedAsItWants(t *testing.T) {
	w := newWorld(t)
	w.one("check")
	want := http.Header{"User-Agent": {"doit-wasm"}, "Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}, "Authorization": {"Bearer secret"}}
	if got := w.host.Asked[0].Headers; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got headers %v, want %v", got, want)
	}
}

func TestOneAnswerServesAllToolsOfARepository(t *testing.T) {
	w := newWorld(t)
	outcomes, _ := w.run("check", "wac", "wkg")
	if outcomes["wac"].State != Newer || outcomes["wkg"].State != Newer || len(w.host.Asked) != 1 {
		t.Errorf("got %+v after %v, want state %v of both after one request", outcomes, w.urls(), Newer)
	}
}

func TestWhatDidNotChangeIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	first := w.one("check")
	w.restart()
	if second := w.one("update"); first.State != Newer || second.State != Updated || second.After != "2.0" {
		t.Errorf("got state %v, then %+v, want %v, then %v to 2.0", first.State, second, Newer, Updated)
	}
	if tag := w.host.Asked[1].Headers.Get("If-None-Match"); !strings.HasPrefix(tag, `W/"`) {
		t.Errorf("got If-None-Match %q, want a weak tag", tag)
	}
	if len(w.validator.asked) != 2 || fmt.Sprint(w.validator.asked[0]) != fmt.Sprint(w.validator.asked[1]) {
		t.Errorf("got the questions %v, want two that are the same", w.validator.asked)
	}
	files, _ := os.ReadDir(w.path("state"))
	if len(files) != 1 {
		t.Fatalf("got the files %v, want one", files)
	}
	name := w.path("state/" + files[0].Name())
	text, _ := os.ReadFile(name)
	if strings.Contains(string(text), "secret") {
		t.Error("got the token in the cache, want it nowhere")
	}
	if err := os.WriteFile(name, text[:len(text)-5], 0o644); err != nil {
		t.Fatal(err)
	}
	if third := w.one("check"); third.State != Newer || w.host.Asked[len(w.host.Asked)-1].Headers.Get("If-None-Match") != "" {
		t.Errorf("got %+v after %v, want state %v and no If-None-Match for a damaged answer", third, w.urls(), Newer)
	}
	w.api.Token.Secret = "other"
	if w.one("check"); w.host.Asked[len(w.host.Asked)-1].Headers.Get("If-None-Match") != "" {
		t.Error("got If-None-Match with another token, want none")
	}
}

func TestACacheThatCannotBeWrittenIsTold(t *testing.T) {
	w := newWorld(t)
	w.write("state", "a file")
	outcome := w.one("check")
	if outcome.State != Newer || len(outcome.Notes) != 1 || !strings.HasPrefix(outcome.Notes[0], "answers cannot be kept for the next run: ") {
		t.Errorf("got %+v, want state %v and one note that answers cannot be kept", outcome, Newer)
	}
}

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

func TestTheFilesAreThoseOfTheReleaseAndNotOfItsTag(t *testing.T) {
	w := newWorld(t)
	stray := object{"id": 7, "tag_name": "v2.0", "draft": true, "assets": []any{object{
		"name": "a-2.0", "state": "uploaded", "size": 4, "digest": "sha256:" + digest("half"), "browser_download_url": "https://web/half",
	}}}
	w.validator.plan = func(question object) (object, error) {
		list := question["releases"].([]any)
		if drafted := list[0].(object)["assets"].([]any); len(drafted) != 0 {
			t.Errorf("got %v of the draft, want no file", drafted)
		}
		question["releases"] = list[1:]
		return newer(question)
	}
	text, _ := json.Marshal([]any{stray, w.release})
	w.pages["https://api/repos/o/r/releases?per_page=30"] = fake.Reply{Body: string(text)}
	if outcome := w.one("update"); outcome.State != Updated || outcome.Assets != 2 {
		t.Errorf("got %+v, want both files of the published release", outcome)
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

func TestAPageThatIsTooMuchIsAskedForInParts(t *testing.T) {
	text := func(tags ...string) string {
		var list []any
		for at, tag := range tags {
			list = append(list, object{"id": at + 1, "tag_name": tag})
		}
		body, _ := json.Marshal(list)
		return string(body)
	}
	const base = "https://api/repos/o/r/releases?"
	link := func(query string) map[string]string {
		return map[string]string{"Link": "<" + base + query + `>; rel="next"`}
	}
	for name, failure := range map[string]fake.Reply{
		"504":      {Status: 504},
		"502":      {Status: 502, Body: "<html>"},
		"too long": {Headers: map[string]string{"Content-Length": "33554433"}},
	} {
		w := newWorld(t)
		w.pages[base+"per_page=30"] = fake.Reply{Body: text("a"), Headers: link("page=2&per_page=30")}
		w.pages[base+"page=2&per_page=30"] = failure
		w.pages[base+"per_page=10&page=4"] = failure
		w.pages[base+"per_page=5&page=7"] = fake.Reply{Body: text("b"), Headers: link("page=8&per_page=5")}
		w.pages[base+"page=8&per_page=5"] = fake.Reply{Body: text("c")}
		var seen int
		w.validator.plan = func(question object) (object, error) {
			if seen = len(question["releases"].([]any)); question["last"] == true {
				return object{"state": "current"}, nil
			}
			return object{"state": "more"}, nil
		}
		if outcome := w.one("check"); outcome.State != Current || seen != 3 || len(w.host.Asked) != 5 {
			t.Errorf("%s: got %+v after %d releases and %v, want all three", name, outcome, seen, w.urls())
		}
	}
	w := newWorld(t)
	w.everyPage(fake.Reply{Status: 504})
	if outcome := w.one("check"); outcome.State != Failed || len(w.host.Asked) != 6 || !strings.HasSuffix(outcome.Problem.Error(), "per_page=1: 504 gateway timeout from api, tried 3 times") {
		t.Errorf("got %+v after %v, want a 504 of the smallest page after 6 requests", outcome, w.urls())
	}
}
