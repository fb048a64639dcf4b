package transport

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
)

// HostsVariable is the environment variable that lists the allowed hosts.
const HostsVariable = "CHECKSUM_UPDATER_HOSTS"

// Hosts are the allowed hosts, `HOST` for any of its ports or `HOST:PORT`.
type Hosts []string

// ParseHosts reads a comma-separated list.
func ParseHosts(text string) Hosts {
	var hosts Hosts
	for _, host := range strings.Split(text, ",") {
		if host = strings.ToLower(strings.TrimSpace(host)); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// With returns the hosts and the host of a URL.
func (h Hosts) With(text string) Hosts {
	target, err := url.Parse(text)
	if err != nil || target.Hostname() == "" {
		return h
	}
	return append(h[:len(h):len(h)], strings.ToLower(target.Hostname()))
}

func (h Hosts) check(target *url.URL) error {
	name := strings.ToLower(target.Hostname())
	for _, host := range h {
		if host == name || host == name+":"+port(target) {
			return nil
		}
	}
	return fmt.Errorf("is of host %s, which is not in the list of hosts; %s holds another list", target.Host, HostsVariable)
}

func parse(text string, hosts Hosts) (*url.URL, error) {
	target, err := url.Parse(text)
	if err != nil {
		// url.Error repeats the text, which may hold a password.
		return nil, fault.Errorf(fault.Invalid, "url: does not parse: %w", errors.Unwrap(err))
	}
	if err := usable(target, hosts); err != nil {
		return nil, fault.Errorf(fault.Invalid, "%s: %w", target.Redacted(), err)
	}
	return target, nil
}

// redirect returns the URL that a response redirects to.
func redirect(from *url.URL, location string, hosts Hosts) (*url.URL, error) {
	if location == "" {
		return nil, errors.New("redirects without a location")
	}
	next, err := from.Parse(location)
	if err != nil {
		return nil, errors.New("redirects to what is not a url")
	}
	if err := usable(next, hosts); err != nil {
		return nil, fmt.Errorf("redirects to a url that %w", err)
	}
	if from.Scheme == "https" && next.Scheme != "https" {
		return nil, errors.New("redirects from https to http")
	}
	return next, nil
}

func usable(target *url.URL, hosts Hosts) error {
	switch {
	case target.Scheme != "http" && target.Scheme != "https":
		return errors.New("is neither http nor https")
	case target.Host == "" || target.Hostname() == "":
		return errors.New("names no host")
	case target.User != nil:
		return errors.New("holds user information")
	case strings.ContainsFunc(target.Host+target.RequestURI(), unescaped):
		return errors.New("holds characters that should be escaped")
	}
	return hosts.check(target)
}

// unescaped finds characters that a URL may not contain. The host traps, which ends the whole
// composition, if it gets text that is not UTF-8, and a server may redirect to such text.
func unescaped(c rune) bool { return c <= ' ' || c > '~' }

// SameOrigin reports whether two URLs have the same scheme, host and port.
func SameOrigin(a, b string) bool {
	one, err := url.Parse(a)
	if err != nil {
		return false
	}
	other, err := url.Parse(b)
	return err == nil && sameOrigin(one, other)
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(target *url.URL) string {
	switch {
	case target.Port() != "":
		return target.Port()
	case target.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
