// Package watch knows what tools.toml says of a tool: where its releases are, how they are tagged
// and how their assets are named.
package watch

import (
	"maps"
	"slices"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/jsontext"
)

// placeholder stands for the version in a tag or in the name of an asset.
const placeholder = "{version}"

// Entry is one tool of tools.toml.
type Entry struct {
	// Repository is OWNER/NAME.
	Repository string
	// Tag is a pattern such as `v{version}`.
	Tag string
	// Assets maps a platform to a pattern such as `wac-{version}-linux.tar.gz`.
	Assets map[string]string
}

// Parse reads the JSON that the validator makes of tools.toml.
func Parse(text string) (map[string]Entry, error) {
	entries := map[string]Entry{}
	reader := jsontext.NewReader(text)
	reader.Object(func(name string) { entries[name] = read(reader) })
	if err := reader.End(); err != nil {
		return nil, fault.Errorf(fault.Invalid, "tools.toml: %w", err)
	}
	return entries, nil
}

func read(reader *jsontext.Reader) Entry {
	entry := Entry{Assets: map[string]string{}}
	reader.Object(func(key string) {
		switch key {
		case "repository":
			entry.Repository = reader.String()
		case "tag":
			entry.Tag = reader.String()
		case "assets":
			reader.Object(func(platform string) { entry.Assets[platform] = reader.String() })
		default:
			reader.Skip()
		}
	})
	return entry
}

// Version returns the part of tag that stands for the version. The rest must be there exactly once:
// `vv1` under `v{version}` is version `v1`.
func (e Entry) Version(tag string) (string, error) {
	before, after, ok := strings.Cut(e.Tag, placeholder)
	if !ok {
		return "", fault.Errorf(fault.Invalid, "tag: `%s` lacks %s", e.Tag, placeholder)
	}
	version, prefixed := strings.CutPrefix(tag, before)
	version, suffixed := strings.CutSuffix(version, after)
	if !prefixed || !suffixed || version == "" {
		return "", fault.Errorf(fault.Invalid, "tag: `%s` of %s does not fit `%s`", tag, e.Repository, e.Tag)
	}
	return version, nil
}

// Platforms returns the platforms, sorted.
func (e Entry) Platforms() []string {
	return slices.Sorted(maps.Keys(e.Assets))
}

// Asset returns the name of a platform's asset in a version.
func (e Entry) Asset(platform, version string) string {
	return strings.ReplaceAll(e.Assets[platform], placeholder, version)
}
