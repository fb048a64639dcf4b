package update

import (
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
)

func TestANameOfAFileOfChecksumsIsReadAsStrictlyAsItCanBe(t *testing.T) {
	const asset = "t_1.0.0.rc1_linux.tar.gz"
	for name, c := range map[string]struct {
		digests map[string]string
		want    string
	}{
		"whole":              {map[string]string{asset: "a", "old/" + asset: "b"}, "a"},
		"in a folder":        {map[string]string{"dist/" + asset: "a", "dist/x": "b"}, "a"},
		"in one of Windows":  {map[string]string{`C:\b\` + asset: "a"}, "a"},
		"twice the same":     {map[string]string{"a/" + asset: "a", "b/" + asset: "a"}, "a"},
		"with a tilde":       {map[string]string{"t_1.0.0~rc1_linux.tar.gz": "a"}, "a"},
		"with spaces":        {map[string]string{"dist/t_1.0.0 rc1_linux.tar.gz": "a"}, "a"},
		"with several signs": {map[string]string{"t_1.0.0 (rc1)_linux.tar.gz": "b", "t_1.0.0 ~rc1_linux.tar.gz": "a"}, "a"},
		"with a star":        {map[string]string{"*" + asset: "a"}, "a"},
		"with its size":      {map[string]string{"1234 dist/" + asset: "a", asset + ".sig 12": "b"}, "a"},
		"of another file":    {map[string]string{"evil-" + asset: "b", asset + ".sig": "b", strings.ToUpper(asset): "b"}, ""},
		"nothing":            {map[string]string{"": "b"}, ""},
	} {
		if got, err := digestOf(asset, c.digests); got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
	}
	for name, digests := range map[string]map[string]string{
		"folders": {"linux/" + asset: "a", "darwin/" + asset: "b"},
		"signs":   {"t_1.0.0~rc1_linux.tar.gz": "a", "t_1.0.0 rc1_linux.tar.gz": "b"},
	} {
		_, err := digestOf(asset, digests)
		if kind, _ := fault.KindOf(err); err == nil || kind != fault.Entry {
			t.Errorf("%s: got %v, want two readings", name, err)
		}
	}
}
