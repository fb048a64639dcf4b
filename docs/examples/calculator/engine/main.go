// Command engine is a component: what it exports is in the packages export_*.
package main

// A component has no main of its own to run, but a Go program must have one.
func main() {}
