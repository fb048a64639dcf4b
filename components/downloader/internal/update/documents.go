package update

import (
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// Validator has the rules of documents; it approves everything that is written.
type Validator interface {
	// Watched reads the text of tools.toml.
	Watched(config string) ([]watch.Entry, error)
	// Decide decides what to do about a tool.
	Decide(question Question) (Plan, error)
	// Add adds a release to a tool file.
	Add(addition Addition) (Recorded, error)
	// Sums reads a file of checksums: file name to digest, "" to a digest without a name.
	Sums(text string) (map[string]string, error)
}

// Question is the input of a decision.
type Question struct {
	Entry *watch.Entry
	// Text is the text of the tool file, "" if there is none.
	Text     string
	Releases []releases.Release
	// Last means that there is no further page of releases.
	Last bool
	Now  time.Time
}

// Decision is what to do about a tool.
type Decision uint8

// The cases of the WIT variant `decision`.
const (
	DecisionMore Decision = iota
	DecisionCurrent
	DecisionNewer
	DecisionWatched
	DecisionIncomplete
	DecisionYoung
	DecisionUnmatched
)

// Found is a release that was found; Date is "" where the list of releases has none.
type Found struct {
	Version, Tag string
	ID           int64
	Date         string
}

// File is a file to record, and the file of checksums that should name it, if there is one.
type File struct{ Platform, Asset, Sums string }

// Plan is a decision and its findings.
type Plan struct {
	Decision Decision
	// Found is the release that the decision concerns; none for [DecisionMore].
	Found Found
	// Files are the files to record of [DecisionNewer].
	Files []File
	// Missing are the missing files of [DecisionIncomplete].
	Missing []string
	// Until is when the release of [DecisionYoung] is old enough, "" if unknown.
	Until string
	// Problem is what to correct in the entry: of [DecisionUnmatched], and of [DecisionIncomplete] if it
	// is overdue.
	Problem  error
	Compared uint32
	Changes  []Change
	Notes    []string
	// PassedOver are newer releases that are passed over.
	PassedOver []releases.Passed
}

// Confirmed is a file with a confirmed digest, and what confirmed it.
type Confirmed struct {
	Platform, Asset, SHA256 string
	Size                    uint64
	By                      []string
}

// Addition is a release to be added to a tool file.
type Addition struct {
	Entry *watch.Entry
	// Text is the text of the tool file, "" if there is none.
	Text               string
	Version, Date, Tag string
	Files              []Confirmed
}

// Recorded is a tool file after an addition.
type Recorded struct{ Text, Latest string }

// document is the part of a tool file that polling needs; the validator reads the rest.
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

// addition is the release with its confirmed files.
func (t *tool) addition(date string) Addition {
	found := t.plan.Found
	addition := Addition{Entry: &t.entry, Text: t.text, Version: found.Version, Date: date, Tag: found.Tag}
	for _, wanted := range t.plan.Files {
		f := t.files[wanted.Asset]
		confirmed := Confirmed{
			Platform: wanted.Platform, Asset: wanted.Asset,
			SHA256: f.download.SHA256, Size: uint64(f.download.Received),
		}
		for _, claim := range f.claims {
			confirmed.By = append(confirmed.By, claim.By)
		}
		addition.Files = append(addition.Files, confirmed)
	}
	return addition
}
