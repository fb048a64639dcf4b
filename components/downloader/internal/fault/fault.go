// Package fault holds the one error type of the downloader: its kinds are the cases of the WIT
// variant `error`, so that what failed here is still known on the other side of the boundary.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Kind is the case of the WIT variant that an error becomes.
type Kind uint8

// The cases of the WIT variant `error`; the comments say what the text holds.
const (
	UnknownTool Kind = iota // NAME
	File                    // PATH: REASON
	Invalid                 // FIELD: REASON, one finding per line
	Network                 // URL: REASON
	Status                  // URL: STATUS REASON
	Answer                  // URL: REASON, or FIELD: REASON, one finding per line
	Entry                   // KEY: REASON, one finding per line
	RateLimited             // URL: STATUS REASON
	Mismatch                // URL or FIELD: REASON, with both digests or sizes
)

// Error is an error of a known kind.
type Error struct {
	Kind Kind
	Err  error
}

var _ error = (*Error)(nil)

// Error returns the text that crosses the boundary.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error of the given kind; `%w` works as in [fmt.Errorf].
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// Finding is a broken rule and its place.
type Finding struct{ Place, Reason string }

// Findings are all faults of a document.
type Findings []Finding

var _ error = Findings(nil)

// Error returns `PLACE: REASON`, one finding per line.
func (f Findings) Error() string {
	lines := make([]string, 0, len(f))
	for _, finding := range f {
		line := finding.Reason
		if finding.Place != "" {
			line = finding.Place + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// FindingsOf returns the findings of err, or its text as one finding.
func FindingsOf(err error) Findings {
	var known *Error
	if errors.As(err, &known) {
		if findings, ok := known.Err.(Findings); ok && known == err {
			return findings
		}
	}
	return Findings{{Reason: err.Error()}}
}

// KindOf returns the outermost kind in err's chain; ok is false if there is none.
func KindOf(err error) (kind Kind, ok bool) {
	var known *Error
	if errors.As(err, &known) {
		return known.Kind, true
	}
	return 0, false
}

// Plain makes a server's text safe for a message: a control character could end the line or act on
// the terminal.
func Plain(text string) string {
	for at := range len(text) {
		if c := text[at]; c < ' ' || c > '~' {
			return replaced(text)
		}
	}
	return text // the usual case; walking runes takes several times as long
}

func replaced(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return unicode.ReplacementChar
		}
		return c
	}, text)
}
