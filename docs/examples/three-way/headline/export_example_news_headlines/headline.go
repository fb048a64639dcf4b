// Package export_example_news_headlines implements the interface headlines of wit/news.wit.
package export_example_news_headlines

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/headline/gen/imports/example_news_checksums"
)

// Headline returns text in title case, with its checksum.
func Headline(text string) string {
	words := strings.Fields(text)
	for at, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		words[at] = string(unicode.ToTitle(first)) + word[size:]
	}
	title := strings.Join(words, " ")
	return fmt.Sprintf("%s [%08x]", title, example_news_checksums.Fnv1a(title))
}
