// Package settings reads the environment.
package settings

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// defaultHosts are those of GitHub, its files, go.dev and nodejs.org.
const defaultHosts = "api.github.com,github.com,release-assets.githubusercontent.com," +
	"objects.githubusercontent.com,go.dev,dl.google.com,nodejs.org"

const (
	defaultWidth = 50
	maxWidth     = 500
	defaultWait  = 60
	maxWait      = 24 * 60 * 60
	maxBulk      = 8
	maxBuffered  = 24 << 20
)

// The environment variables beside those that the packages name where they are used.
const (
	stateVariable       = "CHECKSUM_UPDATER_STATE"
	waitVariable        = "CHECKSUM_UPDATER_WAIT"
	connectionsVariable = "CHECKSUM_UPDATER_CONNECTIONS"
	releasesVariable    = "CHECKSUM_UPDATER_RELEASES"
	lockedVariable      = "CHECKSUM_UPDATER_LOCKED"
)

// tokenVariables are where a token is looked for, in this order.
var tokenVariables = []string{"CHECKSUM_UPDATER_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"}

// Settings are what the environment says.
type Settings struct {
	API    releases.API
	Hosts  transport.Hosts
	Limits transport.Limits
	// State is where answers are kept between runs; empty: nowhere.
	State string
	// Releases is the directory of release files; empty: there is none.
	Releases string
	// Locked says that another program keeps the directory's lock for us.
	Locked bool
}

// Read reads the environment. An error is of kind Invalid and names the variable.
func Read(getenv func(name string) string) (Settings, error) {
	read := Settings{
		State:    getenv(stateVariable),
		Releases: getenv(releasesVariable),
		Locked:   getenv(lockedVariable) == "1",
		Limits:   transport.Limits{Buffered: maxBuffered},
	}
	base := strings.TrimRight(getenv(releases.BaseVariable), "/")
	read.API.Base = cmp.Or(base, releases.DefaultBase)
	for _, name := range tokenVariables {
		if secret := strings.TrimSpace(getenv(name)); secret != "" {
			if strings.ContainsFunc(secret, strange) {
				return Settings{}, fault.Errorf(fault.Invalid, "%s: holds what is in no token: a space, a line end, or a letter beyond ASCII", name)
			}
			read.API.Token = releases.Token{Variable: name, Secret: secret}
			break
		}
	}
	hosts := cmp.Or(getenv(transport.HostsVariable), defaultHosts)
	if strings.Contains(hosts, "/") {
		return Settings{}, fault.Errorf(fault.Invalid, "%s: `%s` is no list of HOST or HOST:PORT; leave out what is not the host", transport.HostsVariable, fault.Plain(hosts))
	}
	read.Hosts = transport.ParseHosts(hosts).With(base)
	width, err := number(getenv, connectionsVariable, defaultWidth, 1, maxWidth)
	if err != nil {
		return Settings{}, err
	}
	wait, err := number(getenv, waitVariable, defaultWait, 0, maxWait)
	read.Limits.Width, read.Limits.Bulk = width, min(maxBulk, width)
	read.Limits.Wait = time.Duration(wait) * time.Second
	return read, err
}

// strange finds what may not stand in a header, or is more likely a slip of who set the token.
func strange(c rune) bool { return c <= ' ' || c > '~' }

func number(getenv func(string) string, name string, standard, least, most int) (int, error) {
	text := getenv(name)
	if text == "" {
		return standard, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < least || value > most {
		return 0, fault.Errorf(fault.Invalid, "%s: `%s` is not a whole number from %d to %d", name, fault.Plain(text), least, most)
	}
	return value, nil
}
