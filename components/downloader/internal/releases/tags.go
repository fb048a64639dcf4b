package releases

import (
	"doit-wasm.dev/components/downloader/internal/jsontext"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// Tags requests the newest tags of a repository on GitHub, at most three, and calls done with them.
func (p *Poller) Tags(entry *watch.Entry, done func(tags []string, err error)) {
	hub := github{p.API.Base}
	document := &Document{URL: hub.base + "/repos/" + entry.Repository + "/tags?per_page=3", Max: maxPageBytes}
	p.Loop.Get(transport.Query{
		URL: document.URL, Token: p.API.Token.Secret, Sink: document,
		Headers: []transport.Header{{Name: "Accept", Value: hub.accept()}, apiVersion},
		Done: func(err error) {
			if err != nil {
				done(nil, err)
				return
			}
			done(parseTags(document.Text()))
		},
	})
}

func parseTags(text string) (tags []string, err error) {
	reader := jsontext.NewReader(text)
	reader.Array(func() {
		reader.Object(func(key string) {
			if key == "name" {
				tags = append(tags, word(reader))
			} else {
				reader.Skip()
			}
		})
	})
	return tags, reader.End()
}
