// Package watch knows what tools.toml says of a tool: where its releases are, how they are tagged
// and how their assets are named.
package watch

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// placeholder stands for the version in a tag or in the name of an asset.
const placeholder = "{version}"

// Entry is one tool of tools.toml, as far as it matters here.
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
	// LTS says that only long-term releases count, for nodejs.
	LTS bool
	// Patience is for how many days a release may be incomplete.
	Patience int64
	// Assets maps a platform to a pattern such as `wac-{version}-linux.tar.gz`.
	Assets map[string]string
	// Whole is the entry as the validator wants it back; nothing here looks inside.
	Whole any
}

// Reading tells entries apart that a list of all versions is read for differently.
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

// Version returns the part of a tag that stands for the version; ok is false if the tag does not
// fit. The rest must be there exactly once: `vv1` under `v{version}` is version `v1`.
func (e Entry) Version(tag string) (version string, ok bool) {
	before, after, ok := strings.Cut(e.Tag, placeholder)
	if !ok {
		return "", false
	}
	version, prefixed := strings.CutPrefix(tag, before)
	version, suffixed := strings.CutSuffix(version, after)
	return version, prefixed && suffixed && version != ""
}
