package transport

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
)

func TestAnAnswerIsHandedOverAsItCame(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })
	response, err := client(server).Get(Query{URL: server.URL + "/a%2Fb?sig=a%2B%3D&x", Headers: []Header{{"Accept", "text/plain"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); string(body) != "hello" {
		t.Errorf("body %q", body)
	}
	request := server.seen[0]
	if request.RequestURI != "/a%2Fb?sig=a%2B%3D&x" {
		t.Errorf("path and query changed to %s", request.RequestURI)
	}
	if request.UserAgent() != "doit-wasm" || request.Header.Get("Accept") != "text/plain" || request.Header.Get("Authorization") != "" {
		t.Errorf("headers %v", request.Header)
	}
}

func TestEveryRedirectStatusIsFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/from" {
				w.Header().Set("Location", "../to?x=1")
				w.WriteHeader(status)
			}
		})
		response, err := client(server).Get(Query{URL: server.URL + "/from"})
		if err != nil {
			t.Fatal(status, err)
		}
		response.Body.Close()
		if got := server.seen[1].RequestURI; got != "/to?x=1" {
			t.Errorf("%d led to %s", status, got)
		}
	}
}

func TestATokenStaysWithItsOrigin(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request) {})
	var back string
	middle := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, back, 302) })
	first := serve(t, nil)
	first.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.seen = append(first.seen, r)
		switch r.URL.Path {
		case "/same":
			http.Redirect(w, r, "/end", 301)
		case "/port":
			http.Redirect(w, r, other.URL+"/end", 302)
		case "/host":
			http.Redirect(w, r, strings.Replace(first.URL, "127.0.0.1", "localhost", 1)+"/end", 302)
		case "/there-and-back":
			http.Redirect(w, r, middle.URL, 302)
		}
	})
	back = first.URL + "/end"
	for _, c := range []struct {
		path string
		last *site
		want string
	}{
		{"/same", first, "Bearer secret"},
		{"/port", other, ""},
		{"/host", first, ""},
		{"/there-and-back", first, ""},
	} {
		t.Run(c.path, func(t *testing.T) {
			first.seen = nil
			response, err := client(first).Get(Query{URL: first.URL + c.path, Token: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if got := first.seen[0].Header.Get("Authorization"); got != "Bearer secret" {
				t.Errorf("the first request had %q", got)
			}
			if got := c.last.seen[len(c.last.seen)-1].Header.Get("Authorization"); got != c.want {
				t.Errorf("the last request had %q", got)
			}
		})
	}
}

func TestOriginsDifferInSchemeHostOrPort(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://h/a", "https://h:443/b", true},
		{"http://h", "http://h:80", true},
		{"http://h", "https://h", false},
		{"http://h:443", "https://h:443", false},
		{"https://h", "https://h:444", false},
		{"https://h", "https://h.evil", false},
	} {
		a, errA := parse(c.a)
		b, errB := parse(c.b)
		if errA != nil || errB != nil || sameOrigin(a, b) != c.same {
			t.Errorf("%s and %s: %v %v", c.a, c.b, errA, errB)
		}
	}
}

func TestABadRedirectIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ location, want string }{
		"to nowhere":     {"", "302 redirects without a location"},
		"to nonsense":    {"http://[", "302 redirects to what is not a url"},
		"to a file":      {"file:///etc/passwd", "302 redirects to a url that is neither http nor https"},
		"with password":  {"http://u:p@h/", "302 redirects to a url that holds user information"},
		"to no host":     {"http:///x", "302 redirects to a url that names no host"},
		"to a raw host":  {"http://h\xe9\xff/", "302 redirects to a url that holds characters that should be escaped"},
		"to a raw query": {"/a?b=\xff", "302 redirects to a url that holds characters that should be escaped"},
		"in a circle":    {"/", "more than 10 redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.location != "" {
					w.Header().Set("Location", c.location)
				}
				w.WriteHeader(302)
			})
			_, err := client(server).Get(Query{URL: server.URL})
			expect(t, err, fault.Answer, server.URL+": "+c.want)
			if len(server.seen) > maxRedirects+1 {
				t.Errorf("%d requests", len(server.seen))
			}
		})
	}
}

func TestHTTPSNeverBecomesHTTP(t *testing.T) {
	secure := httptest.NewTLSServer(http.RedirectHandler("http://127.0.0.1:1/", 302))
	defer secure.Close()
	_, err := client(&site{Server: secure}).Get(Query{URL: secure.URL})
	expect(t, err, fault.Answer, secure.URL+": 302 redirects from https to http")
}

func TestAnUnusableURLIsRefusedWithoutShowingItsPassword(t *testing.T) {
	for url, want := range map[string]string{
		"ftp://h/":             "ftp://h/: is neither http nor https",
		"/repos":               "/repos: is neither http nor https",
		"":                     ": is neither http nor https",
		"http:///repos":        "http:///repos: names no host",
		"http://user:pass@h/":  "http://user:xxxxx@h/: holds user information",
		"http://user:pass@h:x": "url: does not parse: invalid port \":x\" after host",
	} {
		_, err := (&Client{}).Get(Query{URL: url})
		expect(t, err, fault.Invalid, want)
	}
}

func TestAServerThatIsNotThereIsANetworkError(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	server.Close()
	_, err := client(server).Get(Query{URL: server.URL})
	if kind, ok := fault.KindOf(err); !ok || kind != fault.Network || !strings.HasPrefix(err.Error(), server.URL+": ") {
		t.Error(err)
	}
}
