//go:build pressure

package main

import "runtime"

// heapBytes is small, so that freed memory is soon used again.
const heapBytes = 64 << 10

// collect runs the collector and overwrites the memory that it freed.
func collect() {
	runtime.GC()
	for range 128 {
		block := make([]byte, 112)
		for i := range block {
			block[i] = 0xA5
		}
	}
}
