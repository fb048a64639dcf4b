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
	for at, c := range text {
		if c >= ' ' && c != '"' && c != '\\' && c != utf8.RuneError {
			continue
		}
		out.WriteString(text[plain:at])
		_, size := utf8.DecodeRuneInString(text[at:])
		plain = at + size
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(byte(c))
		case c == '\n':
			out.WriteString(`\n`)
		case c < ' ':
			out.WriteString(`\u00`)
			out.WriteByte("0123456789abcdef"[c>>4])
			out.WriteByte("0123456789abcdef"[c&15])
		default:
			out.WriteRune(c)
		}
	}
	out.WriteString(text[plain:])
	out.WriteByte('"')
}

// quoted reads a string whose opening quote is next. Bytes that are not UTF-8 become U+FFFD.
func (r *Reader) quoted() string {
	r.at++
	start := r.at
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return strings.ToValidUTF8(r.text[start:r.at-1], "\uFFFD")
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.fail("a control character in a string")
			return ""
		}
		r.at++
	}
	r.fail("")
	return ""
}

// escaped reads on from the first backslash of a string that began at start.
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

// escape reads one escape; two of them if they are the halves of one character.
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
