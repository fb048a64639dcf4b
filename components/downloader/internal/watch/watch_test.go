package watch

import (
	"slices"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
)

const config = `{"wac":{"source":"github","repository":"o/wac","base":"","tag":"v{version}","scheme":"semver","lts":false,
	"assets":{"b":"wac-{version}.zip","a":"wac","c":"wac"}},"node":{"source":"nodejs","base":"https://h/dist/","tag":"v{version}","lts":true,"assets":{}}}`

func entries(t *testing.T) map[string]Entry {
	t.Helper()
	entries, err := Parse(config)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestEntriesHoldWhatToolsTomlSays(t *testing.T) {
	wac, node := entries(t)["wac"], entries(t)["node"]
	if wac.Source != "github" || wac.Repository != "o/wac" || wac.LTS || len(wac.Assets) != 3 || wac.JSON[0] != '{' {
		t.Errorf("%+v", wac)
	}
	if node.Source != "nodejs" || node.Base != "https://h/dist" || !node.LTS || len(node.Assets) != 0 {
		t.Errorf("%+v", node)
	}
}

func TestWhatIsNotSuchAnObjectIsInvalid(t *testing.T) {
	for _, text := range []string{"", "[]", `{"a":1}`, `{"a":{"tag":1}}`, `{"a":{"assets":[]}}`, `{"a":{`, `{"a":{"lts":"yes"}}`} {
		_, err := Parse(text)
		if kind, ok := fault.KindOf(err); !ok || kind != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAVersionIsWhatATagHasForThePlaceholder(t *testing.T) {
	for _, c := range []struct {
		pattern, tag, version string
		ok                    bool
	}{
		{"v{version}", "v1.2", "1.2", true},
		{"v{version}", "vv1", "v1", true},
		{"version_{version}", "version_129", "129", true},
		{"a/{version}-b", "a/1-b", "1", true},
		{"v{version}", "1.2", "", false},
		{"v{version}", "v", "", false},
		{"v{version}-x", "v-x", "", false},
		{"canary", "canary", "", false},
		{"aa{version}aa", "aaa", "", false},
	} {
		if version, ok := (Entry{Tag: c.pattern}).Version(c.tag); ok != c.ok || ok && version != c.version {
			t.Errorf("%s of %s: %q, %v", c.tag, c.pattern, version, ok)
		}
	}
}

func TestPatternsTakeTheVersion(t *testing.T) {
	wac := entries(t)["wac"]
	if wac.TagOf("1") != "v1" || !slices.Equal(wac.AssetsOf("1"), []string{"wac", "wac-1.zip"}) {
		t.Error(wac.TagOf("1"), wac.AssetsOf("1"))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(config)
	f.Add(`{"a":{"tag":"\ud83d","assets":{"":null}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := Parse(text)
		if (err == nil) == (entries == nil) {
			t.Error(entries, err)
		}
	})
}
