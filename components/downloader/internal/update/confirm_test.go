package update

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// withSums makes wac a tool whose releases have files of checksums.
func withSums(w *world, pattern, name, text string) {
	w.write("tools.toml", fmt.Sprintf(`{"wac":{"repository":"o/r","tag":"v{version}","sums":%q,"assets":{"p1":"a-{version}","p2":"b-{version}"}}}`, pattern))
	w.release["assets"] = append(w.release["assets"].([]any), object{
		"name": name, "state": "uploaded", "size": len(text), "browser_download_url": "https://web/" + name,
	})
	w.pages["https://web/"+name] = fake.Reply{Body: text}
}

func confirmedBy(w *world, platform string) []any {
	return decode(w.text("wac"))["platforms"].(object)[platform].(object)["confirmed_by"].([]any)
}

func TestAFileOfChecksumsConfirmsToo(t *testing.T) {
	w := newWorld(t)
	withSums(w, "SUMS", "SUMS", fmt.Sprintf(`{"a-2.0":%q,"b-2.0":%q,"c":"0"}`, digest(bytesA), digest(bytesB)))
	w.asset(1)["digest"] = nil
	outcome := w.one("update")
	if outcome.State != Updated || outcome.Assets != 2 || len(w.host.Asked) != 5 {
		t.Fatalf("got %+v after %v, want state %v with 2 assets after 5 requests", outcome, w.urls(), Updated)
	}
	if a, b := confirmedBy(w, "p1"), confirmedBy(w, "p2"); !slices.Equal(a, []any{"digest", "sums", "bytes"}) || !slices.Equal(b, []any{"sums", "bytes"}) {
		t.Errorf("got confirmed by %v and %v, want digest, sums, bytes and sums, bytes", a, b)
	}
}

func TestASidecarMayHoldABareDigest(t *testing.T) {
	w := newWorld(t)
	withSums(w, "{asset}.sha256", "a-2.0.sha256", fmt.Sprintf(`{"":%q}`, digest(bytesA)))
	withSums(w, "{asset}.sha256", "b-2.0.sha256", fmt.Sprintf(`{"":%q}`, digest(bytesB)))
	if outcome := w.one("update"); outcome.State != Updated || !slices.Equal(confirmedBy(w, "p2"), []any{"digest", "sums", "bytes"}) {
		t.Errorf("got %+v, want state %v, confirmed by digest, sums, bytes", outcome, Updated)
	}
}

func TestAllThatIsPublishedMustAgree(t *testing.T) {
	other := digest("other")
	const remedy = "; remove `sums`: without it the digests of the release and of the bytes are compared"
	for name, c := range map[string]struct {
		sums string
		kind fault.Kind
		want string
	}{
		"another digest": {fmt.Sprintf(`{"a-2.0":%q,"b-2.0":%q}`, digest(bytesA), other), fault.Mismatch, "https://web/b-2.0: sha256 is " + digest(bytesB) + " by the list of releases, " + other + " by SUMS"},
		"not named":      {fmt.Sprintf(`{"a-2.0":%q}`, digest(bytesA)), fault.Entry, "sums: https://web/SUMS: does not name b-2.0, but a-2.0" + remedy},
		"bare of two":    {fmt.Sprintf(`{"a-2.0":%q,"":%q}`, digest(bytesA), digest(bytesB)), fault.Entry, "sums: https://web/SUMS: does not name b-2.0, but a-2.0" + remedy},
		"bare alone":     {fmt.Sprintf(`{"":%q}`, digest(bytesB)), fault.Entry, "sums: https://web/SUMS: does not name a-2.0, b-2.0, but one digest without a name" + remedy},
		"two readings":   {fmt.Sprintf(`{"x/a-2.0":%q,"y/a-2.0":%q}`, digest(bytesA), other), fault.Entry, "sums: https://web/SUMS: `x/a-2.0` and `y/a-2.0` may both be a-2.0, and have different digests" + remedy},
		"not checksums":  {"<html>", fault.Entry, "sums: https://web/SUMS: line 1: is no checksum" + remedy},
	} {
		w := newWorld(t)
		withSums(w, "SUMS", "SUMS", c.sums)
		outcome := w.one("update")
		if kind, _ := fault.KindOf(outcome.Problem); outcome.State != Failed || kind != c.kind || outcome.Problem.Error() != c.want {
			t.Errorf("%s: got %+v, want kind %v, %s", name, outcome, c.kind, c.want)
		}
		if len(w.host.Asked) != 2 || w.text("wac") != "" {
			t.Errorf("%s: got requests %v, file %q, want two requests, no asset and no file", name, w.urls(), w.text("wac"))
		}
	}
	w := newWorld(t)
	withSums(w, "SUMS", "SUMS", "{}")
	w.asset(2)["state"] = "open"
	if outcome := w.one("update"); outcome.Problem == nil || outcome.Problem.Error() != "sums: SUMS is not in release v2.0" {
		t.Errorf("got %+v, want %q", outcome, "sums: SUMS is not in release v2.0")
	}
}

func TestAPrivateAssetComesFromTheAPI(t *testing.T) {
	for name, hidden := range map[string]fake.Reply{
		"not found": {Status: 404, Body: "Not Found"},
		"log in":    {Body: "<html>", Headers: map[string]string{"Content-Type": "text/html"}},
	} {
		w := newWorld(t)
		w.pages["https://web/b-2.0"] = hidden
		w.pages["https://api/assets/b-2.0"] = fake.Reply{Status: 302, Headers: map[string]string{"Location": "https://cdn/b?sig=1"}}
		if outcome := w.one("update"); outcome.State != Updated {
			t.Fatalf("%s: got %+v, want state %v", name, outcome, Updated)
		}
		for _, asked := range w.host.Asked {
			token := asked.Headers.Get("Authorization")
			if asked.URL == "https://api/assets/b-2.0" && (token != "Bearer secret" || asked.Headers.Get("Accept") != "application/octet-stream") {
				t.Errorf("%s: got %+v, want the token and Accept: application/octet-stream", name, asked)
			}
			if !strings.HasPrefix(asked.URL, "https://api/") && token != "" {
				t.Errorf("%s: got the token in %+v, want none", name, asked)
			}
		}
	}
	w := newWorld(t)
	w.api.Token.Secret = ""
	delete(w.pages, "https://web/b-2.0")
	if outcome := w.one("update"); outcome.State != Failed || slices.Contains(w.urls(), "https://api/assets/b-2.0") {
		t.Errorf("got %+v after %v, want state %v, and the API not asked for the asset", outcome, w.urls(), Failed)
	}
}

func TestGoComesFromItsList(t *testing.T) {
	w := newWorld(t)
	w.pages["https://go/dl/?mode=json&include=all"] = fake.Reply{Body: fmt.Sprintf(`[{"version":"go1.2","stable":true,"files":[{"filename":"go1.2.tgz","sha256":%q,"size":10}]}]`, digest(bytesA))}
	w.pages["https://go/dl/go1.2.tgz"] = fake.Reply{Body: bytesA, Headers: map[string]string{"Last-Modified": "Thu, 05 Mar 2026 10:00:00 GMT"}}
	w.validator.plan = func(question object) (object, error) {
		return object{"state": "newer", "after": "1.2", "tag": "go1.2", "release": 1, "assets": object{"p1": "go1.2.tgz"}}, nil
	}
	outcomes, _ := w.run("update", "go")
	if outcomes["go"].State != Updated || decode(w.text("go"))["release_date"] != "2026-03-05" {
		t.Errorf("got %+v, %s, want state %v, release date 2026-03-05", outcomes["go"], w.text("go"), Updated)
	}
	for _, asked := range w.host.Asked {
		if asked.Headers.Get("Authorization") != "" {
			t.Errorf("got the token at %s, want none", asked.URL)
		}
	}
}

func TestAFileThatTheChecksumsOfNodeDoNotNameIsNotThereYet(t *testing.T) {
	w := newWorld(t)
	w.pages["https://node/dist/index.json"] = fake.Reply{Body: `[{"version":"v9.1.0","date":"2026-03-24","lts":false}]`}
	w.pages["https://node/dist/v9.1.0/SHASUMS256.txt"] = fake.Reply{Body: fmt.Sprintf(`{"another":%q}`, digest(bytesA))}
	outcomes, _ := w.run("update", "node")
	outcome := outcomes["node"]
	if outcome.State != Incomplete || outcome.Problem != nil || !slices.Contains(outcome.Notes, "not there yet: node-9.1.0") {
		t.Errorf("got %+v, want state %v with a note on node-9.1.0", outcome, Incomplete)
	}
	if w.text("node") != "" || len(w.host.Asked) != 2 {
		t.Errorf("got file %q after %v, want none after two requests", w.text("node"), w.urls())
	}
	w.write("tools.toml", strings.Replace(config, `"patience":400`, `"patience":14`, 1))
	outcomes, _ = w.run("update", "node")
	outcome = outcomes["node"]
	if kind, _ := fault.KindOf(outcome.Problem); outcome.State != Incomplete || kind != fault.Entry || !strings.Contains(outcome.Problem.Error(), "node-9.1.0 is missing; there is another;") {
		t.Errorf("got %+v, want a release that is overdue, with the name that is listed", outcome)
	}
}

func TestNodeIsConfirmedByItsChecksums(t *testing.T) {
	w := newWorld(t)
	w.pages["https://node/dist/index.json"] = fake.Reply{Body: `[{"version":"v9.1.0","date":"2026-03-24","lts":false}]`}
	w.pages["https://node/dist/v9.1.0/node-9.1.0"] = fake.Reply{Body: bytesA}
	w.pages["https://node/dist/v9.1.0/SHASUMS256.txt"] = fake.Reply{Body: fmt.Sprintf(`{"node-9.1.0":%q}`, digest(bytesA))}
	outcomes, _ := w.run("update", "node")
	platform := decode(w.text("node"))["platforms"].(object)["p1"].(object)
	if outcomes["node"].State != Updated || fmt.Sprint(platform["confirmed_by"]) != "[sums bytes]" || platform["size"] != 10.0 {
		t.Errorf("got %+v, %v, want state %v, 10 bytes confirmed by sums, bytes", outcomes["node"], platform, Updated)
	}
}
