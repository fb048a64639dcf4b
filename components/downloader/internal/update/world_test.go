package update

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/cache"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
	"doit-wasm.dev/components/downloader/internal/watch"
)

// hasher counts those that are open.
type hasher struct {
	hash.Hash
	open *int
}

func (h *hasher) Close() { *h.open-- }
func (h *hasher) Finish() string {
	defer h.Hash.Reset()
	return hex.EncodeToString(h.Hash.Sum(nil))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// object is a JSON object.
type object = map[string]any

// validator takes tools.toml and files of checksums to be JSON already. It plans to take the first
// release, unless plan says otherwise, and records by listing what it was given.
type validator struct {
	plan    func(question object) (object, error)
	refusal error
	asked   []object
}

var _ Validator = (*validator)(nil)

func (v *validator) Watched(config string) ([]watch.Entry, error) {
	if config == "broken" {
		return nil, fault.Errorf(fault.Invalid, "line 1: broken")
	}
	var entries []watch.Entry
	for tool, watched := range decode(config) {
		entry, assets := watch.Entry{Tool: tool, Assets: map[string]string{}, Whole: watched}, object{}
		fields := watched.(object)
		texts := map[string]*string{
			"source": &entry.Source, "repository": &entry.Repository, "base": &entry.Base, "tag": &entry.Tag,
		}
		for key, text := range texts {
			*text, _ = fields[key].(string)
		}
		patience, _ := fields["patience"].(float64)
		entry.Patience = int64(patience)
		assets, _ = fields["assets"].(object)
		for platform, pattern := range assets {
			entry.Assets[platform] = pattern.(string)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func decode(text string) (decoded object) {
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		panic(err.Error() + ": " + text)
	}
	return decoded
}

// Decide asks plan, which takes and returns objects, as a test edits them.
func (v *validator) Decide(question Question) (Plan, error) {
	released := []any{}
	for _, release := range question.Releases {
		assets := []any{}
		for _, a := range release.Assets {
			assets = append(assets, object{"name": a.Name, "state": a.State, "digest": a.Digest})
		}
		released = append(released, object{
			"id": float64(release.ID), "tag": release.Tag, "draft": release.Draft, "assets": assets,
			"published_at": release.PublishedAt,
		})
	}
	asked := object{
		"name": question.Entry.Tool, "document": question.Text, "watch": question.Entry.Whole,
		"last": question.Last, "now": question.Now.UTC().Format(time.RFC3339), "releases": released,
	}
	v.asked = append(v.asked, asked)
	planned, err := v.plan(asked)
	text, _ := json.Marshal(planned)
	return planOf(decode(string(text))), err
}

func planOf(planned object) Plan {
	text := func(key string) string { text, _ := planned[key].(string); return text }
	texts := func(key string) (texts []string) {
		list, _ := planned[key].([]any)
		for _, text := range list {
			texts = append(texts, text.(string))
		}
		return texts
	}
	number := func(key string) int64 { number, _ := planned[key].(float64); return int64(number) }
	plan := Plan{
		Decision: map[string]Decision{
			"current": DecisionCurrent, "newer": DecisionNewer, "watched": DecisionWatched,
			"incomplete": DecisionIncomplete, "young": DecisionYoung, "unmatched": DecisionUnmatched,
		}[text("state")],
		Found:   Found{Version: text("after"), Tag: text("tag"), ID: number("release"), Date: text("release_date")},
		Missing: texts("missing"), Until: text("until"), Compared: uint32(number("compared")), Notes: texts("notes"),
	}
	if problem := text("problem"); problem != "" {
		plan.Problem = fault.Errorf(fault.Entry, "%s", problem)
	}
	assets, _ := planned["assets"].(object)
	sums, _ := planned["sums"].(object)
	for _, platform := range slices.Sorted(maps.Keys(assets)) {
		file, _ := sums[platform].(string)
		plan.Files = append(plan.Files, File{platform, assets[platform].(string), file})
	}
	changes, _ := planned["changes"].([]any)
	for _, change := range changes {
		text := func(key string) string { text, _ := change.(object)[key].(string); return text }
		plan.Changes = append(plan.Changes, Change{
			text("version"), text("platform"), text("asset"), text("recorded"), text("published"), text("release_date"), text("updated_at"),
		})
	}
	return plan
}

// newer plans to take the newest release.
func newer(question object) (object, error) {
	list := question["releases"].([]any)
	if len(list) == 0 {
		return nil, fault.Errorf(fault.Answer, "releases: none fits")
	}
	first := list[0].(object)
	tag := first["tag"].(string)
	version := strings.TrimPrefix(tag, "v")
	watch := question["watch"].(object)
	assets, sums := object{}, object{}
	patterns, _ := watch["assets"].(object)
	for platform, pattern := range patterns {
		assets[platform] = strings.ReplaceAll(pattern.(string), "{version}", version)
		if file, ok := watch["sums"].(string); ok && file != "" {
			sums[platform] = strings.ReplaceAll(file, "{asset}", assets[platform].(string))
		}
	}
	return object{"state": "newer", "before": "1.0", "after": version, "tag": tag, "release": first["id"], "release_date": "2026-01-02", "assets": assets, "sums": sums, "compared": 3}, nil
}

func (v *validator) Add(addition Addition) (Recorded, error) {
	platforms := object{}
	for _, f := range addition.Files {
		platforms[f.Platform] = object{"asset": f.Asset, "sha256": f.SHA256, "size": f.Size, "confirmed_by": f.By}
	}
	text, _ := json.Marshal(object{
		"name": addition.Entry.Tool, "document": addition.Text, "watch": addition.Entry.Whole,
		"version": addition.Version, "latest_version": addition.Version, "release_date": addition.Date, "tag": addition.Tag,
		"platforms": platforms,
	})
	return Recorded{string(text), addition.Version}, v.refusal
}

func (v *validator) Sums(text string) (digests map[string]string, err error) {
	if !strings.HasPrefix(text, "{") {
		return nil, fault.Errorf(fault.Answer, "line 1: is no checksum")
	}
	err = json.Unmarshal([]byte(text), &digests)
	return digests, err
}

const (
	bytesA = "bytes of a"
	bytesB = "other bytes of b"
	config = `{"wac":{"source":"github","repository":"o/r","tag":"v{version}","assets":{"p1":"a-{version}","p2":"b-{version}","p3":"a-{version}"}},` +
		`"wkg":{"source":"github","repository":"o/r","tag":"v{version}","assets":{"p1":"a-{version}"}},` +
		`"go":{"source":"go","base":"https://go/dl","tag":"go{version}","assets":{"p1":"go{version}.tgz"}},` +
		`"node":{"source":"nodejs","base":"https://node/dist","tag":"v{version}","patience":400,"assets":{"p1":"node-{version}"}}}`
)

// world is a directory of checksums and a network that a test edits.
type world struct {
	t         *testing.T
	folder    string
	pages     map[string]fake.Reply // by URL
	release   object
	host      *fake.Host
	validator *validator
	updater   *Updater
	current   *Run
	api       releases.API
	hashers   int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, folder: t.TempDir(), pages: map[string]fake.Reply{}, validator: &validator{plan: newer}}
	uploaded := func(name, text string) object {
		return object{
			"name": name, "state": "uploaded", "size": len(text), "digest": "sha256:" + digest(text),
			"browser_download_url": "https://web/" + name, "url": "https://api/assets/" + name,
		}
	}
	w.release = object{
		"id": 12, "tag_name": "v2.0", "url": "https://api/repos/o/r/releases/1", "published_at": "2026-01-02T03:04:05Z",
		"assets": []any{uploaded("a-2.0", bytesA), uploaded("b-2.0", bytesB)},
	}
	w.pages["https://web/a-2.0"] = fake.Reply{Body: bytesA}
	w.pages["https://web/b-2.0"] = fake.Reply{Status: 302, Headers: map[string]string{"Location": "https://cdn/b?sig=1"}}
	w.pages["https://cdn/b?sig=1"] = fake.Reply{Body: bytesB}
	w.host = &fake.Host{Serve: w.serve, Start: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	w.restart()
	w.write("tools.toml", config)
	return w
}

// restart makes a new updater, as a new process does.
func (w *world) restart() {
	w.api = releases.API{Base: "https://api", Token: releases.Token{Variable: "GITHUB_TOKEN", Secret: "secret"}}
	w.updater = &Updater{
		Validator: w.validator, NewPoller: w.newPoller, Now: w.host.Now,
		NewHasher: func() asset.Hasher { w.hashers++; return &hasher{sha256.New(), &w.hashers} },
	}
}

func (w *world) newPoller() *releases.Poller {
	loop := &transport.Loop{
		Host: w.host, Hosts: transport.Hosts{"api", "web", "cdn", "go", "node"},
		Limits: transport.Limits{Width: 4, Bulk: 2, Buffered: 1 << 20, Wait: time.Minute},
	}
	return &releases.Poller{Loop: loop, API: w.api, Cache: &cache.Cache{Folder: w.folder + "/state", Sum: digest}}
}

func (w *world) serve(asked fake.Asked) fake.Reply {
	if page, ok := w.pages[asked.URL]; ok {
		return page
	}
	if asked.URL != "https://api/repos/o/r/releases?per_page=30" {
		return fake.Reply{Status: 404, Body: `{"message":"Not Found"}`}
	}
	text, _ := json.Marshal([]any{w.release})
	tag := `W/"` + digest(string(text))[:8] + `"`
	if asked.Headers.Get("If-None-Match") == tag {
		return fake.Reply{Status: 304}
	}
	return fake.Reply{Body: string(text), Headers: map[string]string{"ETag": tag}}
}

// everyPage answers so whatever the size of the page that is asked for.
func (w *world) everyPage(reply fake.Reply) {
	for _, size := range []int{30, 10, 5, 1} {
		w.pages[fmt.Sprintf("https://api/repos/o/r/releases?per_page=%d", size)] = reply
	}
}

func (w *world) asset(i int) object { return w.release["assets"].([]any)[i].(object) }

func (w *world) path(name string) string { return filepath.Join(w.folder, name) }

func (w *world) write(name, text string) {
	w.t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(w.path(name)), 0o755), os.WriteFile(w.path(name), []byte(text), 0o644))
	if err != nil {
		w.t.Fatal(err)
	}
}

// text returns the tool file, "" if there is none, and checks that there is nothing else beside it.
func (w *world) text(tool string) string {
	w.t.Helper()
	entries, err := os.ReadDir(w.path("tools"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			w.t.Errorf("got %s left behind, want no hidden file", entry.Name())
		}
	}
	text, _ := os.ReadFile(w.path("tools/" + tool + ".json"))
	return string(text)
}

// begin begins a run.
func (w *world) begin(mode string, tools ...string) (err error) {
	modes := map[string]Mode{"check": Check, "rehearse": Rehearse, "update": Update, "poll": Poll}
	w.current, err = w.updater.Begin(w.folder, tools, modes[mode])
	return err
}

// run does a whole run and returns the outcomes by tool, and the other events.
func (w *world) run(mode string, tools ...string) (map[string]Outcome, []Event) {
	w.t.Helper()
	if err := w.begin(mode, tools...); err != nil {
		w.t.Fatalf("Begin() = %v, want nil", err)
	}
	outcomes, others := map[string]Outcome{}, []Event{}
	for {
		before := w.host.Clock
		event, ok := w.current.Next()
		if took := w.host.Clock - before; took > time.Second {
			w.t.Errorf("got Next to take %s, want at most 1s", took)
		}
		switch {
		case !ok:
			if len(outcomes) != len(tools) || w.host.Open != 0 || w.hashers != 0 {
				w.t.Errorf("got %d outcomes, %d exchanges and %d hashers left open, want %d, 0 and 0", len(outcomes), w.host.Open, w.hashers, len(tools))
			}
			return outcomes, others
		case event.Finished != nil:
			if _, twice := outcomes[event.Finished.Tool]; twice {
				w.t.Errorf("got %s finished twice, want once", event.Finished.Tool)
			}
			outcomes[event.Finished.Tool] = *event.Finished
		default:
			others = append(others, event)
		}
	}
}

// one does a run over wac.
func (w *world) one(mode string) Outcome {
	w.t.Helper()
	outcomes, _ := w.run(mode, "wac")
	return outcomes["wac"]
}

func (w *world) urls() (urls []string) {
	for _, asked := range w.host.Asked {
		urls = append(urls, asked.URL)
	}
	slices.Sort(urls)
	return urls
}
