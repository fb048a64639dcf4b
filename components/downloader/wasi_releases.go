package main

import (
	"strings"

	"doit-wasm.dev/components/downloader/gen/doit-wasm/updater/releases"
	"doit-wasm.dev/components/downloader/gen/doit-wasm/updater/types"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/update"
	"go.bytecodealliance.org/cm"
)

type (
	toolsResult  = cm.Result[releases.ErrorShape, cm.List[string], releases.Error]
	readResult   = cm.Result[releases.ErrorShape, string, releases.Error]
	updateResult = cm.Result[releases.OutcomeShape, releases.Outcome, releases.Error]
)

// export makes the interface `releases` answer from updater and the disk.
func export(updater *update.Updater) {
	releases.Exports.Tools = func(directory string) toolsResult {
		names, err := files.Tools(directory)
		if err != nil {
			return cm.Err[toolsResult](lowerError(err))
		}
		return cm.OK[toolsResult](cm.ToList(names))
	}
	releases.Exports.Read = func(path string) readResult {
		text, err := files.ReadTool(path)
		if err != nil {
			return cm.Err[readResult](lowerError(err))
		}
		return cm.OK[readResult](text)
	}
	releases.Exports.Update = func(path string, dryRun bool) updateResult {
		outcome, err := updater.Update(path, dryRun)
		if err != nil {
			return cm.Err[updateResult](lowerError(err))
		}
		return cm.OK[updateResult](lowerOutcome(outcome))
	}
}

func lowerOutcome(outcome update.Outcome) releases.Outcome {
	return releases.Outcome{
		State:  states[outcome.State],
		Before: outcome.Before,
		After:  outcome.After,
		Latest: outcome.Latest,
		Assets: outcome.Assets,
		Bytes:  outcome.Bytes,
	}
}

var states = [...]releases.State{
	update.Current:    releases.StateCurrent,
	update.Updated:    releases.StateUpdated,
	update.Incomplete: releases.StateIncomplete,
}

// lowerError keeps the kind and the text. Text that a server had a part in may not be UTF-8, which
// would end the whole composition at the boundary.
func lowerError(err error) types.Error {
	text := strings.ToValidUTF8(err.Error(), "\uFFFD")
	kind, ok := fault.KindOf(err)
	if !ok {
		return types.ErrorInvalid(text)
	}
	return cases[kind](text)
}

var cases = [...]func(string) types.Error{
	fault.UnknownTool: types.ErrorUnknownTool,
	fault.File:        types.ErrorFile,
	fault.Invalid:     types.ErrorInvalid,
	fault.Network:     types.ErrorNetwork,
	fault.Status:      types.ErrorStatus,
	fault.Answer:      types.ErrorAnswer,
	fault.RateLimited: types.ErrorRateLimited,
	fault.Mismatch:    types.ErrorMismatch,
}
