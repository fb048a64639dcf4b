package update

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// Validator knows the rules of documents; nothing is written that it has not approved.
type Validator interface {
	// Watched turns the text of tools.toml into JSON.
	Watched(config string) (string, error)
	// Plan decides what there is to do about a tool.
	Plan(input string) (string, error)
	// Record adds a version to a tool file and returns the new text.
	Record(input string) (string, error)
	// Sums turns a file of checksums into JSON.
	Sums(text string) (string, error)
}

// document is the little of a tool file that polling needs; all else is the validator's.
type document struct {
	latest   string
	versions []string
}

func parse(place files.Place, text string) (document, error) {
	var known document
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
				known.versions = append(known.versions, strings.Clone(version))
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

// question is the input of `documents.plan`.
func (t *tool) question(now time.Time, last bool) string {
	assets := 0
	for _, release := range t.releases {
		assets += 1 + len(release.Assets)
	}
	var out strings.Builder
	// About what it takes: to make room again and again is what costs most here.
	out.Grow(len(t.text)*5/4 + len(t.entry.JSON) + 250*assets + 200)
	out.WriteString(`{"name":`)
	jsontext.WriteQuoted(&out, t.place.Name)
	out.WriteString(`,"document":`)
	jsontext.WriteQuoted(&out, t.text)
	out.WriteString(`,"watch":` + t.entry.JSON)
	out.WriteString(`,"now":"` + transport.Stamp(now))
	out.WriteString(`","last":` + strconv.FormatBool(last))
	out.WriteString(`,"releases":`)
	releases.WriteJSON(&out, t.releases)
	out.WriteByte('}')
	return out.String()
}

// plan is the answer of `documents.plan`.
type plan struct {
	state              string
	before, after, tag string
	release            int64 // its ID
	date, until        string
	problem            string            // of the entry, for a person
	assets, sums       map[string]string // by platform
	missing, notes     []string
	compared           uint32
	changes            []Change
}

func parsePlan(text string) (plan, error) {
	p := plan{assets: map[string]string{}, sums: map[string]string{}}
	reader := jsontext.NewReader(text)
	texts := map[string]*string{
		"state": &p.state, "before": &p.before, "after": &p.after, "tag": &p.tag,
		"release_date": &p.date, "until": &p.until, "problem": &p.problem,
	}
	reader.Object(func(key string) {
		switch key {
		case "assets":
			reader.Object(func(platform string) { p.assets[strings.Clone(platform)] = reader.String() })
		case "sums":
			reader.Object(func(platform string) { p.sums[strings.Clone(platform)] = reader.String() })
		case "missing":
			reader.Array(func() { p.missing = append(p.missing, reader.String()) })
		case "notes":
			reader.Array(func() { p.notes = append(p.notes, reader.String()) })
		case "release":
			p.release = reader.Integer()
		case "compared":
			p.compared = uint32(reader.Integer())
		case "changes":
			reader.Array(func() { p.changes = append(p.changes, parseChange(reader)) })
		default:
			if text := texts[key]; text != nil {
				*text = reader.String()
			} else {
				reader.Skip()
			}
		}
	})
	if err := reader.End(); err != nil {
		return plan{}, fault.Errorf(fault.Invalid, "plan: %w", err)
	}
	return p, nil
}

func parseChange(reader *jsontext.Reader) (change Change) {
	texts := map[string]*string{
		"version": &change.Version, "platform": &change.Platform, "asset": &change.Asset,
		"recorded": &change.Recorded, "published": &change.Published,
		"release_date": &change.ReleaseDate, "updated_at": &change.UpdatedAt,
	}
	reader.Object(func(key string) {
		if text := texts[key]; text != nil {
			*text = reader.String()
		} else {
			reader.Skip()
		}
	})
	return change
}

// addition is the input of `documents.record`.
func (t *tool) addition(date string) string {
	platforms := make([]string, 0, len(t.plan.assets))
	for _, name := range slices.Sorted(maps.Keys(t.plan.assets)) {
		platforms = append(platforms, jsontext.Quote(name)+":"+t.files[t.plan.assets[name]].json())
	}
	return `{"name":` + jsontext.Quote(t.place.Name) +
		`,"document":` + jsontext.Quote(t.text) +
		`,"watch":` + t.entry.JSON +
		`,"version":` + jsontext.Quote(t.plan.after) +
		`,"release_date":` + jsontext.Quote(date) +
		`,"tag":` + jsontext.Quote(t.plan.tag) +
		`,"platforms":{` + strings.Join(platforms, ",") + `}}`
}

func (f *file) json() string {
	sources := make([]string, 0, len(f.claims))
	for _, claim := range f.claims {
		sources = append(sources, jsontext.Quote(claim.By))
	}
	return `{"asset":` + jsontext.Quote(f.asset.Name) +
		`,"sha256":` + jsontext.Quote(f.download.SHA256) +
		`,"size":` + strconv.FormatInt(f.download.Received, 10) +
		`,"confirmed_by":[` + strings.Join(sources, ",") + `]}`
}
