// Package plaintext converts text that people and servers save to valid UTF-8.
package plaintext

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	utf8Mark     = "\xEF\xBB\xBF"
	littleEndian = "\xFF\xFE"
	bigEndian    = "\xFE\xFF"
)

// Decode returns a text as UTF-8 without a byte order mark. Text with the mark of UTF-16, or with a
// zero in every second of its first bytes, is UTF-16; invalid bytes become U+FFFD.
func Decode(text string) string {
	switch {
	case strings.HasPrefix(text, utf8Mark):
		text = text[len(utf8Mark):]
	case strings.HasPrefix(text, littleEndian):
		return wide(text[2:], 0)
	case strings.HasPrefix(text, bigEndian):
		return wide(text[2:], 1)
	case zeros(text, 1):
		return wide(text, 0)
	case zeros(text, 0):
		return wide(text, 1)
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// Wide reports whether a text has the byte order mark of UTF-16.
func Wide(text string) bool {
	return strings.HasPrefix(text, littleEndian) || strings.HasPrefix(text, bigEndian)
}

// zeros reports whether exactly every second one of the first bytes is zero.
func zeros(text string, from int) bool {
	const looked = 16
	for i := range min(len(text), looked) {
		if (text[i] == 0) != (i%2 == from) {
			return false
		}
	}
	return len(text) >= 2 && len(text)%2 == 0
}

// wide decodes UTF-16, big-endian if high is 1.
func wide(text string, high int) string {
	var out strings.Builder
	out.Grow(len(text) / 2)
	unit := func(at int) rune {
		one, two := rune(text[at]), rune(text[at+1])
		if high == 1 {
			return one<<8 | two
		}
		return two<<8 | one
	}
	for at := 0; at+1 < len(text); at += 2 {
		c := unit(at)
		if utf16.IsSurrogate(c) && at+3 < len(text) {
			if pair := utf16.DecodeRune(c, unit(at+2)); pair != utf8.RuneError {
				c, at = pair, at+2
			}
		}
		out.WriteRune(c) // half a pair becomes U+FFFD
	}
	if len(text)%2 == 1 {
		out.WriteRune(utf8.RuneError)
	}
	return out.String()
}
