// Package files reads, lists and atomically replaces the files of a directory of checksums.
package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"doit-wasm.dev/components/downloader/internal/fault"
	"doit-wasm.dev/components/downloader/internal/plaintext"
)

// maxBytes bounds what is read of one file; the largest tool files have a few hundred KiB.
const maxBytes = 16 << 20

// maxStrange bounds how many entries of a folder may have names that are no text.
const maxStrange = 10_000

// maxLinks is how many links one path may lead through, as in Linux.
const maxLinks = 40

// Read returns the text of a file, of UTF-16 with a byte order mark as UTF-8 with one. A file that does not exist is a [fault.File] for which
// errors.Is(err, fs.ErrNotExist) holds.
func Read(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", failed(name, err)
	}
	defer file.Close()
	var text strings.Builder
	if info, err := file.Stat(); err == nil {
		text.Grow(int(min(info.Size(), maxBytes)))
	}
	for text.Len() <= maxBytes {
		n, err := file.Read(chunk[:])
		text.Write(chunk[:max(n, 0)]) // TinyGo returns -1 with an error
		switch {
		case errors.Is(err, io.EOF):
			return decoded(name, text.String())
		case err != nil:
			return "", failed(name, err)
		}
	}
	return "", fault.Errorf(fault.File, "%s: has more than %d bytes", name, maxBytes)
}

// decoded returns a text as UTF-8. A mark stays, so that whoever compares texts notices it.
func decoded(name, text string) (string, error) {
	switch {
	case utf8.ValidString(text):
		return text, nil
	case plaintext.Wide(text):
		return "\uFEFF" + plaintext.Decode(text), nil
	}
	return "", fault.Errorf(fault.File, "%s: is not UTF-8 text; save it as UTF-8", name)
}

// chunk takes what is read of a file, one after the other.
var chunk [32 << 10]byte

// Tools returns the sorted stems of DIR/tools/*.json. A directory with a tools.toml alone has none
// yet; one with neither is no directory of checksums.
func Tools(directory string) ([]string, error) {
	folder := path.Join(directory, "tools")
	entries, err := list(folder)
	if errors.Is(err, fs.ErrNotExist) {
		if _, missing := os.Stat(path.Join(directory, "tools.toml")); missing == nil {
			return []string{}, nil
		}
	}
	if err != nil {
		return nil, failed(folder, err)
	}
	stems := []string{}
	for _, entry := range entries {
		stem, ok := strings.CutSuffix(entry.Name(), ".json")
		if ok && !entry.IsDir() && validName(stem) {
			stems = append(stems, stem)
		}
	}
	slices.Sort(stems)
	return stems, nil
}

// list returns the entries of a folder. A host has no text for a name that is not UTF-8: it fails for
// that entry, and goes on with the next one when it is asked again.
func list(folder string) ([]fs.DirEntry, error) {
	opened, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	var entries []fs.DirEntry
	for range maxStrange {
		found, err := opened.ReadDir(-1)
		entries = append(entries, found...)
		if !errors.Is(err, syscall.EILSEQ) {
			return entries, err
		}
	}
	return nil, syscall.EILSEQ
}

// Replace gives a file a new text if it still has the old one; the old text of a file that does not
// exist is "". A reader sees the old text or the new one, whole, whenever it looks and wherever this
// is interrupted. A link stays one: what it leads to is replaced. WASI knows no modes, so the new
// file has those that the host gives to any. Whoever calls this holds the directory's lock.
func Replace(name, old, text string) error {
	if err := MakeFolder(path.Dir(name)); err != nil {
		return err
	}
	file, err := resolve(name)
	if err != nil {
		return failed(name, err)
	}
	return put(name, file, text, afresh, func(temporary *os.File) error {
		if err := temporary.Sync(); err != nil {
			return failed(name, err)
		}
		// As late as can be: what someone else wrote meanwhile would be lost.
		now, err := Read(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if now != old {
			return fault.Errorf(fault.File, "%s: changed while its update was under way; run again", name)
		}
		return nil
	})
}

// Write gives a file a new text, whole or not at all as long as the machine runs: it is not synced.
func Write(name, text string) error {
	return put(name, name, text, os.CreateTemp, func(*os.File) error { return nil })
}

// MakeFolder makes a folder and those that it is in, if they are not there.
func MakeFolder(name string) error {
	if err := os.MkdirAll(name, 0o755); err != nil {
		return failed(name, err)
	}
	return nil
}

// afresh makes a file that takes the place of the one that a killed updater has left.
func afresh(folder, pattern string) (*os.File, error) {
	name := path.Join(folder, strings.Replace(pattern, ".*", "", 1))
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
}

// put has create make a file beside the one at place, fills it, and renames it if ready agrees.
func put(name, place, text string, create func(folder, pattern string) (*os.File, error), ready func(*os.File) error) error {
	// The same directory, or the rename could cross file systems; a leading dot and no `.json` at
	// the end, or one left by a kill would be listed as a tool.
	folder, base := path.Split(place)
	temporary, err := create(folder, "."+base+".*.tmp")
	if err != nil {
		return failed(name, err)
	}
	if err = fill(temporary, text); err != nil {
		err = failed(name, err)
	} else {
		err = ready(temporary)
	}
	if closed := temporary.Close(); err == nil && closed != nil {
		err = failed(name, closed)
	}
	if err == nil {
		if err = os.Rename(temporary.Name(), place); err == nil {
			return nil
		}
		err = failed(name, err)
	}
	os.Remove(temporary.Name())
	return err
}

// fill writes all of a text. TinyGo's files take as little at a time as the host does, and return no
// error then: on a disk that is nearly full half a text would pass for the whole.
func fill(file io.StringWriter, text string) error {
	for text != "" {
		n, err := file.WriteString(text)
		switch {
		case err != nil:
			return err
		case n <= 0:
			return io.ErrShortWrite
		}
		text = text[n:]
	}
	return nil
}

// resolve returns the path of the file that a path leads to, which need not exist. A link out of
// what the host has mounted is refused by the host.
func resolve(name string) (string, error) {
	for range maxLinks {
		target, err := os.Readlink(name)
		switch {
		case errors.Is(err, syscall.EINVAL) || errors.Is(err, fs.ErrNotExist):
			return name, nil
		case err != nil:
			return "", err
		case path.IsAbs(target):
			name = target
		default:
			// Not path.Join: a `..` after a linked directory leads to that one's parent.
			folder, _ := path.Split(name)
			name = folder + target
		}
	}
	return "", syscall.ELOOP
}

// failed adds the path that matters to the caller and says the reason in words: TinyGo's errors
// read "errno 44".
func failed(name string, err error) error {
	for _, known := range reasons {
		if errors.Is(err, known.cause) {
			return &fault.Error{Kind: fault.File, Err: &reason{name + ": " + known.text, known.cause}}
		}
	}
	var known *fs.PathError
	if errors.As(err, &known) {
		err = known.Err
	}
	return fault.Errorf(fault.File, "%s: %w", name, err)
}

var reasons = []struct {
	cause error
	text  string
}{
	{fs.ErrNotExist, "does not exist"},
	{syscall.EROFS, "is on a read-only file system"},
	{syscall.ENOSPC, "no space is left"},
	{syscall.EDQUOT, "the quota of the disk is used up"},
	{syscall.EFBIG, "would be larger than files may be here"},
	{syscall.EISDIR, "is a directory"},
	{syscall.ENOTDIR, "a part of the path is not a directory"},
	{syscall.ENAMETOOLONG, "the name is too long"},
	{syscall.ELOOP, "too many links"},
	{syscall.EILSEQ, "has too many files whose names are not UTF-8"},
	{fs.ErrPermission, "permission denied, or outside what the host has mounted"},
}

// reason is a known cause in our words.
type reason struct {
	text  string
	cause error
}

var _ error = (*reason)(nil)

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.cause }
