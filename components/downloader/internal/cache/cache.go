// Package cache keeps answers of servers on disk for conditional requests. A lost or damaged answer
// costs one more request.
package cache

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"doit-wasm.dev/components/downloader/internal/files"
)

// Cache is a directory with a file for each key.
type Cache struct {
	// Folder is its path.
	Folder string
	// Sum returns the SHA-256 of a text in hex.
	Sum func(text string) string
}

// Load returns the text kept for a key; ok is false if there is none or it is damaged.
func (c *Cache) Load(key string) (text string, ok bool) {
	stored, err := files.Read(c.file(key))
	if err != nil {
		return "", false
	}
	sum, text, _ := strings.Cut(stored, "\n")
	return text, sum == c.Sum(text)
}

// Save keeps a text for a key. It is not synced: a crash of the machine may lose it.
func (c *Cache) Save(key, text string) error {
	err := files.Write(c.file(key), c.Sum(text)+"\n"+text)
	if errors.Is(err, fs.ErrNotExist) {
		if err = files.MakeFolder(c.Folder); err == nil {
			err = files.Write(c.file(key), c.Sum(text)+"\n"+text)
		}
	}
	return err
}

func (c *Cache) file(key string) string { return path.Join(c.Folder, c.Sum(key)+".json") }
