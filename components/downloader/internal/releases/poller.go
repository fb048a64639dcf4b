package releases

import (
	"errors"
	"strings"

	"doit-wasm.dev/components/downloader/internal/cache"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/watch"
)

const (
	// maxPageBytes bounds one page, divisibleBytes one that can be asked for in smaller parts: its text
	// and what is read of it are in memory at once.
	maxPageBytes   = 32 << 20
	divisibleBytes = 4 << 20
	// lateBytes is how much of a page must have arrived before its size is blamed for a broken transfer.
	lateBytes = 256 << 10
	// layout identifies the format of cached pages, so that another format is never read.
	layout = "2\n"
)

// apiVersion is the version of GitHub's API that requests name.
var apiVersion = transport.Header{Name: "X-GitHub-Api-Version", Value: "2022-11-28"}

// Poller requests pages of releases: each page once, even if several tools need it, and conditionally
// if the cache has it.
type Poller struct {
	Loop *transport.Loop
	API  API
	// Cache keeps pages with their ETags; nil: nothing is kept.
	Cache *cache.Cache

	wanted map[string][]func(Page, error) // by key, while the request is under way
}

// Get requests the page at url, or the first page if url is empty, and calls done with it. Of a
// complete list it keeps the newest releases, and each tag for which recorded holds.
func (p *Poller) Get(entry *watch.Entry, url string, recorded func(tag string) bool, done func(Page, error)) {
	kind, err := p.API.kind(entry)
	if err != nil {
		done(Page{}, err)
		return
	}
	if url == "" {
		url = kind.first(entry)
	}
	token := ""
	if _, ok := kind.(github); ok && transport.SameOrigin(url, p.API.Base) {
		token = p.API.Token.Secret
	}
	asked := &asked{poller: p, kind: kind, entry: entry, url: url, recorded: recorded, token: token}
	asked.key = asked.identity()
	if waiting := p.wanted[asked.key]; waiting != nil {
		p.wanted[asked.key] = append(waiting, done)
		return
	}
	if p.wanted == nil {
		p.wanted = map[string][]func(Page, error){}
	}
	p.wanted[asked.key] = []func(Page, error){done}
	asked.send()
}

// Private returns the URL and the token for a file of a private repository; all empty if there is
// no such URL.
func (p *Poller) Private(asset Asset) (url, token string) {
	if p.API.Token.Secret == "" || !transport.SameOrigin(asset.API, p.API.Base) {
		return "", ""
	}
	return asset.API, p.API.Token.Secret
}

// asked is a page whose request is under way.
type asked struct {
	poller   *Poller
	kind     kind
	entry    *watch.Entry
	url      string
	recorded func(tag string) bool
	token    string
	key      string // of those that wait for it
	known    string // the cached page
	document Document
}

// identity is what the answer depends on: the URL, the media type and the token; for a complete list
// also what is kept of it.
func (a *asked) identity() string {
	key := layout + a.url + "\n" + a.kind.accept() + "\n"
	if a.token != "" && a.poller.Cache != nil {
		key += a.poller.Cache.Sum(a.token)
	}
	if _, ok := a.kind.(github); !ok {
		key += "\n" + a.entry.Reading()
	}
	return key
}

func (a *asked) send() {
	query := transport.Query{URL: a.url, Token: a.token, Sink: &a.document, Done: a.done}
	query.Headers = []transport.Header{{Name: "Accept", Value: a.kind.accept()}}
	a.document = Document{URL: a.url, Max: maxPageBytes}
	if _, query.Smaller = smaller(a.url); query.Smaller {
		a.document.Max = divisibleBytes
	}
	if _, ok := a.kind.(github); ok {
		query.Headers = append(query.Headers, apiVersion)
	}
	if a.poller.Cache != nil {
		if text, ok := a.poller.Cache.Load(a.identity()); ok {
			var tag string
			if tag, a.known, _ = strings.Cut(text, "\n"); tag != "" {
				query.Conditional = true
				query.Headers = append(query.Headers, transport.Header{Name: "If-None-Match", Value: tag})
			}
		}
	}
	a.poller.Loop.Get(query)
}

func (a *asked) done(err error) {
	if next, ok := smaller(a.url); ok && a.tooMuch(err) {
		a.url = next
		a.send()
		return
	}
	var page Page
	if err == nil {
		page, err = a.page()
	} else {
		err = a.blame(err)
	}
	waiting := a.poller.wanted[a.key]
	delete(a.poller.wanted, a.key)
	for _, done := range waiting {
		done(page, err)
	}
}

// tooMuch reports whether a page failed because of its size: a gateway gave up, it is over the limit,
// or its transfer broke late.
func (a *asked) tooMuch(err error) bool {
	kind, _ := fault.KindOf(err)
	isLong := a.document.body.Len() > lateBytes
	return a.document.tooLong || transport.TooMuch(err) || kind == fault.Network && isLong
}

func (a *asked) page() (Page, error) {
	if a.document.Status == 304 {
		page, err := load(a.known)
		if err != nil {
			return Page{}, fault.Errorf(fault.Answer, "%s: 304 for what is not known: %w", a.url, err)
		}
		return page, nil
	}
	page, err := a.kind.parse(a.document.Text(), a.entry, a.recorded)
	if err != nil {
		return Page{}, fault.Errorf(fault.Answer, "%s: is not a list of releases: %w", a.url, err)
	}
	page.Next = next(a.document.Link)
	if a.poller.Cache != nil && a.document.ETag != "" {
		page.Uncached = a.poller.Cache.Save(a.identity(), a.document.ETag+"\n"+save(page))
	}
	a.document = Document{}
	return page, nil
}

// blame names the variable with the wrong value.
func (a *asked) blame(err error) error {
	hub, ok := a.kind.(github)
	if kind, _ := fault.KindOf(err); ok && hub.base != DefaultBase && kind == fault.Invalid {
		return fault.Errorf(fault.Invalid, "%w; the address comes from %s", err, BaseVariable)
	}
	var refusal *transport.Refusal
	if a.token != "" && errors.As(err, &refusal) && refusal.Status == 401 {
		return fault.Errorf(fault.Status, "%w; the token came from %s", err, a.poller.API.Token.Variable)
	}
	return err
}
