package main

import (
	"strings"
	"unsafe"

	"go.bytecodealliance.org/cm"
)

// The host allocates what it passes, one list or string at a time, and only then says where they are.
// TinyGo's own allocation function leaves what was allocated first to the collector meanwhile, so that
// it may be freed before the call has it, and scans bytes of strangers for pointers. Arguments of
// exports and results of imports are allocated by the functions below instead, as the component has
// them.

// given keeps what the host passed from the collector, until it is forgotten.
var given []unsafe.Pointer

// forgetGiven leaves to the collector what nobody refers to of all that the host passed so far.
func forgetGiven() {
	clear(given)
	given = given[:0]
}

// lent keeps what the last export returned from the collector until the next export is called: the
// host reads it after the return, and a variant hides pointers from the collector.
var lent []unsafe.Pointer

// enter begins an export, whose arguments are in the hands of the caller.
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

// lendText makes a string that the host will read. A server may have had a part in it, and what is
// not UTF-8 would end the whole composition at the boundary.
func lendText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	lent = append(lent, unsafe.Pointer(unsafe.StringData(text)))
	return text
}

// readBytes is the size of one read of a body.
const readBytes = 64 << 10

var (
	// readBuffer takes the bytes of a body, so that no read allocates. It is on the heap, as the
	// collector looks for pointers in whatever else is global.
	readBuffer = make([]byte, readBytes)
	// reading says that the next bytes of the host belong there.
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
