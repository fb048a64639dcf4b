package jsontext

import "strings"

// Indented returns a JSON text without white space between its tokens on lines of their own, two
// spaces deeper in each object and list, with a final newline.
func Indented(text string) string {
	var out strings.Builder
	depth, quoted := 0, false
	line := func() {
		out.WriteByte('\n')
		for range depth {
			out.WriteString("  ")
		}
	}
	for at := 0; at < len(text); at++ {
		c := text[at]
		isEmpty := at+1 < len(text) && (c == '[' && text[at+1] == ']' || c == '{' && text[at+1] == '}')
		switch {
		case quoted:
			out.WriteByte(c)
			if c == '\\' {
				at++
				out.WriteByte(text[at])
			}
			quoted = c != '"'
		case isEmpty:
			at++
			out.WriteString(text[at-1 : at+1])
		case c == '{' || c == '[':
			depth++
			out.WriteByte(c)
			line()
		case c == '}' || c == ']':
			depth--
			line()
			out.WriteByte(c)
		case c == ',':
			out.WriteByte(c)
			line()
		case c == ':':
			out.WriteString(": ")
		default:
			out.WriteByte(c)
			quoted = c == '"'
		}
	}
	out.WriteByte('\n')
	return out.String()
}
