// Package update polls the repository of one tool and records its newest release.
package update

import (
	"errors"
	"io/fs"
	"maps"
	"slices"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/github"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// State is what became of a tool.
type State uint8

// The states of the WIT enum `state`.
const (
	Current State = iota
	Updated
	Incomplete
)

// Outcome is the result of polling one tool.
type Outcome struct {
	State State
	// Before is the latest version that the tool file had, "" if there was none, and Latest the one
	// that it has now; After is upstream's, which is not Latest if it is a backport.
	Before, After, Latest string
	// Assets and Bytes count what was downloaded and hashed.
	Assets uint32
	Bytes  uint64
}

// Validator knows the rules of documents; nothing is written that it has not approved.
type Validator interface {
	// Watched turns the text of tools.toml into JSON.
	Watched(config string) (string, error)
	// Record adds a version to a tool file and returns the new text.
	Record(input string) (string, error)
}

// Releases tells the latest release of a repository.
type Releases interface {
	Latest(repository string) (*github.Release, error)
}

// Verifier downloads an asset and confirms what it is.
type Verifier interface {
	Verify(asset *github.Asset) (asset.Confirmed, error)
}

// Updater keeps tool files up to date.
type Updater struct {
	Validator Validator
	Releases  Releases
	Verifier  Verifier
}

var (
	_ Releases = (*github.API)(nil)
	_ Verifier = (*asset.Verifier)(nil)
)

// Update polls the tool whose file is /DIR/tools/NAME.json, as /DIR/tools.toml says. A version is
// recorded with all of its platforms or not at all. A dry run does everything but the writing.
func (u *Updater) Update(path string, dryRun bool) (Outcome, error) {
	place, err := files.Locate(path)
	if err != nil {
		return Outcome{}, err
	}
	text, err := existing(place)
	if err != nil {
		return Outcome{}, err
	}
	entry, err := u.entry(place, text != "")
	if err != nil {
		return Outcome{}, err
	}
	known, err := parse(place, text)
	if err != nil {
		return Outcome{}, err
	}
	todo, err := u.plan(entry, known)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{State: todo.state, Before: known.latest, After: todo.version, Latest: known.latest}
	if todo.state != Updated {
		return outcome, nil
	}
	platforms, err := u.confirm(todo.assets, &outcome)
	if err != nil {
		return Outcome{}, err
	}
	if text == "" {
		text = newDocument(entry.Repository)
	}
	added := addition{place.Name, text, todo.version, todo.date, todo.tag, platforms}
	approved, err := u.Validator.Record(added.json())
	if err != nil {
		return Outcome{}, err
	}
	recorded, err := parse(place, approved)
	if err != nil {
		return Outcome{}, err
	}
	outcome.Latest = recorded.latest
	if !dryRun {
		if err := files.Replace(place.Tool, approved); err != nil {
			return Outcome{}, err
		}
	}
	return outcome, nil
}

// existing returns the text of the tool file, "" if there is none yet.
func existing(place files.Place) (string, error) {
	text, err := files.Read(place.Tool)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case text == "":
		// A truncated file must not pass for one that is not there yet.
		return "", fault.Errorf(fault.Invalid, "%s: is empty", place.Tool)
	}
	return text, nil
}

// entry returns what tools.toml says of the tool.
func (u *Updater) entry(place files.Place, exists bool) (watch.Entry, error) {
	config, err := files.Read(place.Config)
	if err != nil {
		return watch.Entry{}, err
	}
	watched, err := u.Validator.Watched(config)
	if err != nil {
		return watch.Entry{}, err
	}
	entries, err := watch.Parse(watched)
	if err != nil {
		return watch.Entry{}, err
	}
	entry, ok := entries[place.Name]
	switch {
	case ok:
		return entry, nil
	case exists:
		return watch.Entry{}, fault.Errorf(fault.Invalid, "%s: has no entry in %s that says where its releases are", place.Name, place.Config)
	default:
		return watch.Entry{}, fault.Errorf(fault.UnknownTool, "%s", place.Name)
	}
}

// plan is what there is to do about a release. It keeps nothing else of the release, which may be
// large: TinyGo finds room for each read slowly in a heap that is full of small things.
type plan struct {
	state              State
	version, tag, date string
	assets             map[string]github.Asset
}

func (u *Updater) plan(entry watch.Entry, known document) (plan, error) {
	release, err := u.Releases.Latest(entry.Repository)
	if err != nil {
		return plan{}, err
	}
	version, err := entry.Version(release.Tag)
	if err != nil {
		return plan{}, err
	}
	todo := plan{version: version, tag: release.Tag, assets: wanted(entry, release, version)}
	switch {
	case known.has(version):
		todo.state = Current
	case todo.assets == nil:
		todo.state = Incomplete
	default:
		todo.state = Updated
		todo.date, err = release.Date()
	}
	return todo, err
}

// wanted returns the asset of every platform, or nil if one is not there yet.
func wanted(entry watch.Entry, release *github.Release, version string) map[string]github.Asset {
	assets := make(map[string]github.Asset, len(entry.Assets))
	for _, platform := range entry.Platforms() {
		found, ok := release.Asset(entry.Asset(platform, version))
		if !ok {
			return nil
		}
		assets[platform] = found
	}
	return assets
}

// confirm downloads every asset once, though several platforms may share it.
func (u *Updater) confirm(assets map[string]github.Asset, outcome *Outcome) (map[string]platform, error) {
	platforms := make(map[string]platform, len(assets))
	done := map[string]asset.Confirmed{}
	for _, name := range slices.Sorted(maps.Keys(assets)) {
		file := assets[name]
		confirmed, ok := done[file.Name]
		if !ok {
			var err error
			if confirmed, err = u.Verifier.Verify(&file); err != nil {
				return nil, err
			}
			done[file.Name] = confirmed
			outcome.Assets++
			outcome.Bytes += uint64(confirmed.Size)
		}
		platforms[name] = platform{file.Name, confirmed}
	}
	return platforms, nil
}
