//go:build !pressure

package main

// heapBytes is how large the heap is made at once. TinyGo's heap grows only when it is nearly full,
// and then room is searched for long and collected often.
const heapBytes = 6 << 20

// collect is where the tests of memory have the collector run.
func collect() {}
