package transport_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

const (
	exceeded  = `{"message":"API rate limit exceeded for user ID 1."}`
	secondary = `{"message":"You have exceeded a secondary rate limit. Please wait."}`
)

func TestARefusalSaysWhy(t *testing.T) {
	type headers = map[string]string
	for name, c := range map[string]struct {
		status  int
		headers headers
		body    string
		kind    fault.Kind
		want    string
	}{
		"message":           {404, nil, `{"message":"Not Found","status":"404"}`, fault.Status, "404 Not Found"},
		"nothing":           {404, nil, "", fault.Status, "404 not found from a"},
		"unknown status":    {299, nil, "", fault.Status, "299 unexpected status from a"},
		"empty":             {204, nil, "", fault.Status, "204 unexpected status from a"},
		"message of lines":  {400, nil, `{"message":"a\n\tb"}`, fault.Status, "400 a b"},
		"message of codes":  {400, nil, `{"message":"\u001b[2J\u009bx"}`, fault.Status, "400 \uFFFD[2J\uFFFDx"},
		"message a number":  {400, nil, `{"message":5}`, fault.Status, "400 bad request from a"},
		"message too long":  {400, nil, `{"message":"` + strings.Repeat("é", 101) + `"}`, fault.Status, "400 " + strings.Repeat("é", 100) + "..."},
		"endless":           {400, nil, strings.Repeat("x", 1<<20), fault.Status, "400 bad request from a"},
		"token echoed":      {401, nil, `{"message":"bad secret"}`, fault.Status, "401 bad ***"},
		"forbidden":         {403, headers{"x-ratelimit-remaining": "7"}, "", fault.Status, "403 forbidden from a"},
		"quota":             {403, headers{"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000099"}, exceeded, fault.RateLimited, "403 API rate limit exceeded for user ID 1.; try again in 100 s"},
		"quota, their time": {403, headers{"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900100", "Date": "Sun, 11 Jan 1970 10:00:00 GMT"}, exceeded, fault.RateLimited, "403 API rate limit exceeded for user ID 1.; try again in 101 s"},
		"quota, no reset":   {429, headers{"x-ratelimit-remaining": "0"}, exceeded, fault.RateLimited, "429 API rate limit exceeded for user ID 1.; try again in 60 s"},
		"retry after":       {403, headers{"retry-after": "90", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2000000"}, "", fault.RateLimited, "403 forbidden from a; try again in 90 s"},
		"retry at":          {429, headers{"retry-after": "Mon, 12 Jan 1970 13:48:20 GMT"}, "", fault.RateLimited, "429 too many requests from a; try again in 100 s"},
		"retry never":       {429, headers{"retry-after": "99999999999999999"}, "", fault.RateLimited, "429 too many requests from a; try again in 31622400 s"},
		"secondary":         {403, nil, secondary, fault.RateLimited, "403 You have exceeded a secondary rate limit. Please wait.; try again in 60 s"},
		"429, no more said": {429, nil, "", fault.RateLimited, "429 too many requests from a; try again in 60 s"},
		"busy for too long": {503, headers{"retry-after": "300"}, "", fault.Status, "503 service unavailable from a; try again in 300 s"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Status: c.status, Headers: c.headers, Body: c.body} })
			w.Limits.Wait = 59 * time.Second
			r := w.fetch(t, transport.Query{URL: "http://a/x", Token: "secret"})
			expect(t, r.err, c.kind, "http://a/x: "+c.want)
			var refusal *transport.Refusal
			if !errors.As(r.err, &refusal) || refusal.Status != c.status {
				t.Errorf("got %v, want a refusal with status %d", r.err, c.status)
			}
			if len(w.host.Asked) != 1 || r.begun != 0 || w.waited != nil {
				t.Errorf("got %d requests, begun %d times, waits %q, want 1, 0, none", len(w.host.Asked), r.begun, w.waited)
			}
		})
	}
}

func TestALimitIsFoundThoughItsWordsHoldTheToken(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply { return fake.Reply{Status: 403, Body: secondary} })
	w.Limits.Wait = 0
	r := w.fetch(t, transport.Query{URL: "http://a/x", Token: "rate limit"})
	expect(t, r.err, fault.RateLimited, "http://a/x: 403 You have exceeded a secondary ***. Please wait.; try again in 60 s")
}

func TestARefusalNamesTheURLThatWasAskedForNotASignedOne(t *testing.T) {
	w := newWorld(func(asked fake.Asked) fake.Reply {
		if asked.URL == "http://a/asset" {
			return fake.Reply{Status: 302, Headers: map[string]string{"Location": "http://b/signed?sig=key"}}
		}
		return fake.Reply{Status: 403}
	})
	expect(t, w.fetch(t, transport.Query{URL: "http://a/asset"}).err, fault.Status, "http://a/asset: 403 forbidden from b")
}

// limiting answers with reply until a time, and then well.
func limiting(until time.Duration, reply fake.Reply) func(fake.Asked) fake.Reply {
	return func(asked fake.Asked) fake.Reply {
		if asked.At < until && strings.HasPrefix(asked.URL, "http://a/") {
			return reply
		}
		return fake.Reply{Body: "well"}
	}
}

func TestALimitIsWaitedForOnceByAllAndOthersGoOn(t *testing.T) {
	w := newWorld(limiting(20*time.Second, fake.Reply{Status: 403, Headers: map[string]string{"Retry-After": "20"}}))
	var results []*result
	for i := range 10 {
		results = append(results, w.get(transport.Query{URL: fmt.Sprintf("http://a/%d", i)}))
	}
	other := 0
	for range 3 {
		w.Get(transport.Query{URL: "http://b/", Sink: &result{}, Done: func(error) {
			if w.host.Clock == 0 {
				other++
			}
		}})
	}
	w.run(t)
	for _, r := range results {
		if r.err != nil || r.body.String() != "well" {
			t.Errorf("got %q, %v, want %q", r.body.String(), r.err, "well")
		}
	}
	if !slices.Equal(w.waited, []string{"a 20s"}) || w.host.Clock != 20*time.Second || other != 3 {
		t.Errorf("got waits %q until %s, %d others meanwhile, want one of 20s until 20s, 3", w.waited, w.host.Clock, other)
	}
}

func TestSecondaryLimitsAreWaitedForLongerEachTime(t *testing.T) {
	w := newWorld(limiting(150*time.Second, fake.Reply{Status: 403, Body: secondary}))
	w.Limits.Wait = 10 * time.Minute
	r := w.fetch(t, transport.Query{URL: "http://a/"})
	if r.err != nil || !slices.Equal(w.waited, []string{"a 1m0s", "a 2m0s"}) || w.host.Clock != 3*time.Minute {
		t.Errorf("got %v, waits %q until %s, want no error, of 1m0s and 2m0s until 3m0s", r.err, w.waited, w.host.Clock)
	}
}

func TestALimitBeyondTheCapIsReportedOnceAndTheRestIsNotAsked(t *testing.T) {
	w := newWorld(limiting(time.Hour, fake.Reply{Status: 403, Headers: map[string]string{"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000060"}, Body: exceeded}))
	var results []*result
	for i := range 10 {
		results = append(results, w.get(transport.Query{URL: fmt.Sprintf("http://a/%d", i)}))
	}
	well := w.get(transport.Query{URL: "http://b/"})
	w.run(t)
	limited, unasked := 0, 0
	for _, r := range results {
		var u *transport.Unasked
		kind, _ := fault.KindOf(r.err)
		switch {
		case errors.As(r.err, &u):
			unasked++
			if u.Host != "a" || !strings.HasSuffix(r.err.Error(), ": not asked, as a wants to be left alone") {
				t.Errorf("got %v of host %q, want host a not to be asked", r.err, u.Host)
			}
		case kind == fault.RateLimited:
			limited++
		default:
			t.Errorf("got %v, want kind %v or a request not made", r.err, fault.RateLimited)
		}
	}
	if limited != 1 || unasked != 9 || well.err != nil || w.waited != nil || w.host.Clock != 0 {
		t.Errorf("got %d limited, %d not asked, %v, waits %q until %s, want 1, 9, nil, none until 0s", limited, unasked, well.err, w.waited, w.host.Clock)
	}
	later := w.fetch(t, transport.Query{URL: "http://a/later"})
	var u *transport.Unasked
	if asked := len(w.host.Asked); !errors.As(later.err, &u) || asked > 5 {
		t.Errorf("got %v after %d requests, want a request not made after at most 5", later.err, asked)
	}
}

func TestTheCapIsOneForTheWholeRun(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply {
		return fake.Reply{Status: 429, Headers: map[string]string{"Retry-After": "25"}}
	})
	r := w.fetch(t, transport.Query{URL: "http://a/x"})
	expect(t, r.err, fault.RateLimited, "http://a/x: 429 too many requests from a; try again in 25 s")
	if !slices.Equal(w.waited, []string{"a 25s", "a 25s"}) || len(w.host.Asked) != 3 {
		t.Errorf("got waits %q, %d requests, want two of 25s, 3", w.waited, len(w.host.Asked))
	}
}

func TestALimitThatWantsNoWaitEndsNevertheless(t *testing.T) {
	w := newWorld(func(fake.Asked) fake.Reply {
		return fake.Reply{Status: 429, Headers: map[string]string{"Retry-After": "0"}}
	})
	r := w.fetch(t, transport.Query{URL: "http://a/x"})
	expect(t, r.err, fault.RateLimited, "http://a/x: 429 too many requests from a; try again in 1 s")
	if len(w.host.Asked) != 6 || w.host.Clock != 5*time.Second {
		t.Errorf("got %d requests in %s, want 6 in 5s", len(w.host.Asked), w.host.Clock)
	}
}

func TestDatesOfHTTPAreRead(t *testing.T) {
	for text, want := range map[string]int64{"Sun, 06 Nov 1994 08:49:37 GMT": 784111777, "": 0, "Sunday": 0, "784111777": 0} {
		date, ok := transport.ParseDate(text)
		if ok != (want != 0) || ok && date.Unix() != want {
			t.Errorf("ParseDate(%q) = %v, %t, want %d, %t", text, date, ok, want, want != 0)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("Sun, 06 Nov 1994 08:49:37 GMT")
	f.Fuzz(func(t *testing.T, text string) {
		if date, ok := transport.ParseDate(text); ok && date.IsZero() {
			t.Errorf("ParseDate(%q) = %v, true, want a date or false", text, date)
		}
	})
}

// FuzzLimit feeds the header fields and the body of a refusal; the loop must always end.
func FuzzLimit(f *testing.F) {
	f.Add(403, "", "0", "1000060", "", exceeded)
	f.Add(429, "Mon, 12 Jan 1970 13:48:20 GMT", "", "", "Mon, 12 Jan 1970 13:46:40 GMT", secondary)
	f.Fuzz(func(t *testing.T, status int, after, left, reset, date, body string) {
		if status < 300 || status > 999 || status < 309 && status != 304 {
			return
		}
		w := newWorld(func(fake.Asked) fake.Reply {
			headers := map[string]string{"retry-after": after, "x-ratelimit-remaining": left, "x-ratelimit-reset": reset, "date": date}
			return fake.Reply{Status: status, Headers: headers, Body: body}
		})
		r := w.fetch(t, transport.Query{URL: "http://a/"})
		if r.err == nil || strings.ContainsAny(r.err.Error(), "\n\x1b") || w.host.Clock > 3*time.Minute {
			t.Errorf("got %v after %s, want an error of one plain line within 3m0s", r.err, w.host.Clock)
		}
	})
}
