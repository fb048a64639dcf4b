// Command hello-go is the smallest Go component: it exports one function and imports nothing.
//
// The bindings in gen are made from wit/hello-go by `doit bindings:hello-go`.
package main

import "doit-wasm.dev/components/hello-go/internal/gen/doit-wasm/hello-go/greeting"

func init() {
	greeting.Exports.Greet = greet
}

// greet returns a greeting for name.
func greet(name string) string {
	return "Hello, " + name + "!"
}

// A component has no main of its own to run, but a Go program must have one.
func main() {}
