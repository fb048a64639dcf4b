// Package watch knows what tools.toml says of a tool: where its releases are, how they are tagged
// and how their assets are named.
package watch

import (
	"slices"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/jsontext"
)

// placeholder stands for the version in a tag or in the name of an asset.
const placeholder = "{version}"

// Entry is one tool of tools.toml, as far as it matters here.
type Entry struct {
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
	// JSON is the whole entry.
	JSON string
}

// Parse reads the JSON that the validator makes of tools.toml.
func Parse(text string) (map[string]Entry, error) {
	entries := map[string]Entry{}
	reader := jsontext.NewReader(text)
	reader.Object(func(name string) {
		entry := Entry{Assets: map[string]string{}}
		entry.JSON = reader.Slice(func() { entry.read(reader) })
		entries[strings.Clone(name)] = entry
	})
	if err := reader.End(); err != nil {
		return nil, fault.Errorf(fault.Invalid, "tools.toml: %w", err)
	}
	return entries, nil
}

func (e *Entry) read(reader *jsontext.Reader) {
	reader.Object(func(key string) {
		switch key {
		case "source":
			e.Source = reader.String()
		case "repository":
			e.Repository = reader.String()
		case "base":
			e.Base = strings.TrimRight(reader.String(), "/")
		case "tag":
			e.Tag = reader.String()
		case "lts":
			e.LTS = reader.Bool()
		case "patience":
			e.Patience = reader.Integer()
		case "assets":
			reader.Object(func(platform string) { e.Assets[strings.Clone(platform)] = reader.String() })
		default:
			reader.Skip()
		}
	})
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
