//go:build !pressure

package main

// heapBytes is the initial size of the heap. TinyGo's heap grows only when it is nearly full; before,
// it searches for free memory for long and collects often.
const heapBytes = 6 << 20

// collect runs the collector in the tests of memory.
func collect() {}
