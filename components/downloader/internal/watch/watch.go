// Package watch holds the entries of tools.toml: where a tool's releases are, how they are tagged and
// how their assets are named.
package watch

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// placeholder stands for the version in a tag or in the name of an asset.
const placeholder = "{version}"

// Entry holds the fields of one tool of tools.toml that are used here.
type Entry struct {
	// Tool is the tool's name.
	Tool string
	// Source is `github`, `go` or `nodejs`.
	Source string
	// Repository is OWNER/NAME, for github.
	Repository string
	// Base is the URL of the index and the files, without a final slash, for go and nodejs.
	Base string
	// Tag is a pattern such as `v{version}`.
	Tag string
	// LTS means that only releases with long-term support count, for nodejs.
	LTS bool
	// Patience is how many days a release may stay incomplete.
	Patience int64
	// Assets maps a platform to a pattern such as `wac-{version}-linux.tar.gz`.
	Assets map[string]string
	// Whole is the entry for the validator; nothing here reads it.
	Whole any
}

// Reading distinguishes entries for which a list of all versions is read differently.
func (e Entry) Reading() string {
	parts := []string{e.Tag, strconv.FormatBool(e.LTS)}
	for _, platform := range slices.Sorted(maps.Keys(e.Assets)) {
		parts = append(parts, platform, e.Assets[platform])
	}
	return strings.Join(parts, "\n")
}

// TagOf returns the tag of a version.
func (e Entry) TagOf(version string) string {
	return strings.ReplaceAll(e.Tag, placeholder, version)
}

// AssetsOf returns the names of a version's assets, sorted, each once.
func (e Entry) AssetsOf(version string) []string {
	names := make([]string, 0, len(e.Assets))
	for _, pattern := range e.Assets {
		names = append(names, strings.ReplaceAll(pattern, placeholder, version))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Version returns the version in a tag; ok is false if the tag does not match the pattern. The rest must be there exactly once: `vv1` under `v{version}` is version `v1`.
func (e Entry) Version(tag string) (version string, ok bool) {
	before, after, ok := strings.Cut(e.Tag, placeholder)
	if !ok {
		return "", false
	}
	version, prefixed := strings.CutPrefix(tag, before)
	version, suffixed := strings.CutSuffix(version, after)
	return version, prefixed && suffixed && version != ""
}
