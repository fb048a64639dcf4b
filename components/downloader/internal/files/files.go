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

// maxBytes bounds the size of a file; the largest tool files have a few hundred KiB.
const maxBytes = 16 << 20

// maxStrange bounds the entries of a folder whose names are not UTF-8.
const maxStrange = 10_000

// maxLinks bounds the links that a path may follow, as in Linux.
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

// decoded returns a text as UTF-8. It keeps the byte order mark, which counts in comparisons.
func decoded(name, text string) (string, error) {
	switch {
	case utf8.ValidString(text):
		return text, nil
	case plaintext.Wide(text):
		return "\uFEFF" + plaintext.Decode(text), nil
	}
	return "", fault.Errorf(fault.File, "%s: is not UTF-8 text; save it as UTF-8", name)
}

// chunk is the buffer for reading files, one at a time.
var chunk [32 << 10]byte

// Tools returns the sorted stems of DIR/tools/*.json. A directory with a tools.toml alone has none
// yet; a directory with neither is not a directory of checksums.
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

// list returns the entries of a folder. For a name that is not UTF-8, the host fails once, and
// continues with the next entry at the next call.
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
// exist is "". A reader always sees the whole old text or the whole new one, wherever this
// is interrupted. A link stays a link; its target is replaced. WASI has no modes, so the new file gets
// the host's default mode. The caller holds the directory's lock.
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
		// As late as possible: another writer's text would be lost.
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

// Write replaces the text of a file atomically, but does not sync it: a crash may lose it.
func Write(name, text string) error {
	return put(name, name, text, os.CreateTemp, func(*os.File) error { return nil })
}

// MakeFolder makes a folder and its parents unless they exist.
func MakeFolder(name string) error {
	if err := os.MkdirAll(name, 0o755); err != nil {
		return failed(name, err)
	}
	return nil
}

// afresh makes a file, and replaces one that a killed updater left.
func afresh(folder, pattern string) (*os.File, error) {
	name := path.Join(folder, strings.Replace(pattern, ".*", "", 1))
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
}

// put calls create for a file beside place, fills it, and renames it to place if ready agrees.
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

// fill writes all of a text. TinyGo's files may write only a part without an error, as the host does:
// on a nearly full disk, half a text would pass for the whole.
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

// resolve follows links and returns the path of the file, which need not exist. The host refuses a
// link that leaves its mounts.
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

// failed adds the caller's path and describes the reason: TinyGo's errors read "errno 44".
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

// reason describes a known cause.
type reason struct {
	text  string
	cause error
}

var _ error = (*reason)(nil)

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.cause }
