// Command downloader is the component that touches the network and the disk: it polls releases,
// downloads and hashes their assets, and replaces tool files. `internal` holds what it does and
// knows no WIT; the files `wasi_*.go` are the only ones that import generated bindings.
package main

import (
	"cmp"
	"os"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/github"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/update"
)

func init() {
	client := &transport.Client{Transport: wasiTransport{}, Now: time.Now}
	export(&update.Updater{
		Validator: validator{},
		Releases: &github.API{
			Base:   strings.TrimRight(cmp.Or(os.Getenv(github.BaseVariable), github.DefaultBase), "/"),
			Token:  strings.TrimSpace(os.Getenv(github.TokenVariable)),
			Client: client,
		},
		Verifier: &asset.Verifier{Client: client, NewHasher: newHasher},
	})
}

// A component has no main of its own to run, but a Go program must have one.
func main() {}
