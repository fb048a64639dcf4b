package jsontext

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// WriteQuoted writes text as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func WriteQuoted(out *strings.Builder, text string) {
	out.WriteByte('"')
	plain := 0 // where what needs no escape begins
	for at := 0; at < len(text); {
		size := unescaped(text[at:])
		if size > 0 {
			at += size
			continue
		}
		out.WriteString(text[plain:at])
		writeEscape(out, text[at])
		at++
		plain = at
	}
	out.WriteString(text[plain:])
	out.WriteByte('"')
}

// unescaped returns the length of the first character in bytes if a JSON string may contain it
// unescaped, else 0.
func unescaped(text string) int {
	switch c := text[0]; {
	case c < ' ' || c == '"' || c == '\\':
		return 0
	case c < utf8.RuneSelf:
		return 1
	}
	if c, size := utf8.DecodeRuneInString(text); c != utf8.RuneError || size > 1 {
		return size
	}
	return 0
}

// writeEscape writes the escape of a byte that a JSON string may not contain.
func writeEscape(out *strings.Builder, c byte) {
	switch {
	case c == '"' || c == '\\':
		out.WriteByte('\\')
		out.WriteByte(c)
	case c == '\n':
		out.WriteString(`\n`)
	case c < ' ':
		out.WriteString(`\u00`)
		out.WriteByte("0123456789abcdef"[c>>4])
		out.WriteByte("0123456789abcdef"[c&15])
	default:
		out.WriteRune(utf8.RuneError)
	}
}

// quoted reads a string, from its opening quote. Bytes that are not UTF-8 become U+FFFD.
func (r *Reader) quoted() string {
	r.at++
	start, ascii := r.at, true
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			text := r.text[start : r.at-1]
			if ascii {
				return text
			}
			return strings.ToValidUTF8(text, "\uFFFD")
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.fail("a control character in a string")
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
		r.at++
	}
	r.fail("")
	return ""
}

// escaped reads the rest of a string that began at start, from its first backslash.
func (r *Reader) escaped(start int) string {
	var plain strings.Builder
	plain.WriteString(r.text[start:r.at])
	for r.at < len(r.text) {
		c := r.text[r.at]
		switch {
		case c < ' ':
			r.fail("a control character in a string")
			return ""
		case c != '\\':
			r.at++
			if c == '"' {
				return strings.ToValidUTF8(plain.String(), "\uFFFD")
			}
			plain.WriteByte(c)
		default:
			character, ok := r.escape()
			if !ok {
				r.fail("an unknown escape")
				return ""
			}
			plain.WriteRune(character)
		}
	}
	r.fail("")
	return ""
}

// escape reads one escape, or two that are the halves of one character.
func (r *Reader) escape() (rune, bool) {
	if r.at+1 >= len(r.text) {
		return 0, false
	}
	letter := r.text[r.at+1]
	if letter == 'u' {
		return r.escapedUnicode()
	}
	at := strings.IndexByte(`"\/bfnrt`, letter)
	if at < 0 {
		return 0, false
	}
	r.at += 2
	return rune("\"\\/\b\f\n\r\t"[at]), true
}

func (r *Reader) escapedUnicode() (rune, bool) {
	first, ok := r.hex()
	if !ok || !utf16.IsSurrogate(first) {
		return first, ok
	}
	before := r.at
	if second, ok := r.hex(); ok {
		if pair := utf16.DecodeRune(first, second); pair != utf8.RuneError {
			return pair, true
		}
	}
	r.at = before
	return utf8.RuneError, true
}

// hex reads `\uXXXX`, or nothing.
func (r *Reader) hex() (rune, bool) {
	rest := r.text[r.at:]
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return 0, false
	}
	code, err := strconv.ParseUint(rest[2:6], 16, 16)
	if err != nil {
		return 0, false
	}
	r.at += 6
	return rune(code), true
}
