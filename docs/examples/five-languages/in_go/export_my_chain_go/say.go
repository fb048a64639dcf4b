// Package export_my_chain_go implements the interface go of wit/chain.wit.
package export_my_chain_go

import "example.com/chain/gen/imports/my_chain_rust"

// Say has the next component continue text.
func Say(text string) string { return my_chain_rust.Say(text + " Go") }
