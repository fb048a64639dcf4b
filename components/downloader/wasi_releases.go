package main

import (
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/releases"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/types"
	"doit-wasm.dev/components/downloader/internal/update"
	"go.bytecodealliance.org/cm"
)

type (
	toolsResult = cm.Result[releases.ErrorShape, cm.List[string], releases.Error]
	textResult  = cm.Result[releases.ErrorShape, string, releases.Error]
	beginResult = cm.Result[releases.Error, struct{}, releases.Error]
)

// export makes the interface `releases` answer from updater and the disk.
func export(updater *update.Updater) {
	releases.Exports.Tools = func(directory string) toolsResult {
		forgetGiven()
		names, err := files.Tools(directory)
		if err != nil {
			return cm.Err[toolsResult](lowerError(err))
		}
		return cm.OK[toolsResult](cm.ToList(names))
	}
	releases.Exports.Read = func(path string) textResult {
		forgetGiven()
		return lowerText(files.ReadTool(path))
	}
	releases.Exports.Watched = func(directory string) textResult { return lowerText(files.ReadConfig(directory)) }
	releases.Exports.Begin = func(request string) beginResult {
		if err := updater.Begin(request); err != nil {
			return cm.Err[beginResult](lowerError(err))
		}
		return cm.OK[beginResult](struct{}{})
	}
	releases.Exports.Next = func() cm.Option[releases.Event] {
		event, ok := updater.Next()
		if !ok {
			return cm.None[releases.Event]()
		}
		return cm.Some(lowerEvent(event))
	}
}

func lowerText(text string, err error) textResult {
	if err != nil {
		return cm.Err[textResult](lowerError(err))
	}
	return cm.OK[textResult](text)
}

func lowerEvent(event update.Event) releases.Event {
	switch {
	case event.Downloading != nil:
		d := event.Downloading
		return releases.EventDownloading(releases.Transfer{Tool: d.Tool, Asset: valid(d.Asset), Received: d.Received, Size: d.Size})
	case event.Waiting != nil:
		return releases.EventWaiting(releases.Waiting{Host: event.Waiting.Host, Seconds: event.Waiting.Seconds})
	case event.Finished != nil:
		return releases.EventFinished(lowerOutcome(event.Finished))
	default:
		return releases.EventPolled(releases.Polling{Done: event.Polled.Done, Total: event.Polled.Total})
	}
}

func lowerOutcome(outcome *update.Outcome) releases.Outcome {
	lowered := releases.Outcome{
		Tool:     outcome.Tool,
		State:    states[outcome.State],
		Before:   outcome.Before,
		After:    valid(outcome.After),
		Latest:   outcome.Latest,
		Assets:   outcome.Assets,
		Bytes:    outcome.Bytes,
		Compared: outcome.Compared,
	}
	changes := make([]releases.Change, 0, len(outcome.Changes))
	for _, c := range outcome.Changes {
		changes = append(changes, releases.Change{
			Version: c.Version, Platform: c.Platform, Asset: valid(c.Asset), Recorded: c.Recorded,
			Published: c.Published, ReleaseDate: c.ReleaseDate, UpdatedAt: c.UpdatedAt,
		})
	}
	lowered.Changes = cm.ToList(changes)
	notes := make([]string, 0, len(outcome.Notes))
	for _, note := range outcome.Notes {
		notes = append(notes, valid(note))
	}
	lowered.Notes = cm.ToList(notes)
	if outcome.Problem != nil {
		lowered.Problem = cm.Some(lowerError(outcome.Problem))
	}
	return lowered
}

var states = [...]releases.State{
	update.Current:    releases.StateCurrent,
	update.Newer:      releases.StateNewer,
	update.Updated:    releases.StateUpdated,
	update.Incomplete: releases.StateIncomplete,
	update.Unmatched:  releases.StateUnmatched,
	update.Young:      releases.StateYoung,
	update.Failed:     releases.StateFailed,
	update.Unpolled:   releases.StateUnpolled,
}

// lowerError keeps the kind and the text.
func lowerError(err error) types.Error {
	text := valid(err.Error())
	kind, ok := fault.KindOf(err)
	if !ok {
		return types.ErrorInvalid(text)
	}
	return cases[kind](text)
}

// valid makes text UTF-8 that a server may have had a part in; other text would end the whole
// composition at the boundary.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

var cases = [...]func(string) types.Error{
	fault.UnknownTool: types.ErrorUnknownTool,
	fault.File:        types.ErrorFile,
	fault.Invalid:     types.ErrorInvalid,
	fault.Network:     types.ErrorNetwork,
	fault.Status:      types.ErrorStatus,
	fault.Answer:      types.ErrorAnswer,
	fault.Entry:       types.ErrorEntry,
	fault.RateLimited: types.ErrorRateLimited,
	fault.Mismatch:    types.ErrorMismatch,
}
