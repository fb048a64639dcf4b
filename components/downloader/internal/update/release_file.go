package update

import (
	"errors"
	"io/fs"
	"path"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// pages is a source of releases: a list of releases or a release file.
type pages interface {
	// Get calls done with the page at url, the first if it is empty.
	Get(entry *watch.Entry, url string, recorded func(tag string) bool, done func(releases.Page, error))
}

var (
	_ pages = (*releases.Poller)(nil)
	_ pages = releaseFiles("")
)

// releaseFiles is a directory of release files.
type releaseFiles string

func (r releaseFiles) of(tool string) string { return path.Join(string(r), tool+".json") }

// Get reads the release file of the tool, which is one page.
func (r releaseFiles) Get(entry *watch.Entry, _ string, _ func(string) bool, done func(releases.Page, error)) {
	done(r.page(entry.Tool))
}

func (r releaseFiles) page(tool string) (releases.Page, error) {
	name := r.of(tool)
	text, err := files.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return releases.Page{}, fault.Errorf(fault.File, "%s: does not exist: %s was not polled yet", name, tool)
	}
	if err != nil {
		return releases.Page{}, err
	}
	file, err := releases.ParseFile(text)
	if err == nil && file.Tool != tool {
		err = fault.Errorf(fault.Invalid, "is about `%s`", file.Tool)
	}
	if err != nil {
		return releases.Page{}, fault.Errorf(fault.Invalid, "%s: is not a release file: %w; remove it and poll again", name, err)
	}
	return releases.Page{Releases: file.Releases}, nil
}

// save writes the release file unless it is up to date.
func (t *tool) save() {
	t.run.countPolled(t)
	t.outcome.After = t.plan.Found.Version
	file := releases.File{
		Tool: t.place.Name, Source: t.run.Poller.Source(&t.entry),
		PassedOver: t.plan.PassedOver, Releases: t.releases,
	}
	if t.plan.Decision == DecisionNewer || t.plan.Decision == DecisionWatched {
		newest, err := t.newest()
		if err != nil {
			t.fail(err)
			return
		}
		file.Newest = newest
	}
	name, text := releaseFiles(t.run.Releases).of(t.place.Name), file.Text()
	if kept, err := files.Read(name); err != nil || kept != text {
		if err := files.Write(name, text); err != nil {
			t.fail(err)
			return
		}
	}
	t.finish(Polled)
}

// newest is the release that can be recorded, with its files.
func (t *tool) newest() (*releases.Newest, error) {
	found := t.plan.Found
	newest := &releases.Newest{Version: found.Version, Tag: found.Tag, Date: found.Date}
	for _, release := range t.releases {
		if release.ID != found.ID || release.Tag != found.Tag {
			continue
		}
		for _, wanted := range t.plan.Files {
			asset, ok := release.Find(wanted.Asset)
			if !ok {
				return nil, fault.Errorf(fault.Answer, "assets: %s is not in release %s", wanted.Asset, release.Tag)
			}
			newest.Assets = append(newest.Assets, releases.PlatformAsset{Platform: wanted.Platform, Asset: asset})
		}
	}
	return newest, nil
}
