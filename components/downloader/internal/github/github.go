// Package github reads releases from the API of GitHub, or of a server that speaks like it.
package github

import (
	"errors"
	"io"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
)

const (
	// DefaultBase is the public API.
	DefaultBase = "https://api.github.com"
	// BaseVariable is the environment variable that holds another base, named in messages.
	BaseVariable = "GITHUB_API_URL"
	// TokenVariable is the environment variable that holds the token, named in messages.
	TokenVariable = "GITHUB_TOKEN"

	maxReleaseBytes = 16 << 20
)

// Asset is a file of a release. Fields that are null or absent are zero.
type Asset struct {
	Name   string
	State  string
	Size   int64
	Digest string
	URL    string
}

// Release is a release as far as it matters here.
type Release struct {
	Tag         string
	PublishedAt string
	Assets      []Asset
}

// API is a release API.
type API struct {
	// Base is the URL before `/repos`, without a final slash.
	Base string
	// Token is sent to Base only; it may be empty.
	Token  string
	Client *transport.Client
}

// Latest returns the release of `OWNER/NAME` that its maintainers call the latest.
func (a *API) Latest(repository string) (*Release, error) {
	url := a.Base + "/repos/" + repository + "/releases/latest"
	response, err := a.Client.Get(transport.Query{
		URL:   url,
		Token: a.Token,
		Headers: []transport.Header{
			{Name: "Accept", Value: "application/vnd.github+json"},
			{Name: "X-GitHub-Api-Version", Value: "2022-11-28"},
		},
	})
	if err != nil {
		return nil, a.blame(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReleaseBytes+1))
	if err != nil {
		return nil, fault.Errorf(fault.Network, "%s: %w", url, err)
	}
	if len(body) > maxReleaseBytes {
		return nil, fault.Errorf(fault.Answer, "%s: more than %d bytes", url, maxReleaseBytes)
	}
	release, err := parse(string(body))
	if err != nil {
		return nil, fault.Errorf(fault.Answer, "%s: is not a release: %w", url, err)
	}
	return release, nil
}

// blame names the variable whose value is at fault.
func (a *API) blame(err error) error {
	if kind, _ := fault.KindOf(err); kind == fault.Invalid {
		return fault.Errorf(fault.Invalid, "%w; the address comes from %s", err, BaseVariable)
	}
	var refusal *transport.Refusal
	if a.Token != "" && errors.As(err, &refusal) && refusal.Status == 401 {
		return fault.Errorf(fault.Status, "%w; the token came from %s", err, TokenVariable)
	}
	return err
}

// Asset returns the asset of exactly that name, if it is there whole.
func (r *Release) Asset(name string) (Asset, bool) {
	for _, asset := range r.Assets {
		if asset.Name == name && asset.State == "uploaded" {
			return asset, true
		}
	}
	return Asset{}, false
}

// Date returns the day of publication as YYYY-MM-DD.
func (r *Release) Date() (string, error) {
	day, _, ok := strings.Cut(r.PublishedAt, "T")
	if _, err := time.Parse(time.DateOnly, day); !ok || err != nil {
		return "", fault.Errorf(fault.Answer, "published_at: `%s` of %s is not a date and time", r.PublishedAt, r.Tag)
	}
	return day, nil
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
