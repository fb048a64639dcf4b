package main

import (
	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/documents"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/hashing"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/types"
	"doit-wasm.dev/components/downloader/internal/update"
	"go.bytecodealliance.org/cm"
)

// validator is the component that knows the rules of documents.
type validator struct{}

var _ update.Validator = validator{}

func (validator) Watched(config string) (string, error) {
	return liftText(documents.Watched(config))
}

func (validator) Plan(input string) (string, error) {
	return liftText(documents.Plan(input))
}

func (validator) Sums(text string) (string, error) {
	return liftText(documents.Sums(text))
}

func (validator) Record(input string) (string, error) {
	return liftText(documents.Record(input))
}

func liftText(result cm.Result[documents.ErrorShape, string, documents.Error]) (string, error) {
	text, problem, failed := result.Result()
	if failed {
		return "", liftError(problem)
	}
	return text, nil
}

// liftError turns a case of the WIT variant into an error of that kind.
func liftError(problem types.Error) error {
	if findings := problem.Invalid(); findings != nil {
		return &fault.Error{Kind: fault.Invalid, Err: liftFindings(*findings)}
	}
	if findings := problem.Answer(); findings != nil {
		return &fault.Error{Kind: fault.Answer, Err: liftFindings(*findings)}
	}
	if findings := problem.Entry(); findings != nil {
		return &fault.Error{Kind: fault.Entry, Err: liftFindings(*findings)}
	}
	if text := problem.Mismatch(); text != nil {
		return fault.Errorf(fault.Mismatch, "%s", *text)
	}
	return fault.Errorf(fault.Invalid, "the validator failed as it should not: %s", problem.String())
}

func liftFindings(list cm.List[types.Finding]) (lifted fault.Findings) {
	for _, finding := range list.Slice() {
		lifted = append(lifted, fault.Finding{Place: finding.Place, Reason: finding.Reason})
	}
	return lifted
}

// hasher is a SHA-256 in the component where it is fastest.
type hasher hashing.Sha256

var _ asset.Hasher = hasher(0)

func newHasher() asset.Hasher { return hasher(hashing.NewSha256()) }

// sum returns the SHA-256 of a text.
func sum(text string) string {
	h := hashing.NewSha256()
	defer h.ResourceDrop()
	h.Update(cm.ToList([]byte(text)))
	return h.Finish()
}

func (h hasher) Write(bytes []byte) { hashing.Sha256(h).Update(cm.ToList(bytes)) }
func (h hasher) Sum() string        { return hashing.Sha256(h).Finish() }
func (h hasher) Close()             { hashing.Sha256(h).ResourceDrop() }
