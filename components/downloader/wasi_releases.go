package main

import (
	"errors"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/releases"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/types"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/update"
	"go.bytecodealliance.org/cm"
)

type (
	toolsResult = cm.Result[releases.ErrorShape, cm.List[string], releases.Error]
	textResult  = cm.Result[releases.ErrorShape, string, releases.Error]
	beginResult = cm.Result[releases.ErrorShape, releases.Run, releases.Error]
)

// export implements the interface `releases` with updater and the disk.
func export(updater *update.Updater) {
	releases.Exports.Tools = func(directory string) toolsResult {
		enter()
		names, err := files.Tools(directory)
		if err != nil {
			return cm.Err[toolsResult](lowerError(err))
		}
		return cm.OK[toolsResult](lend(lendTexts(names)))
	}
	releases.Exports.Read = func(directory, tool string) textResult {
		enter()
		return lowerText(files.ReadTool(directory, tool))
	}
	releases.Exports.Watched = func(directory string) textResult {
		enter()
		return lowerText(files.ReadConfig(directory))
	}
	exportRuns(updater)
}

// exportRuns implements the functions that begin and continue a run.
func exportRuns(updater *update.Updater) {
	runs := map[cm.Rep]*update.Run{}
	last := cm.Rep(0)
	releases.Exports.Begin = func(directory string, tools cm.List[string], mode releases.Mode) beginResult {
		enter()
		run, err := updater.Begin(directory, tools.Slice(), modes[mode])
		if err != nil {
			return cm.Err[beginResult](lowerError(err))
		}
		last++
		runs[last] = run
		return cm.OK[beginResult](releases.RunResourceNew(last))
	}
	releases.Exports.Run.Next = func(self cm.Rep) cm.Option[releases.Event] {
		enter()
		event, ok := runs[self].Next()
		if !ok {
			return cm.None[releases.Event]()
		}
		return cm.Some(lowerEvent(event))
	}
	releases.Exports.Run.Destructor = func(self cm.Rep) {
		enter()
		runs[self].Close()
		delete(runs, self)
	}
}

var modes = [...]update.Mode{
	releases.ModeCheck:    update.Check,
	releases.ModeRehearse: update.Rehearse,
	releases.ModeUpdate:   update.Update,
	releases.ModePoll:     update.Poll,
}

func lowerText(text string, err error) textResult {
	if err != nil {
		return cm.Err[textResult](lowerError(err))
	}
	return cm.OK[textResult](lendText(text))
}

func lendTexts(texts []string) []string {
	lowered := make([]string, 0, len(texts))
	for _, text := range texts {
		lowered = append(lowered, lendText(text))
	}
	return lowered
}

// known returns none for an empty text.
func known(text string) cm.Option[string] {
	if text == "" {
		return cm.None[string]()
	}
	return cm.Some(lendText(text))
}

func lowerEvent(event update.Event) releases.Event {
	switch {
	case event.Downloading != nil:
		d := event.Downloading
		transfer := releases.Transfer{Tool: lendText(d.Tool), Asset: lendText(d.Asset), Received: d.Received}
		if d.Size > 0 {
			transfer.Size = cm.Some(d.Size)
		}
		return releases.EventDownloading(transfer)
	case event.Waiting != nil:
		return releases.EventWaiting(releases.Waiting{Host: lendText(event.Waiting.Host), Seconds: event.Waiting.Seconds})
	case event.Finished != nil:
		return releases.EventFinished(lowerOutcome(event.Finished))
	default:
		return releases.EventPolled(releases.Polling{Done: event.Polled.Done, Total: event.Polled.Total})
	}
}

func lowerOutcome(outcome *update.Outcome) releases.Outcome {
	changes := make([]releases.Change, 0, len(outcome.Changes))
	for _, c := range outcome.Changes {
		changes = append(changes, releases.Change{
			Version: lendText(c.Version), Platform: lendText(c.Platform), Asset: lendText(c.Asset),
			Recorded: lendText(c.Recorded), Published: lendText(c.Published),
			ReleaseDate: known(c.ReleaseDate), UpdatedAt: known(c.UpdatedAt),
		})
	}
	return releases.Outcome{
		Tool:     lendText(outcome.Tool),
		State:    lowerState(outcome),
		Before:   known(outcome.Before),
		After:    known(outcome.After),
		Latest:   known(outcome.Latest),
		Assets:   outcome.Assets,
		Bytes:    outcome.Bytes,
		Compared: outcome.Compared,
		Changes:  lend(changes),
		Notes:    lend(lendTexts(outcome.Notes)),
	}
}

func lowerState(outcome *update.Outcome) releases.State {
	switch {
	case outcome.State == update.Failed:
		return releases.StateFailed(lowerError(outcome.Problem))
	case outcome.State == update.Unmatched:
		return releases.StateUnmatched(lowerError(outcome.Problem))
	case outcome.State == update.Incomplete && outcome.Problem != nil:
		return releases.StateIncomplete(cm.Some(lowerError(outcome.Problem)))
	case outcome.State == update.Incomplete:
		return releases.StateIncomplete(cm.None[releases.Error]())
	}
	return states[outcome.State]()
}

var states = [...]func() releases.State{
	update.Current:   releases.StateCurrent,
	update.Newer:     releases.StateNewer,
	update.Updated:   releases.StateUpdated,
	update.Young:     releases.StateYoung,
	update.Unpolled:  releases.StateUnpolled,
	update.Unwatched: releases.StateUnwatched,
	update.Polled:    releases.StatePolled,
}

// lowerError keeps the kind, the text, and what a caller needs to decide.
func lowerError(err error) types.Error {
	kind, ok := fault.KindOf(err)
	if !ok {
		kind = fault.Invalid
	}
	switch kind {
	case fault.Invalid:
		return types.ErrorInvalid(lowerFindings(err))
	case fault.Answer:
		return types.ErrorAnswer(lowerFindings(err))
	case fault.Entry:
		return types.ErrorEntry(lowerFindings(err))
	case fault.RateLimited:
		return types.ErrorRateLimited(lowerLimit(err))
	default:
		return textCases[kind](lendText(err.Error()))
	}
}

var textCases = [...]func(string) types.Error{
	fault.UnknownTool: types.ErrorUnknownTool,
	fault.File:        types.ErrorFile,
	fault.Network:     types.ErrorNetwork,
	fault.Status:      types.ErrorStatus,
	fault.Mismatch:    types.ErrorMismatch,
}

func lowerFindings(err error) cm.List[types.Finding] {
	var lowered []types.Finding
	for _, f := range fault.FindingsOf(err) {
		lowered = append(lowered, types.Finding{Place: lendText(f.Place), Reason: lendText(f.Reason)})
	}
	return lend(lowered)
}

func lowerLimit(err error) types.RateLimit {
	limit := types.RateLimit{Reason: lendText(err.Error())}
	var refusal *transport.Refusal
	if errors.As(err, &refusal) {
		limit.Seconds = uint64(refusal.Wait / time.Second)
	}
	return limit
}
