package transport_test

import (
	"slices"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// leading answers requests for the URLs with redirects there, and all others with "end".
func leading(status int, to map[string]string) func(fake.Asked) fake.Reply {
	return func(asked fake.Asked) fake.Reply {
		if location, ok := to[asked.URL]; ok {
			return fake.Reply{Status: status, Headers: map[string]string{"Location": location}}
		}
		return fake.Reply{Body: "end"}
	}
}

func TestAnAnswerIsHandedOverAsItCame(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Body: "hello"} })
	r := w.fetch(t, transport.Query{URL: "http://a/a%2Fb?sig=a%2B%3D&x", Headers: []transport.Header{{Name: "Accept", Value: "text/plain"}}})
	if r.err != nil || r.body.String() != "hello" || r.status != 200 {
		t.Errorf("got %d, %q, %v, want 200, %q", r.status, r.body.String(), r.err, "hello")
	}
	asked := w.host.Asked[0]
	if asked.URL != "http://a/a%2Fb?sig=a%2B%3D&x" || len(asked.Headers) != 2 ||
		asked.Headers.Get("User-Agent") != "doit-wasm" || asked.Headers.Get("Accept") != "text/plain" {
		t.Errorf("got %+v, want the URL as it was, User-Agent: doit-wasm and Accept: text/plain", asked)
	}
}

func TestEveryRedirectStatusIsFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		w := newWorld(leading(status, map[string]string{"http://a/x/from": "../to?x=1"}))
		r := w.fetch(t, transport.Query{URL: "http://a/x/from"})
		if r.err != nil || r.body.String() != "end" || w.host.Asked[1].URL != "http://a/to?x=1" {
			t.Errorf("%d: got %q, %v after %v, want %q from http://a/to?x=1", status, r.body.String(), r.err, w.urls(), "end")
		}
	}
}

func TestATokenStaysWithItsOrigin(t *testing.T) {
	to := map[string]string{
		"http://a/same": "http://A:80/end", "http://a/port": "http://a:81/end", "http://a/host": "http://b/end",
		"http://a/scheme": "https://a/end", "http://a/there": "http://b/back", "http://b/back": "http://a/end",
	}
	for path, want := range map[string][]string{
		"same":   {"Bearer secret", "Bearer secret"},
		"port":   {"Bearer secret", ""},
		"host":   {"Bearer secret", ""},
		"scheme": {"Bearer secret", ""},
		"there":  {"Bearer secret", "", ""},
	} {
		w := newWorld(leading(302, to))
		r := w.fetch(t, transport.Query{URL: "http://a/" + path, Token: "secret"})
		var sent []string
		for _, asked := range w.host.Asked {
			sent = append(sent, asked.Headers.Get("Authorization"))
		}
		if r.err != nil || !slices.Equal(sent, want) {
			t.Errorf("%s: got %q, %v, want %q", path, sent, r.err, want)
		}
	}
}

func TestABadRedirectIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ from, location, want string }{
		"to nowhere":     {"http://a/", "", "302 redirects without a location"},
		"to nonsense":    {"http://a/", "http://[", "302 redirects to what is not a url"},
		"to a file":      {"http://a/", "file:///etc/passwd", "302 redirects to a url that is neither http nor https"},
		"with password":  {"http://a/", "http://u:p@a/", "302 redirects to a url that holds user information"},
		"to no host":     {"http://a/", "http:///x", "302 redirects to a url that names no host"},
		"to a raw host":  {"http://a/", "http://h\xe9\xff/", "302 redirects to a url that holds characters that should be escaped"},
		"to a raw query": {"http://a/", "/a?b=\xff", "302 redirects to a url that holds characters that should be escaped"},
		"to a stranger":  {"http://a/", "http://evil/?sig=x", "302 redirects to a url that is of host evil, which is not in the list of hosts; CHECKSUM_UPDATER_HOSTS holds another list"},
		"to plain text":  {"https://a/", "http://a/", "302 redirects from https to http"},
		"in a circle":    {"http://a/", "/", "more than 10 redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(leading(302, map[string]string{c.from: c.location}))
			r := w.fetch(t, transport.Query{URL: c.from})
			expect(t, r.err, fault.Answer, c.from+": "+c.want)
			if len(w.host.Asked) > 11 || r.begun != 0 {
				t.Errorf("got %d requests, begun %d times, want at most 11, 0", len(w.host.Asked), r.begun)
			}
		})
	}
}

func TestAnUnusableURLIsRefusedWithoutAskingOrShowingItsPassword(t *testing.T) {
	for url, want := range map[string]string{
		"ftp://a/":             "ftp://a/: is neither http nor https",
		"/repos":               "/repos: is neither http nor https",
		"":                     ": is neither http nor https",
		"http:///repos":        "http:///repos: names no host",
		"http://user:pass@a/":  "http://user:xxxxx@a/: holds user information",
		"http://user:pass@a:x": "url: does not parse: invalid port \":x\" after host",
		"http://d/x":           "http://d/x: is of host d, which is not in the list of hosts; CHECKSUM_UPDATER_HOSTS holds another list",
		"http://a.d/x":         "http://a.d/x: is of host a.d, which is not in the list of hosts; CHECKSUM_UPDATER_HOSTS holds another list",
	} {
		w := newWorld(nil)
		expect(t, w.fetch(t, transport.Query{URL: url}).err, fault.Invalid, want)
	}
}

func TestHostsMayNameAPort(t *testing.T) {
	for _, c := range []struct {
		list, url string
		ok        bool
	}{
		{"h", "https://h/", true},
		{"h", "http://H:8080/", true},
		{" X , h:443,", "https://h/", true},
		{"h:443", "https://h:443/", true},
		{"h:443", "http://h/", false},
		{"h:443", "https://h:444/", false},
		{"h", "https://x.h/", false},
		{"h", "https://hh/", false},
		{"", "https://h/", false},
	} {
		w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{} })
		w.Hosts = transport.ParseHosts(c.list)
		if err := w.fetch(t, transport.Query{URL: c.url}).err; (err == nil) != c.ok {
			t.Errorf("%q, %s: got %v, want it allowed: %t", c.list, c.url, err, c.ok)
		}
		if with := w.Hosts.With(c.url); len(with) != len(w.Hosts)+1 {
			t.Errorf("With(%q) = %q, want one host more than %q", c.url, with, w.Hosts)
		}
	}
	if hosts := (transport.Hosts{"h"}).With("://"); len(hosts) != 1 {
		t.Errorf("With(%q) = %q, want h alone", "://", hosts)
	}
}

func TestOriginsDifferInSchemeHostOrPort(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://h/a", "https://H:443/b", true},
		{"http://h", "http://h:80", true},
		{"http://h", "https://h", false},
		{"http://h:443", "https://h:443", false},
		{"https://h", "https://h:444", false},
		{"https://h", "https://h.evil", false},
		{"https://h", "https://[", false},
		{"https://[", "https://h", false},
	} {
		if transport.SameOrigin(c.a, c.b) != c.same {
			t.Errorf("SameOrigin(%q, %q) = %t, want %t", c.a, c.b, !c.same, c.same)
		}
	}
}
