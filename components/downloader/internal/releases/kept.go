package releases

import (
	"strconv"
	"strings"

	"doit-wasm.dev/components/downloader/internal/jsontext"
)

// save encodes a page for the cache.
func save(page Page) string {
	var out strings.Builder
	writeString(&out, `{"next":`, page.Next)
	writeString(&out, `,"moved":`, page.Moved)
	out.WriteString(`,"releases":`)
	writeReleases(&out, page.Releases)
	out.WriteByte('}')
	return out.String()
}

func writeReleases(out *strings.Builder, releases []Release) {
	out.WriteByte('[')
	for i, release := range releases {
		separate(out, i)
		out.WriteString(`{"id":` + strconv.FormatInt(release.ID, 10))
		writeString(out, `,"tag":`, release.Tag)
		out.WriteString(`,"draft":` + strconv.FormatBool(release.Draft))
		out.WriteString(`,"prerelease":` + strconv.FormatBool(release.Prerelease))
		writeString(out, `,"published_at":`, release.PublishedAt)
		out.WriteString(`,"assets":[`)
		for i, asset := range release.Assets {
			separate(out, i)
			asset.write(out)
		}
		out.WriteString("]}")
	}
	out.WriteByte(']')
}

func (a *Asset) write(out *strings.Builder) {
	writeString(out, `{"name":`, a.Name)
	writeString(out, `,"state":`, a.State)
	out.WriteString(`,"size":` + strconv.FormatInt(a.Size, 10))
	writeString(out, `,"digest":`, a.Digest)
	writeString(out, `,"updated_at":`, a.UpdatedAt)
	writeString(out, `,"url":`, a.URL)
	writeString(out, `,"api":`, a.API)
	out.WriteByte('}')
}

func separate(out *strings.Builder, index int) {
	if index > 0 {
		out.WriteByte(',')
	}
}

func writeString(out *strings.Builder, before, text string) {
	out.WriteString(before)
	jsontext.WriteQuoted(out, text)
}

// load decodes a page from the cache.
func load(text string) (page Page, err error) {
	reader := jsontext.NewReader(text)
	reader.Object(func(key string) {
		switch key {
		case "next":
			page.Next = reader.String()
		case "moved":
			page.Moved = reader.String()
		case "releases":
			reader.Array(func() { page.Releases = append(page.Releases, loadRelease(reader)) })
		default:
			reader.Skip()
		}
	})
	return page, reader.End()
}

func loadRelease(reader *jsontext.Reader) (release Release) {
	reader.Object(func(key string) {
		switch key {
		case "id":
			release.ID = reader.Integer()
		case "tag":
			release.Tag = reader.String()
		case "draft":
			release.Draft = reader.Bool()
		case "prerelease":
			release.Prerelease = reader.Bool()
		case "published_at":
			release.PublishedAt = reader.String()
		case "assets":
			reader.Array(func() { release.Assets = append(release.Assets, loadAsset(reader)) })
		default:
			reader.Skip()
		}
	})
	return release
}

func loadAsset(reader *jsontext.Reader) (asset Asset) {
	reader.Object(func(key string) {
		switch key {
		case "name":
			asset.Name = reader.String()
		case "state":
			asset.State = reader.String()
		case "size":
			asset.Size = reader.Integer()
		case "digest":
			asset.Digest = reader.String()
		case "updated_at":
			asset.UpdatedAt = reader.String()
		case "url":
			asset.URL = reader.String()
		case "api":
			asset.API = reader.String()
		default:
			reader.Skip()
		}
	})
	return asset
}
