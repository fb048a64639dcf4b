package jsontext

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestIndentedIsWhatTheStandardLibraryWrites(t *testing.T) {
	texts := []string{
		`null`, `[]`, `{}`, `[{}]`, `{"a":[]}`, `[1,-2.5e3,true,null]`, `"a"`, `"\"{[,:]}\\"`,
		`{"a":{"b":[{"c":"\\"},{"d":"x\"y,"}]},"e":"z:\u0001"}`, `{"\"":"{"}`, `["",""]`,
	}
	for _, text := range texts {
		var want bytes.Buffer
		if err := json.Indent(&want, []byte(text), "", "  "); err != nil {
			t.Fatal(err)
		}
		want.WriteByte('\n')
		if got := Indented(text); got != want.String() {
			t.Errorf("Indented(%s): got %q, want %q", text, got, want.String())
		}
	}
}
