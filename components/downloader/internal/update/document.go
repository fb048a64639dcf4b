package update

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/jsontext"
)

// document is the little of a tool file that polling needs; all else is the validator's.
type document struct {
	latest   string
	versions map[string]bool
}

func parse(place files.Place, text string) (document, error) {
	known := document{versions: map[string]bool{}}
	if text == "" {
		return known, nil
	}
	reader := jsontext.NewReader(text)
	reader.Object(func(key string) {
		switch key {
		case "latest_version":
			known.latest = reader.String()
		case "versions":
			reader.Object(func(version string) {
				known.versions[version] = true
				reader.Skip()
			})
		default:
			reader.Skip()
		}
	})
	if err := reader.End(); err != nil {
		return known, fault.Errorf(fault.Invalid, "%s: %w", place.Tool, err)
	}
	return known, nil
}

func (d document) has(version string) bool {
	return d.latest == version || d.versions[version]
}

// newDocument is what a tool file starts from; the validator adds the rest.
func newDocument(repository string) string {
	return `{"github_repo":` + jsontext.Quote(repository) + `}`
}

// addition is the input of `documents.record`.
type addition struct {
	name, document            string
	version, releaseDate, tag string
	platforms                 map[string]platform
}

// platform is one platform of a version.
type platform struct {
	asset string
	asset.Confirmed
}

func (a *addition) json() string {
	platforms := make([]string, 0, len(a.platforms))
	for _, name := range slices.Sorted(maps.Keys(a.platforms)) {
		platforms = append(platforms, jsontext.Quote(name)+":"+a.platforms[name].json())
	}
	return `{"name":` + jsontext.Quote(a.name) +
		`,"document":` + jsontext.Quote(a.document) +
		`,"version":` + jsontext.Quote(a.version) +
		`,"release_date":` + jsontext.Quote(a.releaseDate) +
		`,"tag":` + jsontext.Quote(a.tag) +
		`,"platforms":{` + strings.Join(platforms, ",") + `}}`
}

func (p platform) json() string {
	sources := make([]string, 0, len(p.By))
	for _, source := range p.By {
		sources = append(sources, jsontext.Quote(source))
	}
	return `{"asset":` + jsontext.Quote(p.asset) +
		`,"sha256":` + jsontext.Quote(p.SHA256) +
		`,"size":` + strconv.FormatInt(p.Size, 10) +
		`,"confirmed_by":[` + strings.Join(sources, ",") + `]}`
}
