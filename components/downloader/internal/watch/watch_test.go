package watch

import (
	"slices"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
)

func TestParseReadsWhatTheValidatorWrites(t *testing.T) {
	entries, err := Parse(`{"wac":{"repository":"o/r","tag":"v{version}","assets":{"b":"wac-{version}-{version}","a":"x"},"later":[1]},"none":{}}`)
	if err != nil {
		t.Fatal(err)
	}
	wac := entries["wac"]
	if len(entries) != 2 || wac.Repository != "o/r" || wac.Tag != "v{version}" || !slices.Equal(wac.Platforms(), []string{"a", "b"}) {
		t.Errorf("%+v", entries)
	}
	if got := wac.Asset("b", "1.0"); got != "wac-1.0-1.0" {
		t.Error(got)
	}
}

func TestParseRefusesWhatTheValidatorWouldNotWrite(t *testing.T) {
	for _, text := range []string{"", "[]", `{"wac":[]}`, `{"wac":{"tag":1}}`, `{"wac":{"assets":["a"]}}`, `{"wac":{}`} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s: accepted", text)
		} else if kind, _ := fault.KindOf(err); kind != fault.Invalid {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestVersionIsWhatThePatternLeaves(t *testing.T) {
	for _, c := range []struct{ pattern, tag, want string }{
		{"v{version}", "v1.2.3", "1.2.3"},
		{"v{version}", "vv1", "v1"},
		{"{version}", "129", "129"},
		{"wasi-sdk-{version}", "wasi-sdk-wasi-sdk-32", "wasi-sdk-32"},
		{"tool/v{version}-rel", "tool/v1-rel-rel", "1-rel"},
		{"v{version}", "1.2.3", ""},
		{"v{version}", "V1.2.3", ""},
		{"v{version}", "v", ""},
		{"v{version}", "", ""},
		{"a{version}a", "a", ""},
		{"v{version}-rel", "v1", ""},
		{"v", "v", ""},
	} {
		version, err := Entry{Repository: "o/r", Tag: c.pattern}.Version(c.tag)
		if version != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s of %s: %q, %v", c.tag, c.pattern, version, err)
		}
		if kind, ok := fault.KindOf(err); ok && kind != fault.Invalid {
			t.Errorf("%s of %s: kind %d", c.tag, c.pattern, kind)
		}
	}
}
