// Package settings reads the environment.
package settings

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/pace"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
)

// defaultHosts are the hosts of GitHub and its files, go.dev and nodejs.org.
const defaultHosts = "api.github.com,github.com,release-assets.githubusercontent.com," +
	"objects.githubusercontent.com,go.dev,dl.google.com,nodejs.org"

const (
	defaultWidth = 100 // as many as github.com allows
	maxWidth     = 500
	defaultWait  = 60
	maxWait      = 24 * 60 * 60
	maxBulk      = 8
	maxBuffered  = 12 << 20
	// documentedPoints is how many points a minute github.com allows; a GET costs one.
	documentedPoints = 900
	maxPoints        = 1_000_000
	maxWindow        = 60 * 60
)

// The environment variables beside those that the packages name where they are used.
const (
	stateVariable       = "CHECKSUM_UPDATER_STATE"
	waitVariable        = "CHECKSUM_UPDATER_WAIT"
	connectionsVariable = "CHECKSUM_UPDATER_CONNECTIONS"
	paceVariable        = "CHECKSUM_UPDATER_PACE"
	releasesVariable    = "CHECKSUM_UPDATER_RELEASES"
	lockedVariable      = "CHECKSUM_UPDATER_LOCKED"
)

// tokenVariables may hold the token; the first that is set counts.
var tokenVariables = []string{"CHECKSUM_UPDATER_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"}

// Settings are the values of the environment variables.
type Settings struct {
	API    releases.API
	Hosts  transport.Hosts
	Limits transport.Limits
	// Pace is how fast the API may be asked; without points, as fast as it answers.
	Pace pace.Limits
	// State is the directory that keeps answers between runs; empty: none.
	State string
	// Releases is the directory of release files; empty: there is none.
	Releases string
	// Locked means that the host holds the lock of the directory.
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
	if err == nil {
		read.Pace, err = paceOf(getenv(paceVariable), read.API.Base)
	}
	return read, err
}

// Pacers returns what keeps to the pace, by the host that it is for.
func (s Settings) Pacers() map[string]*pace.Pacer {
	target, err := url.Parse(s.API.Base)
	if err != nil || s.Pace.Points == 0 {
		return nil
	}
	return map[string]*pace.Pacer{strings.ToLower(target.Host): pace.New(s.Pace)}
}

// paceOf reads POINTS, which is a minute's, or POINTS/SECONDS; 0 is no pace. The default is that of
// github.com for its hosts: others may be asked as fast as they answer.
func paceOf(text, base string) (pace.Limits, error) {
	limits := pace.GitHub(documentedPoints)
	if text == "" {
		if !isGitHub(base) {
			limits.Points = 0
		}
		return limits, nil
	}
	points, seconds, named := strings.Cut(text, "/")
	limits.Points = whole(points, 0, maxPoints)
	if named {
		limits.Window = time.Duration(whole(seconds, 1, maxWindow)) * time.Second
	}
	if limits.Points < 0 || limits.Window < 0 {
		return pace.Limits{}, fault.Errorf(fault.Invalid, "%s: `%s` is neither POINTS a minute, from 0 to %d, nor POINTS/SECONDS with 1 to %d seconds", paceVariable, fault.Plain(text), maxPoints, maxWindow)
	}
	return limits, nil
}

// isGitHub reports whether the limits of github.com hold for an API: its own, and those of tenants that
// it hosts.
func isGitHub(base string) bool {
	target, err := url.Parse(base)
	if err != nil {
		return false
	}
	host := strings.ToLower(target.Hostname())
	return host == "api.github.com" || strings.HasSuffix(host, ".ghe.com")
}

// strange finds characters that a header may not contain, or that are probably a mistake.
func strange(c rune) bool { return c <= ' ' || c > '~' }

func number(getenv func(string) string, name string, standard, least, most int) (int, error) {
	text := getenv(name)
	if text == "" {
		return standard, nil
	}
	value := whole(text, least, most)
	if value < least {
		return 0, fault.Errorf(fault.Invalid, "%s: `%s` is not a whole number from %d to %d", name, fault.Plain(text), least, most)
	}
	return value, nil
}

// whole returns a number within bounds that are not negative; -1 if the text is not such a number.
func whole(text string, least, most int) int {
	value, err := strconv.Atoi(text)
	if err != nil || value < least || value > most {
		return -1
	}
	return value
}
