package update

import (
	"maps"
	"slices"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
)

// maxNamed bounds how many names of a file of checksums a message lists.
const maxNamed = 3

// digestOf returns the digest of an asset in a file of checksums, "" if it has none. It compares names
// in four ways and takes the strictest that matches: whole, without folders, as GitHub spells them,
// without a column of sizes.
func digestOf(asset string, digests map[string]string) (string, error) {
	for _, spelled := range []func(string) string{whole, base, published, unsized} {
		want := spelled(asset)
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(digests)), func(name string) bool {
			return name == "" || spelled(name) != want
		})
		for _, name := range names {
			if digests[name] != digests[names[0]] {
				return "", fault.Errorf(fault.Entry, "`%s` and `%s` may both be %s, and have different digests", names[0], name, asset)
			}
		}
		if len(names) > 0 {
			return digests[names[0]], nil
		}
	}
	return "", nil
}

func whole(name string) string { return name }

// base drops folders, also of Windows: they belong to the machine that hashed the file.
func base(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

// published spells a name as GitHub does for an upload: a dot for what is neither a letter, a digit nor
// one of `_+-`, one for several, and none at the ends.
func published(name string) string {
	plain := func(c rune) bool {
		return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.ContainsRune("_+-", c)
	}
	return strings.Join(strings.FieldsFunc(base(name), func(c rune) bool { return !plain(c) }), ".")
}

// unsized drops a column of digits before or behind a name.
func unsized(name string) string {
	words := slices.DeleteFunc(strings.Fields(name), func(word string) bool { return strings.Trim(word, "0123456789") == "" })
	return published(strings.Join(words, " "))
}

// listed returns some names of a file of checksums.
func listed(digests map[string]string) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(digests)), func(name string) bool { return name == "" })
	shown := strings.Join(names[:min(len(names), maxNamed)], ", ")
	switch {
	case shown == "":
		return "one digest without a name"
	case len(names) > maxNamed:
		return shown + ", …"
	}
	return shown
}
