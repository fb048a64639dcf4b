package update

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// maxPages bounds the pages of releases that are read to find a suitable one.
const maxPages = 40

// tool is a tool in a run: read, polled, planned, confirmed, recorded. Each step calls the next one,
// finish or fail.
type tool struct {
	run      *Run
	place    files.Place
	entry    watch.Entry
	text     string // of the tool file, "" if there is none
	known    document
	releases []releases.Release
	pages    int
	polled   bool
	plan     Plan
	sums     map[string]map[string]string // by the file of checksums, then by asset
	files    map[string]*file             // by asset
	pending  int                          // fetches
	cancels  []func()
	done     bool
	outcome  Outcome
}

// begin reads the tool file and asks for releases.
func (t *tool) begin() {
	err := t.read()
	switch {
	case err != nil:
		t.fail(err)
	case !t.done:
		t.ask("")
	}
}

func (t *tool) read() (err error) {
	if t.place, err = files.Locate(t.run.directory, t.outcome.Tool); err != nil {
		return err
	}
	if t.text, err = existing(t.place); err == nil {
		t.known, err = parse(t.place, t.text)
	}
	if err != nil && t.run.mode != Poll {
		return err // what upstream has does not depend on it
	}
	t.outcome.Before, t.outcome.Latest = t.known.latest, t.known.latest
	entry, watched := t.run.entries[t.place.Name]
	switch {
	case !watched && t.text == "":
		return fault.Errorf(fault.UnknownTool, "%s", t.place.Name)
	case !watched:
		t.finish(Unwatched)
	}
	t.entry = entry
	return nil
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
		// A truncated file must not pass for a missing one.
		return "", fault.Errorf(fault.Invalid, "%s: is empty", place.Tool)
	}
	return text, nil
}

// ask polls a page; the first one if url is empty.
func (t *tool) ask(url string) {
	recorded := func(tag string) bool {
		version, ok := t.entry.Version(tag)
		return ok && slices.Contains(t.known.versions, version)
	}
	t.run.pages.Get(&t.entry, url, recorded, t.answered)
}

// answered calls the validator with the releases read so far.
func (t *tool) answered(page releases.Page, err error) {
	var unasked *transport.Unasked
	if errors.As(err, &unasked) {
		t.finish(Unpolled)
		return
	}
	if err != nil {
		t.fail(err)
		return
	}
	t.pages++
	t.releases = append(t.releases, page.Releases...)
	last := page.Next == "" || t.pages == maxPages
	question := Question{Entry: &t.entry, Text: t.text, Releases: t.releases, Last: last, Now: t.run.Now()}
	if t.run.mode == Poll {
		question.Text = "" // a release file holds what upstream has, whatever is recorded
	}
	t.plan, err = t.run.Validator.Decide(question)
	if kind, _ := fault.KindOf(err); err != nil && kind == fault.Answer && page.Next == "" && len(t.releases) == 0 && t.entry.Source == "github" {
		t.run.Poller.Tags(&t.entry, func(tags []string, _ error) { t.fail(unreleased(t.entry.Repository, tags)) })
		return
	}
	if err != nil {
		t.fail(err)
		return
	}
	if t.plan.Decision == DecisionMore && !last {
		t.ask(page.Next)
		return
	}
	if page.Uncached != nil && t.run.uncached == nil {
		t.run.uncached = page.Uncached
		t.note("answers cannot be kept for the next run: %s", page.Uncached)
	}
	if page.Moved != "" {
		t.note("the repository is now %s; write that in %s", page.Moved, t.place.Config)
	}
	if t.run.mode == Poll {
		t.save()
		return
	}
	t.decided()
}

// unreleased reports what a repository without a release has instead.
func unreleased(repository string, tags []string) error {
	if len(tags) == 0 {
		return fault.Errorf(fault.Answer, "repository: %s has no release yet", repository)
	}
	return fault.Errorf(fault.Entry, "repository: %s has no release, only tags: `%s`; a tag has no files to record: name the repository that releases them, or remove the table", repository, strings.Join(tags, "`, `"))
}

// decided continues as planned.
func (t *tool) decided() {
	t.run.countPolled(t)
	t.outcome.After, t.outcome.Compared, t.outcome.Changes = t.plan.Found.Version, t.plan.Compared, t.plan.Changes
	t.outcome.Notes = append(t.outcome.Notes, t.plan.Notes...)
	t.outcome.Problem = t.plan.Problem
	if t.plan.Problem == nil && len(t.plan.Missing) > 0 {
		t.note("not there yet: %s", strings.Join(t.plan.Missing, ", "))
	}
	switch t.plan.Decision {
	case DecisionCurrent:
		t.finish(Current)
	case DecisionIncomplete:
		t.finish(Incomplete)
	case DecisionUnmatched:
		t.finish(Unmatched)
	case DecisionYoung:
		t.note("%s is taken from %s on", t.plan.Found.Version, t.plan.Until)
		t.finish(Young)
	case DecisionWatched:
		t.finish(Newer)
	case DecisionNewer:
		t.newer()
	default:
		t.fail(fault.Errorf(fault.Answer, "releases: none of %s will do, and there are no further ones", t.place.Name))
	}
}

// newer confirms a newer release, if the mode asks for it.
func (t *tool) newer() {
	switch {
	case t.run.mode == Check:
		t.finish(Newer)
	case len(t.plan.Changes) > 0:
		t.note("%s is not recorded, as recorded digests are no longer the published ones", t.plan.Found.Version)
		t.finish(Newer)
	default:
		t.confirm()
	}
}

// record writes the new version to the tool file.
func (t *tool) record() {
	date, err := t.date()
	if err != nil {
		t.fail(err)
		return
	}
	recorded, err := t.run.Validator.Add(t.addition(date))
	if err == nil && t.run.mode == Update {
		err = t.run.replace(t.place.Tool, t.text, recorded.Text)
	}
	if err != nil {
		t.fail(err)
		return
	}
	t.outcome.Latest = recorded.Latest
	t.finish(Updated)
}

func (t *tool) note(format string, args ...any) {
	t.outcome.Notes = append(t.outcome.Notes, fmt.Sprintf(format, args...))
}

// fail ends the tool and its fetches.
func (t *tool) fail(err error) {
	t.outcome.Problem = err
	t.finish(Failed)
}

// stop ends the fetches of the tool.
func (t *tool) stop() {
	t.done = true
	for _, cancel := range t.cancels {
		cancel()
	}
}

func (t *tool) finish(state State) {
	if t.done {
		return
	}
	t.stop()
	t.run.countPolled(t)
	t.outcome.State = state
	t.run.finished(t)
}
