package releases

import (
	"errors"

	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// golang is go.dev's list of downloads: all versions in one answer, with digests but without dates.
type golang struct{}

var _ kind = golang{}

func (golang) first(entry *watch.Entry) string { return entry.Base + "/?mode=json&include=all" }

func (golang) accept() string { return "application/json" }

func (golang) parse(text string, entry *watch.Entry, recorded func(string) bool) (Page, error) {
	var all []Release
	reader := jsontext.NewReader(text)
	reader.Array(func() {
		var release Release
		reader.Object(func(key string) {
			switch key {
			case "version":
				release.Tag = word(reader)
			case "stable":
				release.Prerelease = !reader.Bool()
			case "files":
				reader.Array(func() { release.Assets = append(release.Assets, parseFile(reader, entry.Base)) })
			default:
				reader.Skip()
			}
		})
		all = append(all, release)
	})
	if err := reader.End(); err != nil {
		return Page{}, err
	}
	for _, release := range all {
		if release.Tag == "" {
			return Page{}, errors.New("version is missing")
		}
	}
	return Page{Releases: keep(all, recorded)}, nil
}

func parseFile(reader *jsontext.Reader, base string) Asset {
	asset := Asset{State: Uploaded}
	reader.Object(func(key string) {
		switch key {
		case "filename":
			asset.Name = word(reader)
		case "size":
			asset.Size = reader.Integer()
		case "sha256":
			if digits := word(reader); digits != "" {
				asset.Digest = "sha256:" + digits
			}
		default:
			reader.Skip()
		}
	})
	asset.URL = path(base, asset.Name)
	return asset
}
