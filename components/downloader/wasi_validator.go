package main

import (
	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/documents"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/hashing"
	"doit-wasm.dev/components/downloader/internal/gen/doit-wasm/updater/types"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/update"
	"doit-wasm.dev/components/downloader/internal/watch"
	"go.bytecodealliance.org/cm"
)

// validator is the component that has the rules of documents.
type validator struct{}

var _ update.Validator = validator{}

func (validator) Watched(config string) ([]watch.Entry, error) {
	list, problem, failed := documents.Watched(config).Result()
	if failed {
		return nil, liftError(problem)
	}
	entries := make([]watch.Entry, 0, list.Len())
	for _, watched := range list.Slice() {
		entries = append(entries, liftWatch(watched))
	}
	return entries, nil
}

func (validator) Decide(question update.Question) (update.Plan, error) {
	entry, now := question.Entry.Whole.(documents.Watch), uint64(question.Now.Unix())
	released := cm.ToList(lowerReleases(question.Releases))
	result := documents.Decide(entry, optional(question.Text), released, question.Last, now)
	plan, problem, failed := result.Result()
	if failed {
		return update.Plan{}, liftError(problem)
	}
	return liftPlan(&plan), nil
}

func (validator) Add(addition update.Addition) (update.Recorded, error) {
	release := documents.ConfirmedRelease{Version: addition.Version, Date: addition.Date, Tag: addition.Tag}
	confirmed := make([]documents.Confirmed, 0, len(addition.Files))
	for _, f := range addition.Files {
		confirmed = append(confirmed, documents.Confirmed{
			Platform: f.Platform, Asset: f.Asset, Sha256: f.SHA256, Size: cm.Some(f.Size), ConfirmedBy: cm.ToList(f.By),
		})
	}
	release.Files = cm.ToList(confirmed)
	result := documents.Add(addition.Entry.Whole.(documents.Watch), optional(addition.Text), release)
	recorded, problem, failed := result.Result()
	if failed {
		return update.Recorded{}, liftError(problem)
	}
	return update.Recorded{Text: recorded.Text, Latest: recorded.Latest}, nil
}

func (validator) Sums(text string) (map[string]string, error) {
	list, problem, failed := documents.Sums(text).Result()
	if failed {
		return nil, liftError(problem)
	}
	digests := map[string]string{}
	for _, sum := range list.Slice() {
		digests[sum.Name.Value()] = sum.Sha256
	}
	return digests, nil
}

// optional returns none for an empty text.
func optional(text string) cm.Option[string] {
	if text == "" {
		return cm.None[string]()
	}
	return cm.Some(text)
}

func liftWatch(watched documents.Watch) watch.Entry {
	entry := watch.Entry{
		Tool: watched.Tool, Tag: watched.Tag, Patience: int64(watched.Patience),
		Assets: map[string]string{}, Whole: watched,
	}
	for _, pattern := range watched.Assets.Slice() {
		entry.Assets[pattern.Platform] = pattern.Asset
	}
	source := watched.Source
	if repository := source.Github(); repository != nil {
		entry.Source, entry.Repository = "github", *repository
	}
	if base := source.Go(); base != nil {
		entry.Source, entry.Base = "go", *base
	}
	if site := source.Nodejs(); site != nil {
		entry.Source, entry.Base, entry.LTS = "nodejs", site.Base, site.Lts
	}
	return entry
}

func lowerReleases(list []releases.Release) []documents.Release {
	lowered := make([]documents.Release, 0, len(list))
	for _, release := range list {
		assets := make([]documents.Asset, 0, len(release.Assets))
		for _, a := range release.Assets {
			assets = append(assets, documents.Asset{
				Name: a.Name, Uploaded: a.State == releases.Uploaded,
				Digest: optional(a.Digest), UpdatedAt: optional(a.UpdatedAt),
			})
		}
		lowered = append(lowered, documents.Release{
			ID: release.ID, Tag: release.Tag, Draft: release.Draft, Prerelease: release.Prerelease,
			PublishedAt: optional(release.PublishedAt), Assets: cm.ToList(assets),
		})
	}
	return lowered
}

func liftPlan(plan *documents.Plan) update.Plan {
	lifted := update.Plan{Compared: plan.Compared, Notes: plan.Notes.Slice()}
	liftDecision(&plan.Decision, &lifted)
	for _, p := range plan.PassedOver.Slice() {
		lifted.PassedOver = append(lifted.PassedOver, releases.Passed{
			Version: p.Version.Value(), Tag: p.Tag, Reason: p.Reason, Until: p.Until.Value(),
		})
	}
	for _, d := range plan.Differences.Slice() {
		lifted.Changes = append(lifted.Changes, update.Change{
			Version: d.Version, Platform: d.Platform, Asset: d.Asset, Recorded: d.Recorded, Published: d.Published,
			ReleaseDate: d.ReleaseDate.Value(), UpdatedAt: d.UpdatedAt.Value(),
		})
	}
	return lifted
}

func liftDecision(decision *documents.Decision, lifted *update.Plan) {
	if found := decision.Current(); found != nil {
		lifted.Decision, lifted.Found = update.DecisionCurrent, liftFound(found)
	}
	if newer := decision.Newer(); newer != nil {
		lifted.Decision, lifted.Found = update.DecisionNewer, liftFound(&newer.Release)
		for _, f := range newer.Files.Slice() {
			lifted.Files = append(lifted.Files, update.File{Platform: f.Platform, Asset: f.Asset, Sums: f.Sums.Value()})
		}
	}
	if found := decision.Watched(); found != nil {
		lifted.Decision, lifted.Found = update.DecisionWatched, liftFound(found)
	}
	if incomplete := decision.Incomplete(); incomplete != nil {
		lifted.Decision, lifted.Found = update.DecisionIncomplete, liftFound(&incomplete.Release)
		lifted.Missing = incomplete.Missing.Slice()
		if overdue := incomplete.Overdue.Some(); overdue != nil {
			lifted.Problem = liftProblem(*overdue)
		}
	}
	if young := decision.Young(); young != nil {
		lifted.Decision, lifted.Found, lifted.Until = update.DecisionYoung, liftFound(&young.Release), young.Until.Value()
	}
	if unmatched := decision.Unmatched(); unmatched != nil {
		lifted.Decision, lifted.Found = update.DecisionUnmatched, liftFound(&unmatched.Release)
		lifted.Problem = liftProblem(unmatched.Problem)
	}
}

func liftFound(found *documents.Found) update.Found {
	return update.Found{Version: found.Version, Tag: found.Tag, ID: found.ID, Date: found.Date.Value()}
}

// liftProblem returns what to correct in an entry.
func liftProblem(finding types.Finding) error {
	return &fault.Error{Kind: fault.Entry, Err: fault.Findings{{Place: finding.Place, Reason: finding.Reason}}}
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

// hasher is a SHA-256 that runs in the component where it is fastest.
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

func (h hasher) Write(bytes []byte) (int, error) {
	hashing.Sha256(h).Update(cm.ToList(bytes))
	return len(bytes), nil
}

func (h hasher) Finish() string { return hashing.Sha256(h).Finish() }
func (h hasher) Close()         { hashing.Sha256(h).ResourceDrop() }
