// Command downloader is the component that touches the network and the disk: it polls releases,
// downloads and hashes their assets, and replaces tool files. `internal` holds the logic without
// WIT; the files `wasi_*.go` are the only ones that import generated bindings.
package main

import (
	// First, and so initialized before os: once a package has called the host, TinyGo makes maps at
	// run time that it otherwise omits, such as the tables of unicode, 76 kB.
	_ "bytes"
	"os"
	"runtime"
	"strconv"
	"time"

	"doit-wasm.dev/components/downloader/internal/cache"
	"doit-wasm.dev/components/downloader/internal/files"
	"doit-wasm.dev/components/downloader/internal/gen/wasi/random/insecure"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/settings"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/update"
)

func init() {
	runtime.KeepAlive(make([]byte, heapBytes))
	read, err := settings.Read(os.Getenv)
	newPoller := func() *releases.Poller {
		loop := &transport.Loop{Host: &wasiHost{}, Hosts: read.Hosts, Limits: read.Limits, Pacers: read.Pacers()}
		poller := &releases.Poller{Loop: loop, API: read.API}
		if read.State != "" {
			poller.Cache = &cache.Cache{Folder: read.State, Sum: sum}
		}
		return poller
	}
	updater := &update.Updater{
		Unusable:  err,
		Validator: validator{},
		NewPoller: newPoller,
		NewHasher: newHasher,
		Now:       time.Now,
		Releases:  read.Releases,
	}
	if !read.Locked {
		updater.Lock = lock
	}
	export(updater)
}

// lock takes the lease of a directory in the name of this process.
func lock(directory string) (update.Lock, error) {
	owner := strconv.FormatUint(insecure.GetInsecureRandomU64(), 16)
	return files.Acquire(directory, owner, files.Clock{Now: time.Now, Sleep: time.Sleep})
}

// A component has no main of its own to run, but a Go program must have one.
func main() {}
