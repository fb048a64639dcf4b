package watch

import (
	"slices"
	"testing"
)

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
			t.Errorf("Version(%q) by %q = %q, %t, want %q, %t", c.tag, c.pattern, version, ok, c.version, c.ok)
		}
	}
}

func TestPatternsTakeTheVersion(t *testing.T) {
	wac := Entry{Tag: "v{version}", Assets: map[string]string{"b": "wac-{version}.zip", "a": "wac", "c": "wac"}}
	if got := wac.TagOf("1"); got != "v1" {
		t.Errorf("got %s, want v1", got)
	}
	if got, want := wac.AssetsOf("1"), []string{"wac", "wac-1.zip"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEntriesThatReadAListDifferentlyAreToldApart(t *testing.T) {
	entry := func() Entry { return Entry{Tag: "v{version}", Assets: map[string]string{"a": "x", "b": "y"}} }
	same := entry()
	same.Tool, same.Patience = "other", 7
	if got, want := same.Reading(), entry().Reading(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, edit := range map[string]func(e *Entry){
		"tag":      func(e *Entry) { e.Tag = "{version}" },
		"lts":      func(e *Entry) { e.LTS = true },
		"asset":    func(e *Entry) { e.Assets["a"] = "z" },
		"platform": func(e *Entry) { delete(e.Assets, "b") },
	} {
		other := entry()
		edit(&other)
		if other.Reading() == entry().Reading() {
			t.Errorf("%s: got the same reading %q, want another", name, other.Reading())
		}
	}
}
