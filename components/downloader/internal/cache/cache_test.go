package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
)

func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

func TestWhatWasKeptComesBack(t *testing.T) {
	c := &Cache{Folder: t.TempDir() + "/not/there", Sum: sum}
	if _, ok := c.Load("a"); ok {
		t.Error("got an entry of an empty cache, want none")
	}
	for _, text := range []string{"one\ntwo", ""} {
		if err := c.Save("a", text); err != nil {
			t.Fatalf("Save(%q) = %v, want nil", text, err)
		}
		if got, ok := c.Load("a"); !ok || got != text {
			t.Errorf("Load() = %q, %t, want %q, true", got, ok, text)
		}
	}
	if _, ok := c.Load("b"); ok {
		t.Error("got an entry by another key, want none")
	}
}

func TestWhatIsDamagedIsNotThere(t *testing.T) {
	c := &Cache{Folder: t.TempDir(), Sum: sum}
	if err := c.Save("a", "text"); err != nil {
		t.Fatalf("Save() = %v, want nil", err)
	}
	whole, err := os.ReadFile(c.file("a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"", "\n", string(whole[:len(whole)-1]), string(whole) + "x", "x" + string(whole), "\xff"} {
		if err := os.WriteFile(c.file("a"), []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, ok := c.Load("a"); ok {
			t.Errorf("%q: got an entry, want none", damage)
		}
	}
}

func TestAPlaceThatCannotBeWrittenIsAnError(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(folder+"/file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := (&Cache{Folder: folder + "/file", Sum: sum}).Save("a", "text"); err == nil {
		t.Error("Save() in a file = nil, want an error")
	}
}
