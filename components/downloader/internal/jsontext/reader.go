// Package jsontext reads and writes JSON without reflection. TinyGo has encoding/json, but its
// reflection panics there once a program also uses errors.As, and costs a third of the component.
package jsontext

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds nesting, because the stack of a component does not grow.
const maxDepth = 100

// Reader walks a JSON text from its first byte to its last. The first error ends the walk: every
// later call returns zero values, and [Reader.End] returns the error.
type Reader struct {
	text  string
	at    int
	depth int
	err   error
}

// NewReader returns a reader of one JSON value, which may follow a byte order mark.
func NewReader(text string) *Reader { return &Reader{text: strings.TrimPrefix(text, "\uFEFF")} }

// Object reads an object, or null, and calls member with each key. Member must read the value.
func (r *Reader) Object(member func(key string)) {
	r.sequence('{', '}', func() {
		if r.peek() != '"' {
			r.fail("a key should be here")
			return
		}
		key := r.quoted()
		if r.peek() != ':' {
			r.fail("`:` should be here")
			return
		}
		r.at++
		member(key)
	})
}

// Array reads an array, or null, and calls element for each element. Element must read it.
func (r *Reader) Array(element func()) {
	r.sequence('[', ']', element)
}

// String reads a string, or null as "". It is a copy and does not keep the text alive.
func (r *Reader) String() string {
	if r.Null() {
		return ""
	}
	if r.peek() != '"' {
		r.fail("a string should be here")
		return ""
	}
	return strings.Clone(r.quoted())
}

// Integer reads a whole number, or null as 0.
func (r *Reader) Integer() int64 {
	if r.Null() {
		return 0
	}
	number, err := strconv.ParseInt(r.number(), 10, 64)
	if err != nil {
		r.fail("a whole number of at most 64 bits should be here")
		return 0
	}
	return number
}

// Bool reads true or false, or null as false.
func (r *Reader) Bool() bool {
	switch r.peek() {
	case 't':
		return r.literal("true")
	case 'f':
		r.literal("false")
	case 'n':
		r.literal("null")
	default:
		r.fail("true or false should be here")
	}
	return false
}

// Slice calls read and returns a copy of the text that it consumed.
func (r *Reader) Slice(read func()) string {
	r.peek()
	start := r.at
	read()
	if r.err != nil {
		return ""
	}
	return strings.Clone(r.text[start:r.at])
}

// Skip reads and discards a value of any kind.
func (r *Reader) Skip() {
	switch c := r.peek(); c {
	case '{':
		r.Object(func(string) { r.Skip() })
	case '[':
		r.Array(r.Skip)
	case '"':
		r.quoted()
	case 't':
		r.literal("true")
	case 'f':
		r.literal("false")
	case 'n':
		r.literal("null")
	default:
		r.number()
	}
}

// End returns the first error; text after the value is an error.
func (r *Reader) End() error {
	if r.err == nil && r.peek() != 0 {
		r.fail("the text should end here")
	}
	return r.err
}

// sequence reads items separated by commas between two brackets.
func (r *Reader) sequence(open, end byte, item func()) {
	if r.Null() {
		return
	}
	if r.peek() != open {
		r.fail("`" + string(rune(open)) + "` should be here")
		return
	}
	if r.depth++; r.depth > maxDepth {
		r.fail(fmt.Sprintf("nested deeper than %d levels", maxDepth))
		return
	}
	r.at++
	for first := true; r.err == nil; first = false {
		c := r.peek()
		switch {
		case c == end:
			r.at++
			r.depth--
			return
		case !first && c == ',':
			r.at++
		case !first:
			r.fail("`,` or `" + string(rune(end)) + "` should be here")
			return
		}
		item()
	}
}

// peek skips white space and returns the next byte, 0 at the end and after an error.
func (r *Reader) peek() byte {
	for r.err == nil && r.at < len(r.text) {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\r', '\n':
			r.at++
		case 0:
			r.fail("a zero byte is not JSON")
		default:
			return c
		}
	}
	return 0
}

// Null reads null, if it is next.
func (r *Reader) Null() bool {
	return r.peek() == 'n' && r.literal("null")
}

func (r *Reader) literal(word string) bool {
	if !strings.HasPrefix(r.text[r.at:], word) {
		r.fail("a value should be here")
		return false
	}
	r.at += len(word)
	return true
}

// number returns the text of a number, "" after an error.
func (r *Reader) number() string {
	r.peek()
	start := r.at
	r.accept("-")
	whole := r.digits()
	leadingZero := whole > 1 && r.text[r.at-whole] == '0'
	valid := whole > 0 && !leadingZero
	if r.accept(".") {
		valid = r.digits() > 0 && valid
	}
	if r.accept("eE") {
		r.accept("+-")
		valid = r.digits() > 0 && valid
	}
	if !valid || r.err != nil {
		r.at = start
		r.fail("a value should be here")
		return ""
	}
	return r.text[start:r.at]
}

func (r *Reader) accept(any string) bool {
	if r.at < len(r.text) && strings.IndexByte(any, r.text[r.at]) >= 0 {
		r.at++
		return true
	}
	return false
}

func (r *Reader) digits() int {
	start := r.at
	for r.accept("0123456789") {
	}
	return r.at - start
}

// fail keeps the first error and its place.
func (r *Reader) fail(why string) {
	if r.err != nil {
		return
	}
	if r.at >= len(r.text) {
		r.err = errors.New("the text ends too early")
		return
	}
	line := 1 + strings.Count(r.text[:r.at], "\n")
	r.err = fmt.Errorf("line %d: %s", line, why)
}
