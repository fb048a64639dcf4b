package releases

import (
	"net/url"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/watch"
)

const (
	// DefaultBase is the public API of GitHub.
	DefaultBase = "https://api.github.com"
	// BaseVariable is the environment variable that replaces it.
	BaseVariable = "GITHUB_API_URL"

	// newest is the number of releases kept of a complete list, in addition to the recorded ones.
	newest = 30
)

// Token is a secret and the environment variable that holds it.
type Token struct{ Variable, Secret string }

// API is the address and the token of GitHub's API.
type API struct {
	// Base is the URL before `/repos`, without a final slash.
	Base  string
	Token Token
}

// kind is a kind of site that publishes releases.
type kind interface {
	// first is the URL of the first page.
	first(entry *watch.Entry) string
	// accept is the media type that requests name.
	accept() string
	// parse reads a page. Of a complete list it keeps the newest releases, and each tag for which
	// recorded holds.
	parse(text string, entry *watch.Entry, recorded func(tag string) bool) (Page, error)
}

func (a API) kind(entry *watch.Entry) (kind, error) {
	switch entry.Source {
	case "github", "":
		return github{a.Base}, nil
	case "go":
		return golang{}, nil
	case "nodejs":
		return nodejs{}, nil
	}
	return nil, fault.Errorf(fault.Invalid, "source: `%s` is none of github, go and nodejs", entry.Source)
}

// keep cuts a whole list to its newest releases and the recorded ones, and numbers them.
func keep(releases []Release, recorded func(tag string) bool) []Release {
	for i := range releases {
		releases[i].ID = int64(i + 1)
	}
	kept := releases[:min(len(releases), newest)]
	for _, release := range releases[len(kept):] {
		if recorded(release.Tag) {
			kept = append(kept, release)
		}
	}
	return kept
}

// path joins a base URL and names, each escaped as one segment.
func path(base string, names ...string) string {
	for _, name := range names {
		base += "/" + url.PathEscape(name)
	}
	return base
}
