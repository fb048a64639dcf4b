package releases

import (
	"strings"
	"testing"
)

func TestASmallerPageBeginsWithTheSameRelease(t *testing.T) {
	const base = "https://api/repos/o/r/releases?"
	for _, walk := range [][]string{
		{"per_page=30", "per_page=10", "per_page=5", "per_page=1", ""},
		{"page=3&per_page=30", "per_page=10&page=7", "per_page=5&page=13", "per_page=1&page=61", ""},
		{"x=1&page=1&per_page=10", "x=1&per_page=5", "x=1&per_page=1"},
		{"page=2&per_page=20", "per_page=10&page=3"},
		{"per_page=x", ""},
		{"page=2", ""},
	} {
		for at, from := range walk[:len(walk)-1] {
			got, ok := smaller(base + from)
			if want := walk[at+1]; ok != (want != "") || strings.TrimPrefix(got, base) != want {
				t.Errorf("%s: got %s, want %s", from, got, want)
			}
		}
	}
	if got, ok := smaller("https://go.dev/dl/?mode=json"); ok {
		t.Errorf("got %s for a list that comes whole, want no smaller page", got)
	}
	if got, ok := smaller("\x7f://"); ok {
		t.Errorf("got %s for what is no URL, want no smaller page", got)
	}
}
