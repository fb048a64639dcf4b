package update

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

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
