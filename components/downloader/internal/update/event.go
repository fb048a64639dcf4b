// Package update polls the sources of tools, confirms what is new, and records it.
package update

// State is what became of a tool.
type State uint8

// The cases of the WIT variant `state`.
const (
	Current State = iota
	Newer
	Updated
	Incomplete
	Unmatched
	Young
	Failed
	Unpolled
	Unwatched
	Polled
)

// Change is a recorded digest that is no longer the published one.
type Change struct {
	Version, Platform, Asset, Recorded, Published, ReleaseDate, UpdatedAt string
}

// Outcome is the result for one tool.
type Outcome struct {
	Tool  string
	State State
	// Before is the latest version that the tool file had, "" if there was none, and Latest the one
	// that it has now; After is upstream's newest, "" if that is not known.
	Before, After, Latest string
	// Assets and Bytes count what was downloaded and hashed.
	Assets uint32
	Bytes  uint64
	// Compared counts recorded digests that were compared with published ones; Changes are those
	// that differ.
	Compared uint32
	Changes  []Change
	Notes    []string
	// Problem says why it failed, or why it needs a person.
	Problem error
}

// Event is something that happened in a run; one field is set.
type Event struct {
	Polled      *Polling
	Downloading *Downloading
	Waiting     *Waiting
	Finished    *Outcome
}

// Polling tells how many tools have been polled, of how many.
type Polling struct{ Done, Total uint32 }

// Downloading is how far a download is, in bytes; Size is 0 if it is not known.
type Downloading struct {
	Tool, Asset    string
	Received, Size uint64
}

// Waiting is a rate limit that is waited for.
type Waiting struct {
	Host    string
	Seconds uint64
}
