// Command hello is a component: it exports one function and imports nothing.
package main

import "example.com/hello/gen/example/hello/greeting"

func init() {
	greeting.Exports.Greet = greet
}

// greet returns a greeting for name.
func greet(name string) string {
	return "Hello, " + name + "!"
}

// A component has no main of its own to run, but a Go program must have one.
func main() {}
