package releases

import (
	"errors"
	"strconv"
	"strings"

	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// github is the API of GitHub.
type github struct{ base string }

var _ kind = github{}

func (g github) first(entry *watch.Entry) string {
	return g.base + "/repos/" + entry.Repository + "/releases?per_page=" + strconv.Itoa(pageSizes[0])
}

func (github) accept() string { return "application/vnd.github+json" }

func (github) parse(text string, entry *watch.Entry, _ func(string) bool) (Page, error) {
	var page Page
	reader := jsontext.NewReader(text)
	repository := ""
	reader.Array(func() {
		release, url := parseRelease(reader)
		page.Releases = append(page.Releases, release)
		if repository == "" {
			repository = ownerAndName(url)
		}
	})
	if err := reader.End(); err != nil {
		return Page{}, err
	}
	for _, release := range page.Releases {
		if release.Tag == "" {
			return Page{}, errors.New("tag_name is missing")
		}
	}
	if repository != "" && !strings.EqualFold(repository, entry.Repository) {
		page.Moved = repository
	}
	return page, nil
}

// parseRelease returns a release and its URL, which holds the repository's present name.
func parseRelease(reader *jsontext.Reader) (release Release, url string) {
	reader.Object(func(key string) {
		switch key {
		case "url":
			url = word(reader)
		case "id":
			release.ID = reader.Integer()
		case "tag_name":
			release.Tag = word(reader)
		case "draft":
			release.Draft = reader.Bool()
		case "prerelease":
			release.Prerelease = reader.Bool()
		case "published_at":
			release.PublishedAt = word(reader)
		case "assets":
			reader.Array(func() { release.Assets = append(release.Assets, parseAsset(reader)) })
		default:
			reader.Skip()
		}
	})
	if release.Draft {
		// Its files are not public yet.
		release.Assets = nil
	}
	return release, url
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
		case "updated_at":
			asset.UpdatedAt = word(reader)
		case "browser_download_url":
			asset.URL = word(reader)
		case "url":
			asset.API = word(reader)
		default:
			reader.Skip()
		}
	})
	return asset
}

// ownerAndName returns O/R of a URL …/repos/O/R/releases/…, or "".
func ownerAndName(url string) string {
	_, rest, ok := strings.Cut(url, "/repos/")
	if !ok {
		return ""
	}
	repository, _, ok := strings.Cut(rest, "/releases/")
	if !ok || strings.Count(repository, "/") != 1 {
		return ""
	}
	return repository
}
