package releases

import (
	"strconv"
	"strings"

	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// File is a release file: what upstream has for one tool.
type File struct {
	Tool string
	// Source is the address of the list of releases.
	Source string
	// Newest is the release that can be recorded; nil if there is none.
	Newest     *Newest
	PassedOver []Passed
	// Releases are the releases of the list; everything else was decided from them.
	Releases []Release
}

// Newest is a release that can be recorded; Date is "" where the list of releases has none.
type Newest struct {
	Version, Tag, Date string
	Assets             []PlatformAsset
}

// PlatformAsset is the file of a platform.
type PlatformAsset struct {
	Platform string
	Asset    Asset
}

// Passed is a newer release that is passed over; Version and Until may be "".
type Passed struct{ Version, Tag, Reason, Until string }

// Source is the address of the list of releases of a tool.
func (p *Poller) Source(entry *watch.Entry) string {
	kind, err := p.API.kind(entry)
	if err != nil {
		return ""
	}
	address, _, _ := strings.Cut(kind.first(entry), "?")
	return strings.TrimSuffix(address, "/")
}

// Text returns the file: sorted keys, two spaces, a final newline.
func (f *File) Text() string {
	var out strings.Builder
	out.WriteString(`{"newest":`)
	f.Newest.write(&out)
	out.WriteString(`,"passed_over":[`)
	for i, passed := range f.PassedOver {
		separate(&out, i)
		writeString(&out, `{"reason":`, passed.Reason)
		writeString(&out, `,"tag":`, passed.Tag)
		writeString(&out, `,"until":`, passed.Until)
		writeString(&out, `,"version":`, passed.Version)
		out.WriteByte('}')
	}
	out.WriteString(`],"releases":[`)
	for i, release := range f.Releases {
		separate(&out, i)
		release.write(&out)
	}
	writeString(&out, `],"source":`, f.Source)
	writeString(&out, `,"tool":`, f.Tool)
	out.WriteByte('}')
	return jsontext.Indented(out.String())
}

func (n *Newest) write(out *strings.Builder) {
	if n == nil {
		out.WriteString("null")
		return
	}
	out.WriteString(`{"assets":[`)
	page := ""
	for i, file := range n.Assets {
		separate(out, i)
		writeString(out, `{"digest":`, file.Asset.Digest)
		writeString(out, `,"name":`, file.Asset.Name)
		writeString(out, `,"platform":`, file.Platform)
		writeSize(out, file.Asset.Size)
		writeString(out, `,"url":`, file.Asset.URL)
		out.WriteByte('}')
		page = pageOf(file.Asset.URL)
	}
	writeString(out, `],"date":`, n.Date)
	writeString(out, `,"tag":`, n.Tag)
	writeString(out, `,"url":`, page)
	writeString(out, `,"version":`, n.Version)
	out.WriteByte('}')
}

// pageOf derives the web page of a release from the address of one of its files.
func pageOf(url string) string {
	folder := url[:max(strings.LastIndexByte(url, '/'), 0)]
	return strings.Replace(folder, "/releases/download/", "/releases/tag/", 1)
}

func (r *Release) write(out *strings.Builder) {
	out.WriteString(`{"assets":[`)
	for i, asset := range r.Assets {
		separate(out, i)
		writeString(out, `{"api":`, asset.API)
		writeString(out, `,"digest":`, asset.Digest)
		writeString(out, `,"name":`, asset.Name)
		writeSize(out, asset.Size)
		writeString(out, `,"state":`, asset.State)
		writeString(out, `,"updated_at":`, asset.UpdatedAt)
		writeString(out, `,"url":`, asset.URL)
		out.WriteByte('}')
	}
	out.WriteString(`],"draft":` + strconv.FormatBool(r.Draft))
	out.WriteString(`,"id":` + strconv.FormatInt(r.ID, 10))
	out.WriteString(`,"prerelease":` + strconv.FormatBool(r.Prerelease))
	writeString(out, `,"published_at":`, r.PublishedAt)
	writeString(out, `,"tag":`, r.Tag)
	out.WriteByte('}')
}

// writeSize writes a size, or null if it is unknown.
func writeSize(out *strings.Builder, size int64) {
	out.WriteString(`,"size":`)
	if size < 0 {
		out.WriteString("null")
		return
	}
	out.WriteString(strconv.FormatInt(size, 10))
}

// ParseFile reads the tool and the releases of a release file, from which the rest derives.
func ParseFile(text string) (file File, err error) {
	reader := jsontext.NewReader(text)
	reader.Object(func(key string) {
		switch key {
		case "tool":
			file.Tool = word(reader)
		case "releases":
			reader.Array(func() { file.Releases = append(file.Releases, fileRelease(reader)) })
		default:
			reader.Skip()
		}
	})
	return file, reader.End()
}

func fileRelease(reader *jsontext.Reader) (release Release) {
	reader.Object(func(key string) {
		switch key {
		case "id":
			release.ID = reader.Integer()
		case "tag":
			release.Tag = word(reader)
		case "draft":
			release.Draft = reader.Bool()
		case "prerelease":
			release.Prerelease = reader.Bool()
		case "published_at":
			release.PublishedAt = word(reader)
		case "assets":
			reader.Array(func() { release.Assets = append(release.Assets, fileAsset(reader)) })
		default:
			reader.Skip()
		}
	})
	return release
}

func fileAsset(reader *jsontext.Reader) Asset {
	asset := Asset{Size: -1}
	reader.Object(func(key string) {
		switch key {
		case "name":
			asset.Name = word(reader)
		case "state":
			asset.State = word(reader)
		case "size":
			if !reader.Null() {
				asset.Size = reader.Integer()
			}
		case "digest":
			asset.Digest = word(reader)
		case "updated_at":
			asset.UpdatedAt = word(reader)
		case "url":
			asset.URL = word(reader)
		case "api":
			asset.API = word(reader)
		default:
			reader.Skip()
		}
	})
	return asset
}
