package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("more: %w", Errorf(Network, "URL: %w", io.ErrUnexpectedEOF))
	if kind, ok := KindOf(err); !ok || kind != Network || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("KindOf(%v) = %v, %t, want %v, true, and the cause kept", err, kind, ok, Network)
	}
	if err.Error() != "more: URL: unexpected EOF" {
		t.Errorf("got %q, want %q", err, "more: URL: unexpected EOF")
	}
}

func TestTheOutermostKindCounts(t *testing.T) {
	if kind, _ := KindOf(Errorf(Status, "%w", Errorf(File, "x"))); kind != Status {
		t.Errorf("got kind %v, want %v", kind, Status)
	}
}

func TestPlainTextHasNoControlCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"v1.0 größer 🌍":           "v1.0 größer 🌍",
		"a\x1b[2Jb\r\n\x00\x7f\t": "a\uFFFD[2Jb\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD",
		"\u009b31m":               "\uFFFD31m",
	} {
		if got := Plain(text); got != want {
			t.Errorf("Plain(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAForeignErrorHasNoKind(t *testing.T) {
	for _, err := range []error{nil, io.EOF, errors.Join(io.EOF)} {
		if _, ok := KindOf(err); ok {
			t.Errorf("KindOf(%v) = _, true, want false", err)
		}
	}
}
