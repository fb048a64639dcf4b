package github

import (
	"errors"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/jsontext"
)

func parse(text string) (*Release, error) {
	var release Release
	reader := jsontext.NewReader(text)
	reader.Object(func(key string) {
		switch key {
		case "tag_name":
			release.Tag = word(reader)
		case "published_at":
			release.PublishedAt = word(reader)
		case "assets":
			reader.Array(func() { release.Assets = append(release.Assets, parseAsset(reader)) })
		default:
			reader.Skip()
		}
	})
	if err := reader.End(); err != nil {
		return nil, err
	}
	if release.Tag == "" {
		return nil, errors.New("tag_name is missing")
	}
	return &release, nil
}

func parseAsset(reader *jsontext.Reader) Asset {
	var asset Asset
	reader.Object(func(key string) {
		switch key {
		case "name":
			asset.Name = word(reader)
		case "state":
			asset.State = word(reader)
		case "size":
			asset.Size = reader.Integer()
		case "digest":
			asset.Digest = word(reader)
		case "browser_download_url":
			asset.URL = word(reader)
		default:
			reader.Skip()
		}
	})
	return asset
}

// word reads a string that will be shown.
func word(reader *jsontext.Reader) string { return fault.Plain(reader.String()) }
