//go:build pressure

package main

// The tests of memory collect all the time, which a small heap makes bearable.
const (
	heapBytes       = 64 << 10
	forceCollection = true
)
