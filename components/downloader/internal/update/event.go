// Package update polls the sources of tools, confirms what is new, and records it.
package update

// State is the state of a tool after a run.
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
	// that it has now; After is upstream's newest, "" if unknown.
	Before, After, Latest string
	// Assets and Bytes count what was downloaded and hashed.
	Assets uint32
	Bytes  uint64
	// Compared counts recorded digests that were compared with published ones; Changes are those
	// that differ.
	Compared uint32
	Changes  []Change
	Notes    []string
	// Problem is why it failed, or why a person must act.
	Problem error
}

// Event is something that happened in a run; one field is set.
type Event struct {
	Polled      *Polling
	Downloading *Downloading
	Waiting     *Waiting
	Finished    *Outcome
}

// Polling counts the polled tools and all tools.
type Polling struct{ Done, Total uint32 }

// Downloading is the progress of a download, in bytes; Size is 0 if unknown.
type Downloading struct {
	Tool, Asset    string
	Received, Size uint64
}

// Waiting is a wait for a rate limit.
type Waiting struct {
	Host    string
	Seconds uint64
}
