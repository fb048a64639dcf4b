package settings

import (
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/releases"
)

func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestAnEmptyEnvironmentMeansThePublicSites(t *testing.T) {
	read, err := Read(environment(nil))
	if err != nil || read.API != (releases.API{Base: "https://api.github.com"}) || read.State != "" || read.Locked {
		t.Errorf("got %+v, %v, want the public API, no state, not locked", read, err)
	}
	if l := read.Limits; l.Width != 100 || l.Bulk != 8 || l.Wait != time.Minute || l.Buffered != 12<<20 {
		t.Errorf("got %+v, want 100 at once, 8 of them bulk, a minute's wait, 12 MiB", l)
	}
	if len(read.Hosts) != 7 || read.Hosts[0] != "api.github.com" {
		t.Errorf("got %q, want seven hosts, api.github.com first", read.Hosts)
	}
}

func TestAListOfHostsWithholdsThePublicAPIToo(t *testing.T) {
	read, err := Read(environment(map[string]string{"CHECKSUM_UPDATER_HOSTS": "none"}))
	if err != nil || len(read.Hosts) != 1 {
		t.Errorf("got %q, %v, want one host", read.Hosts, err)
	}
}

func TestTheEnvironmentDecides(t *testing.T) {
	read, err := Read(environment(map[string]string{
		"GITHUB_API_URL": "http://localhost:1/api/v3/", "CHECKSUM_UPDATER_HOSTS": "x, y:2", "CHECKSUM_UPDATER_STATE": "/state",
		"CHECKSUM_UPDATER_LOCKED": "1", "CHECKSUM_UPDATER_WAIT": "0", "CHECKSUM_UPDATER_CONNECTIONS": "3",
	}))
	if err != nil || read.API.Base != "http://localhost:1/api/v3" || read.State != "/state" || !read.Locked {
		t.Errorf("got %+v, %v, want the API http://localhost:1/api/v3, state /state, locked", read, err)
	}
	if read.Limits.Width != 3 || read.Limits.Bulk != 3 || read.Limits.Wait != 0 {
		t.Errorf("got %+v, want 3 at once, 3 of them bulk, no wait", read.Limits)
	}
	if len(read.Hosts) != 3 || read.Hosts[1] != "y:2" || read.Hosts[2] != "localhost" {
		t.Errorf("got %q, want x, y:2, localhost", read.Hosts)
	}
}

func TestTheFirstTokenThatIsSetCounts(t *testing.T) {
	variables := map[string]string{"CHECKSUM_UPDATER_TOKEN": " a\n", "GITHUB_TOKEN": "b", "GH_TOKEN": "c"}
	for _, want := range []releases.Token{
		{Variable: "CHECKSUM_UPDATER_TOKEN", Secret: "a"}, {Variable: "GITHUB_TOKEN", Secret: "b"}, {Variable: "GH_TOKEN", Secret: "c"}, {},
	} {
		read, err := Read(environment(variables))
		if err != nil || read.API.Token != want {
			t.Errorf("got %+v, %v, want %+v", read.API.Token, err, want)
		}
		variables[want.Variable] = " "
	}
}

func TestAListOfURLsIsNoListOfHosts(t *testing.T) {
	_, err := Read(environment(map[string]string{"CHECKSUM_UPDATER_HOSTS": "x, https://y/"}))
	if kind, _ := fault.KindOf(err); err == nil || kind != fault.Invalid || !strings.HasPrefix(err.Error(), "CHECKSUM_UPDATER_HOSTS: ") {
		t.Errorf("got %v, want kind %v with CHECKSUM_UPDATER_HOSTS", err, fault.Invalid)
	}
}

func TestWhatIsNoTokenIsReportedAndNotShown(t *testing.T) {
	for _, text := range []string{"s3cret\nx", "s3cret x", "s3cretä", "s3cret\x00"} {
		_, err := Read(environment(map[string]string{"GITHUB_TOKEN": text}))
		if kind, _ := fault.KindOf(err); err == nil || kind != fault.Invalid {
			t.Fatalf("%q: got %v, want kind %v", text, err, fault.Invalid)
		}
		if !strings.HasPrefix(err.Error(), "GITHUB_TOKEN: ") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: got %v, want GITHUB_TOKEN named and the token not shown", text, err)
		}
	}
}

func TestNumbersThatAreNoneAreRefused(t *testing.T) {
	for name, texts := range map[string][]string{
		"CHECKSUM_UPDATER_WAIT": {"-1", "x", "1.5", "86401"}, "CHECKSUM_UPDATER_CONNECTIONS": {"0", "501", " 5", "\x1b"},
		"CHECKSUM_UPDATER_PACE": {"-1", "x", "1/0", "1/-5", "/", "5/", "/5", "1/2/3", "1000001", "1/3601", "1.5"},
	} {
		for _, text := range texts {
			_, err := Read(environment(map[string]string{name: text}))
			if kind, _ := fault.KindOf(err); err == nil || kind != fault.Invalid {
				t.Errorf("%s=%q: got %v, want kind %v", name, text, err, fault.Invalid)
			}
		}
	}
}

func TestGitHubIsPacedAndOthersAreNotUnlessAsked(t *testing.T) {
	for _, c := range []struct {
		api, pace, host string
		points          int
		window          time.Duration
	}{
		{"", "", "api.github.com", 900, time.Minute},
		{"https://API.GitHub.com", "", "api.github.com", 900, time.Minute},
		{"https://api.octo.ghe.com", "", "api.octo.ghe.com", 900, time.Minute},
		{"https://github.example.com/api/v3", "", "", 0, time.Minute},
		{"https://api.github.com.example.com", "", "", 0, time.Minute},
		{"", "0", "", 0, time.Minute},
		{"", "450", "api.github.com", 450, time.Minute},
		{"http://127.0.0.1:8080", "30/2", "127.0.0.1:8080", 30, 2 * time.Second},
	} {
		read, err := Read(environment(map[string]string{"GITHUB_API_URL": c.api, "CHECKSUM_UPDATER_PACE": c.pace}))
		if err != nil || read.Pace.Points != c.points || read.Pace.Window != c.window || read.Pace.Concurrent != 90 {
			t.Errorf("%q, %q: got %+v, %v, want %d points in %s, 90 at once", c.api, c.pace, read.Pace, err, c.points, c.window)
		}
		pacers := read.Pacers()
		if (pacers[c.host] != nil) != (c.host != "") || len(pacers) > 1 {
			t.Errorf("%q, %q: got pacers %v, want one of %q", c.api, c.pace, pacers, c.host)
		}
	}
}
