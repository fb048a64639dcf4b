package releases

import (
	"errors"

	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// Sums is the name of nodejs.org's file of digests, beside the files of a version.
const Sums = "SHASUMS256.txt"

// nodejs is the index of nodejs.org: all versions in one answer, with dates but without files or
// digests. The entry names the files; [Sums] has their digests.
type nodejs struct{}

var _ kind = nodejs{}

func (nodejs) first(entry *watch.Entry) string { return entry.Base + "/index.json" }

func (nodejs) accept() string { return "application/json" }

func (nodejs) parse(text string, entry *watch.Entry, recorded func(string) bool) (Page, error) {
	var all []Release
	reader := jsontext.NewReader(text)
	reader.Array(func() {
		var release Release
		longTerm := false
		reader.Object(func(key string) {
			switch key {
			case "version":
				release.Tag = word(reader)
			case "date":
				if day := word(reader); day != "" {
					release.PublishedAt = day + "T00:00:00Z"
				}
			case "lts":
				// The name of the release line, or false.
				value := reader.Slice(reader.Skip)
				longTerm = value != "false" && value != "null"
			default:
				reader.Skip()
			}
		})
		if longTerm || !entry.LTS {
			all = append(all, release)
		}
	})
	if err := reader.End(); err != nil {
		return Page{}, err
	}
	all = keep(all, recorded)
	for i := range all {
		if all[i].Tag == "" {
			return Page{}, errors.New("version is missing")
		}
		all[i].Assets = files(entry, all[i].Tag)
	}
	return Page{Releases: all}, nil
}

func files(entry *watch.Entry, tag string) []Asset {
	version, ok := entry.Version(tag)
	if !ok {
		return nil
	}
	var assets []Asset
	for _, name := range append(entry.AssetsOf(version), Sums) {
		assets = append(assets, Asset{Name: name, State: Uploaded, Size: -1, URL: path(entry.Base, tag, name)})
	}
	return assets
}
