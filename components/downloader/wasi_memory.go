package main

import "unsafe"

// The host allocates what it returns, one list at a time, and only then says where they are. TinyGo's
// own allocation function leaves a list that holds others to the collector meanwhile, so that it may
// be freed before its content has come, and scans bytes of strangers for pointers. What hosts return
// is allocated by the function below instead, if a component has one.

// given keeps what the host returned from the collector, until it is forgotten.
var given []unsafe.Pointer

// forgetGiven leaves to the collector what nobody refers to of all that the host returned so far.
func forgetGiven() {
	clear(given)
	given = given[:0]
}

// readBytes is the size of one read of a body.
const readBytes = 64 << 10

var (
	// readBuffer takes the bytes of a body, so that no read allocates.
	readBuffer [readBytes]byte
	// reading says that the next bytes of the host belong there.
	reading bool
	nothing byte
)

//export cabi_import_realloc
func importRealloc(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(&nothing)
	}
	if reading && old == nil && align == 1 && size <= readBytes {
		reading = false
		return unsafe.Pointer(&readBuffer)
	}
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
