package update

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/asset"
	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/plaintext"
	"doit-wasm.dev/components/downloader/internal/releases"
	"doit-wasm.dev/components/downloader/internal/transport"
)

const (
	// maxSumsBytes bounds a file of checksums.
	maxSumsBytes = 4 << 20
	// maxListed bounds how many existing files a message names.
	maxListed = 40
)

// file is an asset, which is downloaded once even if several platforms share it.
type file struct {
	asset    releases.Asset
	sums     string // the file of checksums that should name it; may be empty
	claims   []asset.Claim
	download *asset.Download
}

// confirm fetches everything that the new release publishes: first the files of checksums, then every
// asset. All digests must agree.
func (t *tool) confirm() {
	if err := t.choose(); err != nil {
		t.fail(err)
		return
	}
	t.sums = map[string]map[string]string{}
	for _, f := range t.files {
		if _, asked := t.sums[f.sums]; f.sums != "" && !asked {
			t.sums[f.sums] = nil
			t.pending++
		}
	}
	if t.pending == 0 {
		t.download()
		return
	}
	for _, name := range slices.Sorted(maps.Keys(t.sums)) {
		t.fetchSums(name)
	}
}

// choose finds the assets of the plan in the release, with the digests that the API publishes.
func (t *tool) choose() error {
	at := slices.IndexFunc(t.releases, func(r releases.Release) bool { return r.ID == t.plan.Found.ID })
	if at < 0 {
		return fault.Errorf(fault.Answer, "release: %d, `%s`, is not among the releases of %s", t.plan.Found.ID, t.plan.Found.Tag, t.place.Name)
	}
	if len(t.plan.Files) == 0 {
		return fault.Errorf(fault.Answer, "assets: there is nothing to record of %s %s", t.place.Name, t.plan.Found.Version)
	}
	release := t.releases[at]
	// The others may be large and are no longer needed.
	t.releases = []releases.Release{release}
	t.files = map[string]*file{}
	for _, wanted := range t.plan.Files {
		name := wanted.Asset
		found, ok := release.Find(name)
		if !ok {
			return fault.Errorf(fault.Answer, "assets: %s is not in release %s", name, release.Tag)
		}
		if found.Size == 0 || found.Size < -1 {
			return fault.Errorf(fault.Answer, "size: %d of %s is not the size of an asset", found.Size, name)
		}
		published, err := found.SHA256()
		if err != nil {
			return err
		}
		f := &file{asset: found, sums: wanted.Sums}
		if f.sums == "" && t.entry.Source == "nodejs" {
			f.sums = releases.Sums
		}
		if published != "" {
			f.claims = []asset.Claim{{By: "digest", From: "the list of releases", SHA256: published}}
		}
		t.files[name] = f
	}
	return nil
}

func (t *tool) fetchSums(name string) {
	found, ok := t.releases[0].Find(name)
	if !ok {
		t.fail(fault.Errorf(fault.Answer, "sums: %s is not in release %s", name, t.plan.Found.Tag))
		return
	}
	document := &releases.Document{URL: found.URL, Max: maxSumsBytes}
	t.fetch(found, false, document, func() {
		err := t.readSums(name, document.Text())
		if err != nil {
			t.fail(err)
			return
		}
		if t.pending--; t.pending == 0 && !t.done {
			t.download()
		}
	})
}

// readSums reads a file of checksums and adds its digests of the assets.
func (t *tool) readSums(name, text string) error {
	found, _ := t.releases[0].Find(name)
	digests, err := t.run.Validator.Sums(plaintext.Decode(text))
	if err != nil {
		return t.unread(found, err)
	}
	var covered []*file
	for _, f := range t.files {
		if f.sums == name {
			covered = append(covered, f)
		}
	}
	var missing []string
	for _, f := range covered {
		digest, err := digestOf(f.asset.Name, digests)
		if err != nil {
			return t.unread(found, err)
		}
		if digest == "" && len(digests) == 1 && len(covered) == 1 {
			digest = digests[""]
		}
		if digest == "" {
			missing = append(missing, f.asset.Name)
			continue
		}
		f.claims = append(f.claims, asset.Claim{By: "sums", From: name, SHA256: digest})
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	if t.entry.Source == "nodejs" {
		// Its list of versions names no files; this is where they are named.
		t.awaits(missing, slices.Sorted(maps.Keys(digests)))
		return nil
	}
	return t.unread(found, fault.Errorf(fault.Entry, "does not name %s, but %s", strings.Join(missing, ", "), listed(digests)))
}

// unread returns the remedy for a file of checksums that cannot be read in exactly one way.
func (t *tool) unread(found releases.Asset, err error) error {
	if t.entry.Source == "nodejs" {
		return about(found.URL, err)
	}
	remedy := "remove `sums`: without it the digests of the release and of the bytes are compared"
	if others := t.releases[0].Checksums(found.Name); len(others) > 0 {
		remedy = "write in `sums` the name of another one, of which the release has " + strings.Join(others[:min(len(others), maxNamed)], ", ") + ", or " + remedy
	}
	return fault.Errorf(fault.Entry, "sums: %s: %w; %s", found.URL, err, remedy)
}

// awaits leaves the release for later, because its list of checksums lacks files.
func (t *tool) awaits(missing, listed []string) {
	lacking := strings.Join(missing, ", ")
	published, dated := transport.ParseDay(t.plan.Found.Date)
	if patience := time.Duration(t.entry.Patience) * 24 * time.Hour; dated && t.run.Now().Sub(published) >= patience {
		t.outcome.Problem = fault.Errorf(fault.Entry, "assets: incomplete since %s, for longer than %d days: %s is missing; there is %s; write the names that upstream has now, or name in `optional` a platform that it has given up",
			t.plan.Found.Date, t.entry.Patience, lacking, strings.Join(listed[:min(len(listed), maxListed)], ", "))
	} else {
		t.note("not there yet: %s", lacking)
	}
	t.finish(Incomplete)
}

// download fetches the bytes of every asset, unless the published hashes differ already.
func (t *tool) download() {
	names := slices.Sorted(maps.Keys(t.files))
	for _, name := range names {
		if f := t.files[name]; t.differs(f) {
			return
		}
	}
	t.pending = len(names)
	for _, name := range names {
		f := t.files[name]
		f.download = &asset.Download{Name: name, URL: f.asset.URL, Size: f.asset.Size, Hasher: t.run.NewHasher()}
		t.cancels = append(t.cancels, f.download.Hasher.Close)
		t.run.begun(t, f.download)
		t.fetch(f.asset, true, f.download, func() { t.hashed(f) })
		if t.done {
			return
		}
	}
}

func (t *tool) differs(f *file) bool {
	err := asset.Agree(f.asset.URL, f.claims)
	if err != nil {
		t.fail(err)
	}
	return err != nil
}

// hashed compares the bytes with all published digests.
func (t *tool) hashed(f *file) {
	f.claims = append(f.claims, asset.Claim{By: "bytes", From: "its bytes", SHA256: f.download.SHA256})
	if t.differs(f) {
		return
	}
	t.outcome.Assets++
	t.outcome.Bytes += uint64(f.download.Received)
	if t.pending--; t.pending == 0 {
		t.record()
	}
}

// fetch gets a file of the release from its public address, or from the API if that fails as it does
// for a private repository.
func (t *tool) fetch(found releases.Asset, bulk bool, sink transport.Sink, done func()) {
	query := transport.Query{
		URL:     found.URL,
		Headers: []transport.Header{{Name: "Accept-Encoding", Value: "identity"}},
		Bulk:    bulk,
		Sink:    sink,
	}
	query.Done = func(err error) {
		url, token := t.run.Poller.Private(found)
		switch {
		case t.done:
		case err == nil:
			done()
		case url != "" && query.Token == "" && hidden(err):
			query.URL, query.Token = url, token
			query.Headers = append(query.Headers, transport.Header{Name: "Accept", Value: "application/octet-stream"})
			t.get(query)
		default:
			if kind, _ := fault.KindOf(err); kind == fault.Invalid {
				err = fault.Errorf(fault.Answer, "url of %s: %w", found.Name, err)
			}
			t.fail(err)
		}
	}
	t.get(query)
}

func (t *tool) get(query transport.Query) {
	t.cancels = append(t.cancels, t.run.Loop.Get(query))
}

// hidden reports whether an error is that of a private file without a token.
func hidden(err error) bool {
	var refusal *transport.Refusal
	if errors.As(err, &refusal) {
		return refusal.Status == 404
	}
	kind, _ := fault.KindOf(err)
	return kind == fault.Answer
}

// date returns the day of the release; if the list of releases has none, that of its first file.
func (t *tool) date() (string, error) {
	if t.plan.Found.Date != "" {
		return t.plan.Found.Date, nil
	}
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		if date, ok := transport.ParseDate(t.files[name].download.Modified); ok {
			return transport.Day(date), nil
		}
	}
	return "", fault.Errorf(fault.Answer, "release_date: neither the list of releases nor the files of %s %s have one", t.place.Name, t.plan.Found.Version)
}

// about adds the URL of a text that the validator refused.
func about(url string, err error) error {
	return fault.Errorf(fault.Answer, "%s: %w", url, err)
}
