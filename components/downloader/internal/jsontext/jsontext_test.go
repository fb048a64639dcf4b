package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

var valid = map[string]string{
	"nothing":       `null`,
	"words":         ` [true, false, null] `,
	"empty":         `{"a":{},"b":[]}`,
	"numbers":       `[0,-0,10,-1.5,1e9,1E+9,0.1e-3]`,
	"escapes":       `"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`,
	"half a pair":   `"\ud83d and \ude00"`,
	"two halves":    `"\ud83d\ud83d\ude00"`,
	"space":         "\t{ \"a\"\r\n: 1 , \"b\" :\t2 }\n",
	"not ascii":     `{"größe":"naïve 😀"}`,
	"as deep as ok": strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
}

var invalid = map[string]string{
	"no text":             "",
	"only space":          " \n",
	"two values":          "1 2",
	"a word cut off":      "tru",
	"another word":        "nul",
	"a word run on":       "nulll",
	"a comma too many":    "[1,]",
	"a comma too early":   "[,1]",
	"no comma":            "[1 2]",
	"an open array":       "[1",
	"an open object":      `{"a":1`,
	"crossed brackets":    `{"a":[1}]`,
	"a key without quote": `{a:1}`,
	"a key alone":         `{"a"}`,
	"a key without value": `{"a":}`,
	"a member too many":   `{"a":1,}`,
	"a leading zero":      "01",
	"a leading plus":      "+1",
	"a sign alone":        "-",
	"a point at the end":  "1.",
	"a point in front":    ".5",
	"an empty exponent":   "1e",
	"not a number":        "NaN",
	"an open string":      `"a`,
	"an open escape":      `"\`,
	"an unknown escape":   `"\x"`,
	"a short escape":      `"\u12"`,
	"a signed escape":     `"\u+123"`,
	"a control character": "\"a\nb\"",
	"another, escaped":    "\"\\t\x01\"",
	"a zero byte":         "\x00",
	"a zero byte inside":  "[1,\x002]",
	"a comment":           "1 // one",
	"HTML":                "<html>",
}

func TestReaderAcceptsWhatIsJSON(t *testing.T) {
	for name, text := range valid {
		t.Run(name, func(t *testing.T) {
			if !json.Valid([]byte(text)) {
				t.Fatal("got a text that encoding/json refuses, want the table to hold JSON")
			}
			if err := skip(text); err != nil {
				t.Errorf("got %v, want no error", err)
			}
		})
	}
}

func TestReaderRefusesWhatIsNotJSON(t *testing.T) {
	for name, text := range invalid {
		t.Run(name, func(t *testing.T) {
			if json.Valid([]byte(text)) {
				t.Fatal("got a text that encoding/json accepts, want the table to hold none")
			}
			if err := skip(text); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

func TestReaderRefusesWhatIsNestedTooDeep(t *testing.T) {
	for name, text := range map[string]string{
		"arrays":  strings.Repeat("[", 1_000_000),
		"objects": strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1),
	} {
		t.Run(name, func(t *testing.T) {
			err := skip(text)
			if err == nil || !strings.Contains(err.Error(), "nested deeper than 100 levels") {
				t.Errorf("got %v, want nested deeper than 100 levels", err)
			}
		})
	}
}

func TestReaderRefusesAnotherTypeThanWanted(t *testing.T) {
	read := map[string]func(*Reader){
		"string":  func(r *Reader) { _ = r.String() },
		"integer": func(r *Reader) { r.Integer() },
		"object":  func(r *Reader) { r.Object(func(string) { r.Skip() }) },
		"array":   func(r *Reader) { r.Array(r.Skip) },
	}
	for _, c := range []struct{ want, text string }{
		{"string", "1"}, {"string", "{}"}, {"string", "true"},
		{"integer", `"1"`}, {"integer", "1.0"}, {"integer", "1e3"}, {"integer", "9223372036854775808"}, {"integer", "[]"},
		{"object", "[]"}, {"object", `"a"`}, {"array", "{}"}, {"array", "0"},
	} {
		t.Run(c.want+" "+c.text, func(t *testing.T) {
			reader := NewReader(c.text)
			read[c.want](reader)
			if reader.End() == nil {
				t.Errorf("got no error, want one for %s as %s", c.text, c.want)
			}
		})
	}
}

func TestReaderTakesNullForEmpty(t *testing.T) {
	reader := NewReader(`[null, null, null, null]`)
	items := 0
	read := []func(){
		func() { items += len(reader.String()) },
		func() { items += int(reader.Integer()) },
		func() { reader.Object(func(string) { items++ }) },
		func() { reader.Array(func() { items++ }) },
	}
	reader.Array(func() { read[0](); read = read[1:] })
	if err := reader.End(); err != nil || items != 0 || len(read) != 0 {
		t.Errorf("got %v, %d items, %d left to read, want nil, 0, 0", err, items, len(read))
	}
}

func TestReaderStopsAtTheFirstErrorAndSaysWhere(t *testing.T) {
	reader := NewReader("{\"a\": 1,\n\"b\": x, \"c\": 2}")
	var keys []string
	reader.Object(func(key string) { keys = append(keys, key); reader.Integer() })
	if got := strings.Join(keys, ""); got != "ab" {
		t.Errorf("got members %q, want %q", got, "ab")
	}
	err := reader.End()
	if err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("got %v, want an error in line 2", err)
	}
	if reader.String() != "" || reader.Integer() != 0 {
		t.Errorf("got %q and %d after an error, want %q and 0", reader.String(), reader.Integer(), "")
	}
}

// FuzzReader compares with encoding/json: what is JSON, what a string means, and the way back.
func FuzzReader(f *testing.F) {
	for _, table := range []map[string]string{valid, invalid} {
		for _, text := range table {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := skip(text)
		deep := err != nil && strings.Contains(err.Error(), "nested deeper")
		if json.Valid([]byte(text)) != (err == nil) && !deep {
			t.Errorf("%q: got %v, want an error: %t", text, err, !json.Valid([]byte(text)))
		}
		var want string
		if utf8.ValidString(text) && strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &want) == nil {
			if got := NewReader(text).String(); got != want {
				t.Errorf("%q: got %q, want %q", text, got, want)
			}
		}
		quoted := quote(text)
		if !json.Valid([]byte(quoted)) {
			t.Errorf("WriteQuoted(%q) = %s, want JSON", text, quoted)
		}
		if got := NewReader(quoted).String(); got != string([]rune(text)) {
			t.Errorf("%q: got %q back, want %q", text, got, string([]rune(text)))
		}
	})
}

func skip(text string) error {
	reader := NewReader(text)
	reader.Skip()
	return reader.End()
}

func TestBoolReadsTrueAndFalse(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "false": false, " null ": false} {
		reader := NewReader(text)
		if got := reader.Bool(); got != want || reader.End() != nil {
			t.Errorf("%q: Bool() = %t, %v, want %t", text, got, reader.End(), want)
		}
	}
	for _, text := range []string{`"true"`, "1", "tru", "nul", "{}", ""} {
		reader := NewReader(text)
		if reader.Bool() || reader.End() == nil {
			t.Errorf("%q: got %v, want false and an error", text, reader.End())
		}
	}
}

func TestSliceIsTheTextOfAValue(t *testing.T) {
	reader := NewReader(`{"a": {"b" : [1, 2]} ,"c":3}`)
	slices := map[string]string{}
	reader.Object(func(key string) { slices[key] = reader.Slice(reader.Skip) })
	if err := reader.End(); err != nil || slices["a"] != `{"b" : [1, 2]}` || slices["c"] != "3" {
		t.Errorf("got %q, %v, want the texts of a and c", slices, err)
	}
	if reader := NewReader(`[1,`); reader.Slice(reader.Skip) != "" {
		t.Errorf("got a text of half a value, want %q", "")
	}
}

func quote(text string) string {
	var out strings.Builder
	WriteQuoted(&out, text)
	return out.String()
}
