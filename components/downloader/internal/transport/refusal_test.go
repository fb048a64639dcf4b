package transport

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
)

func TestARefusalSaysWhy(t *testing.T) {
	const limit = `{"message":"API rate limit exceeded for user ID 1."}`
	for name, c := range map[string]struct {
		status  int
		headers map[string]string
		body    string
		kind    fault.Kind
		want    string
	}{
		"message":           {404, nil, `{"message":"Not Found","status":"404"}`, fault.Status, "404 Not Found"},
		"HTML":              {502, nil, "<html>", fault.Status, "502 bad gateway from HOST"},
		"nothing":           {404, nil, "", fault.Status, "404 not found from HOST"},
		"unknown status":    {299, nil, "", fault.Status, "299 unexpected status from HOST"},
		"empty":             {204, nil, "", fault.Status, "204 unexpected status from HOST"},
		"message of lines":  {500, nil, `{"message":"a\n\tb"}`, fault.Status, "500 a b"},
		"message of codes":  {500, nil, `{"message":"\u001b[2J\u009bx"}`, fault.Status, "500 \uFFFD[2J\uFFFDx"},
		"message a number":  {500, nil, `{"message":5}`, fault.Status, "500 internal server error from HOST"},
		"message too long":  {500, nil, `{"message":"` + strings.Repeat("é", 101) + `"}`, fault.Status, "500 " + strings.Repeat("é", 100) + "..."},
		"token echoed":      {401, nil, `{"message":"bad secret"}`, fault.Status, "401 bad ***"},
		"forbidden":         {403, map[string]string{"x-ratelimit-remaining": "7"}, "", fault.Status, "403 forbidden from HOST"},
		"quota":             {403, map[string]string{"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000059"}, limit, fault.RateLimited, "403 API rate limit exceeded for user ID 1.; try again in 60 s"},
		"quota, clock skew": {403, map[string]string{"x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"}, limit, fault.RateLimited, "403 API rate limit exceeded for user ID 1."},
		"quota, no reset":   {429, map[string]string{"x-ratelimit-remaining": "0"}, limit, fault.RateLimited, "429 API rate limit exceeded for user ID 1."},
		"retry after":       {403, map[string]string{"retry-after": "30", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2000000"}, "", fault.RateLimited, "403 forbidden from HOST; try again in 30 s"},
		"retry never":       {429, map[string]string{"retry-after": "99999999999999999"}, "", fault.RateLimited, "429 too many requests from HOST; try again in 2147483648 s"},
		"retry in the past": {429, map[string]string{"retry-after": "-1"}, "", fault.RateLimited, "429 too many requests from HOST"},
		"secondary":         {403, nil, `{"message":"You have exceeded a secondary rate limit."}`, fault.RateLimited, "403 You have exceeded a secondary rate limit."},
		"busy":              {503, map[string]string{"retry-after": "5"}, "", fault.Status, "503 service unavailable from HOST; try again in 5 s"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				for name, value := range c.headers {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			_, err := client(server).Get(Query{URL: server.URL, Token: "secret"})
			want := strings.ReplaceAll(c.want, "HOST", strings.TrimPrefix(server.URL, "http://"))
			expect(t, err, c.kind, server.URL+": "+want)
			var refusal *Refusal
			if !errors.As(err, &refusal) || refusal.Status != c.status {
				t.Errorf("not a refusal with status %d", c.status)
			}
		})
	}
}

func TestARefusalNamesTheURLThatWasAskedForNotASignedOne(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/signed" {
			w.WriteHeader(403)
			return
		}
		http.Redirect(w, r, "/signed?sig=key", 302)
	})
	_, err := client(server).Get(Query{URL: server.URL + "/asset"})
	expect(t, err, fault.Status, server.URL+"/asset: 403 forbidden from "+strings.TrimPrefix(server.URL, "http://"))
}
