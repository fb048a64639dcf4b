package main

import (
	"strings"
	"unsafe"

	"go.bytecodealliance.org/cm"
)

// The host allocates what it passes, one list or string at a time, and passes the addresses at the
// end. TinyGo's own allocation function leaves the first allocations to the collector meanwhile, which
// may free them before the call gets them, and scans foreign bytes for pointers. The functions below
// allocate arguments of exports and results of imports instead.

// given keeps the host's allocations from the collector until forgetGiven.
var given []unsafe.Pointer

// forgetGiven leaves to the collector all that the host passed so far and nothing refers to.
func forgetGiven() {
	clear(given)
	given = given[:0]
}

// lent keeps what the last export returned from the collector until the next export is called: the
// host reads it after the return, and a variant hides pointers from the collector.
var lent []unsafe.Pointer

// enter begins an export; the caller holds its arguments.
func enter() {
	forgetGiven()
	clear(lent)
	lent = lent[:0]
}

// lend makes a list that the host will read.
func lend[T any](items []T) cm.List[T] {
	collect()
	lent = append(lent, unsafe.Pointer(unsafe.SliceData(items)))
	return cm.ToList(items)
}

// lendText makes a string that the host will read. A server may have supplied a part of it, and text
// that is not UTF-8 would end the whole composition at the boundary.
func lendText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	lent = append(lent, unsafe.Pointer(unsafe.StringData(text)))
	return text
}

// readBytes is the size of one read of a body.
const readBytes = 64 << 10

var (
	// readBuffer receives the bytes of a body, so that no read allocates. It is on the heap, because
	// the collector looks for pointers in other globals.
	readBuffer = make([]byte, readBytes)
	// reading means that the next bytes of the host go into readBuffer.
	reading bool
	nothing byte
)

//export cabi_import_realloc
func importRealloc(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	if reading && old == nil && align == 1 && 0 < size && size <= readBytes {
		reading = false
		return unsafe.Pointer(unsafe.SliceData(readBuffer))
	}
	return give(old, oldSize, align, size)
}

//export cabi_export_realloc
func exportRealloc(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	return give(old, oldSize, align, size)
}

// give allocates memory that the host fills.
func give(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(&nothing)
	}
	collect()
	var memory unsafe.Pointer
	if align == 1 {
		memory = unsafe.Pointer(unsafe.SliceData(make([]byte, size)))
	} else {
		memory = unsafe.Pointer(unsafe.SliceData(make([]unsafe.Pointer, (size+3)/4)))
	}
	if old != nil {
		kept := min(oldSize, size)
		copy(unsafe.Slice((*byte)(memory), kept), unsafe.Slice((*byte)(old), kept))
	}
	given = append(given, memory)
	return memory
}
