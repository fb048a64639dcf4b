// Package releases reads lists of releases: from the API of GitHub or a compatible server, the list of
// go.dev and the index of nodejs.org.
package releases

import (
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/jsontext"
)

// Uploaded is the state of an asset whose upload is complete.
const Uploaded = "uploaded"

// Asset is a file of a release. Fields that are null or absent are zero.
type Asset struct {
	Name  string
	State string
	// Size is -1 if it is unknown before the download.
	Size      int64
	Digest    string
	UpdatedAt string
	// URL is its address for browsers.
	URL string
	// API is its address in the API; empty without an API.
	API string
}

// Release holds the fields of a release that are used here.
type Release struct {
	// ID identifies it; a tag does not, because a draft may have the tag of a published release.
	ID          int64
	Tag         string
	Draft       bool
	Prerelease  bool
	PublishedAt string
	Assets      []Asset
}

// Page is a part of the releases of a repository, newest first.
type Page struct {
	Releases []Release
	// Next is the URL of the next page; empty if there is none.
	Next string
	// Moved is the repository's new name, OWNER/NAME; empty if it did not move.
	Moved string
	// Uncached is why the page could not be kept.
	Uncached error
}

// SHA256 returns the published digest in lower-case hex, or "" if none was published.
func (a *Asset) SHA256() (string, error) {
	if a.Digest == "" {
		return "", nil
	}
	digits, ok := strings.CutPrefix(a.Digest, "sha256:")
	if !ok || len(digits) != 64 || strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return "", fault.Errorf(fault.Answer, "digest: `%s` of %s is not sha256: and 64 hex digits", a.Digest, a.Name)
	}
	return strings.ToLower(digits), nil
}

// Find returns the asset with exactly that name, if its upload is complete.
func (r *Release) Find(name string) (Asset, bool) {
	for _, asset := range r.Assets {
		if asset.Name == name && asset.State == Uploaded {
			return asset, true
		}
	}
	return Asset{}, false
}

// Checksums returns the names that look like files of checksums, except one.
func (r *Release) Checksums(but string) (names []string) {
	for _, asset := range r.Assets {
		lower := strings.ToLower(asset.Name)
		seems := strings.Contains(lower, "sha256") || strings.Contains(lower, "checksum") || strings.Contains(lower, "shasum")
		if seems && asset.Name != but && asset.State == Uploaded {
			names = append(names, asset.Name)
		}
	}
	return names
}

// word reads a string that will be shown.
func word(reader *jsontext.Reader) string { return fault.Plain(reader.String()) }
