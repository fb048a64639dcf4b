package update

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

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

func TestAChangeIsReportedAndNothingIsRecorded(t *testing.T) {
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

func TestAMovedRepositoryIsReported(t *testing.T) {
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

func TestACacheThatCannotBeWrittenIsReported(t *testing.T) {
	w := newWorld(t)
	w.write("state", "a file")
	outcome := w.one("check")
	if outcome.State != Newer || len(outcome.Notes) != 1 || !strings.HasPrefix(outcome.Notes[0], "answers cannot be kept for the next run: ") {
		t.Errorf("got %+v, want state %v and one note that answers cannot be kept", outcome, Newer)
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
