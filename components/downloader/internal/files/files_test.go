package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"doit-wasm.dev/components/downloader/internal/fault"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestReadReturnsTheText(t *testing.T) {
	name := write(t, t.TempDir()+"/größe.json", "naïve\n")
	if text, err := Read(name); err != nil || text != "naïve\n" {
		t.Errorf("Read() = %q, %v, want %q", text, err, "naïve\n")
	}
	for encoded, want := range map[string]string{
		"\xef\xbb\xbf{}\r\n":             "\uFEFF{}\r\n",
		"\xff\xfe{\x00}\x00":             "\uFEFF{}",
		"\xfe\xff\x00{\x00}\x00\r\x00\n": "\uFEFF{}\r\n",
	} {
		if got, err := Read(write(t, name, encoded)); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", encoded, got, err, want)
		}
	}
}

func TestReadNamesThePathOnceAndTheReason(t *testing.T) {
	folder := t.TempDir()
	huge := write(t, folder+"/huge.json", "")
	if err := os.Truncate(huge, maxBytes+1); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		folder + "/none.json": "does not exist",
		folder:                "is a directory",
		write(t, folder+"/a.json", "\xff") + "/b": "a part of the path is not a directory",
		folder + "/a.json":                        "is not UTF-8 text; save it as UTF-8",
		huge:                                      "has more than 16777216 bytes",
		folder + "/" + strings.Repeat("a", 300):   "the name is too long",
	} {
		_, err := Read(name)
		if err == nil || err.Error() != name+": "+want {
			t.Errorf("got  %v\nwant %s: %s", err, name, want)
		}
		if kind, _ := fault.KindOf(err); kind != fault.File {
			t.Errorf("%s: got kind %d, want %d", name, kind, fault.File)
		}
	}
	if _, err := Read(folder + "/none.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want the cause %v", err, fs.ErrNotExist)
	}
}

func TestReadTakesFilesOfAnySizeWhole(t *testing.T) {
	name := t.TempDir() + "/a"
	for _, size := range []int{0, 1, 511, 512, 513, len(chunk) - 1, len(chunk), len(chunk) + 1, 3*len(chunk) + 7} {
		text := strings.Repeat("ab", size)[:size]
		write(t, name, text)
		if got, err := Read(name); err != nil || got != text {
			t.Errorf("%d bytes: got %d, %v, want the same text", size, len(got), err)
		}
	}
}

func TestNoConfigIsAnEmptyOne(t *testing.T) {
	folder := t.TempDir()
	if text, err := ReadConfig(folder); err != nil || text != "" {
		t.Errorf("ReadConfig() = %q, %v, want %q", text, err, "")
	}
	write(t, folder+"/tools.toml", "[wac]")
	if text, err := ReadConfig(folder); err != nil || text != "[wac]" {
		t.Errorf("ReadConfig() = %q, %v, want %q", text, err, "[wac]")
	}
	if _, err := ReadConfig(folder + "/tools.toml"); err == nil {
		t.Error("ReadConfig() in a file = _, nil, want an error")
	}
}

func TestToolsAreSortedStems(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"wac.json", "go.json", "wasm-tools.json", "a.b.json", ".hidden.json", "notes.txt", ".wac.json.1.tmp", "json", "-x.json", "ä.json"} {
		write(t, folder+"/tools/"+name, "{}")
	}
	if err := os.Mkdir(folder+"/tools/folder.json", 0o755); err != nil {
		t.Fatal(err)
	}
	names, err := Tools(folder)
	if err != nil || !slices.Equal(names, []string{"a.b", "go", "wac", "wasm-tools"}) {
		t.Errorf("Tools() = %q, %v, want a.b, go, wac, wasm-tools", names, err)
	}
}

func TestToolsOfNoDirectoryIsAnError(t *testing.T) {
	folder := t.TempDir()
	if _, err := Tools(folder); err == nil || err.Error() != folder+"/tools: does not exist" {
		t.Errorf("Tools() = _, %v, want %s/tools: does not exist", err, folder)
	}
}

func TestADirectoryThatIsNewHasNoTools(t *testing.T) {
	folder := t.TempDir()
	write(t, folder+"/tools.toml", "")
	if names, err := Tools(folder); err != nil || names == nil || len(names) != 0 {
		t.Errorf("Tools() = %#v, %v, want an empty list", names, err)
	}
	write(t, folder+"/tools", "")
	if _, err := Tools(folder); err == nil {
		t.Error("Tools() of a file = _, nil, want an error")
	}
}

func TestReplaceMakesAFileOrGivesItANewText(t *testing.T) {
	folder := t.TempDir() + "/tools"
	old := ""
	for _, text := range []string{"first", "second, longer", ""} {
		if err := Replace(folder+"/wac.json", old, text); err != nil {
			t.Fatalf("Replace(%q, %q) = %v, want nil", old, text, err)
		}
		old = text
		if got, err := Read(folder + "/wac.json"); err != nil || got != text {
			t.Errorf("Read() = %q, %v, want %q", got, err, text)
		}
	}
	alone(t, folder, "wac.json")
}

func TestReplaceTakesThePlaceOfWhatAKillHasLeft(t *testing.T) {
	folder := t.TempDir()
	target := write(t, t.TempDir()+"/elsewhere", "kept")
	if err := os.Symlink(target, folder+"/.wac.json.tmp"); err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"", "half of a te"} {
		if left != "" {
			write(t, folder+"/.wac.json.tmp", left)
		}
		old, _ := Read(folder + "/wac.json")
		if err := Replace(folder+"/wac.json", old, old+"new"); err != nil {
			t.Fatalf("Replace() = %v, want nil", err)
		}
		alone(t, folder, "wac.json")
	}
	if text, _ := Read(target); text != "kept" {
		t.Errorf("got %q behind the link, want %q", text, "kept")
	}
}

func TestReplaceLeavesAReaderOfTheOldFileItsText(t *testing.T) {
	name := write(t, t.TempDir()+"/wac.json", "old")
	reader, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := Replace(name, "old", "newer"); err != nil {
		t.Fatalf("Replace() = %v, want nil", err)
	}
	buffer := make([]byte, 9)
	if n, _ := reader.Read(buffer); string(buffer[:n]) != "old" {
		t.Errorf("got %q, want %q", buffer[:n], "old")
	}
}

func TestReplaceKeepsALinkAndReplacesWhatItLeadsTo(t *testing.T) {
	folder := t.TempDir()
	write(t, folder+"/shared/deep/wac.json", "old")
	write(t, folder+"/shared/tool.json", "old")
	link := func(target, name string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(folder+"/"+name), 0o755), os.Symlink(target, folder+"/"+name)); err != nil {
			t.Fatal(err)
		}
	}
	link("shared/deep", "tools")
	link("../tool.json", "shared/deep/up.json") // up from where tools leads to
	link("up.json", "shared/deep/twice.json")
	link("new.json", "shared/deep/dangling.json")
	for name, target := range map[string]string{
		"wac": "shared/deep/wac.json", "up": "shared/tool.json", "twice": "shared/tool.json", "dangling": "shared/deep/new.json",
	} {
		before, _ := os.Readlink(folder + "/tools/" + name + ".json")
		old, _ := os.ReadFile(folder + "/" + target)
		if err := Replace(folder+"/tools/"+name+".json", string(old), name); err != nil {
			t.Fatalf("%s: Replace() = %v, want nil", name, err)
		}
		if after, _ := os.Readlink(folder + "/tools/" + name + ".json"); after != before {
			t.Errorf("%s: got a link to %q, want to %q", name, after, before)
		}
		if text, err := os.ReadFile(folder + "/" + target); err != nil || string(text) != name {
			t.Errorf("%s: got %q, %v, want %q", target, text, err, name)
		}
	}
	link("b.json", "circle/a.json")
	link("a.json", "circle/b.json")
	if err := Replace(folder+"/circle/a.json", "", "text"); err == nil || err.Error() != folder+"/circle/a.json: too many links" {
		t.Errorf("Replace() = %v, want %s/circle/a.json: too many links", err, folder)
	}
}

func TestReplaceLosesNothingThatSomeoneElseWroteMeanwhile(t *testing.T) {
	folder := t.TempDir()
	name := write(t, folder+"/wac.json", "edited")
	for _, old := range []string{"", "old", "edited "} {
		err := Replace(name, old, "new")
		if kind, _ := fault.KindOf(err); kind != fault.File || err.Error() != name+": changed while its update was under way; run again" {
			t.Errorf("Replace(%q) = %v, want %s: changed while its update was under way; run again", old, err, name)
		}
	}
	if text, _ := Read(name); text != "edited" {
		t.Errorf("got %q, want %q", text, "edited")
	}
	alone(t, folder, "wac.json")
}

func TestAFailedReplaceLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	write(t, folder+"/wac.json/inside", "")
	err := Replace(folder+"/wac.json", "", "text")
	if kind, ok := fault.KindOf(err); !ok || kind != fault.File || !strings.HasPrefix(err.Error(), folder+"/wac.json: ") {
		t.Errorf("Replace() = %v, want kind %v with %s/wac.json", err, fault.File, folder)
	}
	alone(t, folder, "wac.json")
	write(t, folder+"/file", "")
	if err := Replace(folder+"/file/wac.json", "", "text"); err == nil || err.Error() != folder+"/file: a part of the path is not a directory" {
		t.Errorf("Replace() = %v, want %s/file: a part of the path is not a directory", err, folder)
	}
}

// narrow takes three bytes at a time, and no more than there is room for.
type narrow struct {
	text string
	room int
	full error
}

func (n *narrow) WriteString(text string) (int, error) {
	if n.room == 0 {
		return 0, n.full
	}
	taken := min(3, n.room, len(text))
	n.text, n.room = n.text+text[:taken], n.room-taken
	return taken, nil
}

func TestATextThatIsTakenInPartsIsWrittenWhole(t *testing.T) {
	for _, text := range []string{"", "ab", "abc", "abcdefgh"} {
		file := &narrow{room: 8}
		if err := fill(file, text); err != nil || file.text != text {
			t.Errorf("fill(%q) = %v with %q written, want nil with all of it", text, err, file.text)
		}
	}
}

func TestATextThatIsNotTakenWholeIsAnError(t *testing.T) {
	for full, want := range map[error]error{syscall.ENOSPC: syscall.ENOSPC, nil: io.ErrShortWrite} {
		if err := fill(&narrow{room: 7, full: full}, "abcdefgh"); !errors.Is(err, want) {
			t.Errorf("fill() = %v, want %v", err, want)
		}
	}
}

func alone(t *testing.T, folder, name string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("got %v, %v, want only %s", entries, err, name)
	}
}

func TestLocateKnowsWhatLiesWhere(t *testing.T) {
	for _, c := range []struct {
		directory, tool string
		want            Place
	}{
		{"/checksums", "wac", Place{"wac", "/checksums/tools/wac.json", "/checksums/tools.toml"}},
		{"/checksums/", "wac", Place{"wac", "/checksums/tools/wac.json", "/checksums/tools.toml"}},
		{"/", "a.b_c-1", Place{"a.b_c-1", "/tools/a.b_c-1.json", "/tools.toml"}},
		{"/tools/tools", "wac", Place{"wac", "/tools/tools/tools/wac.json", "/tools/tools/tools.toml"}},
	} {
		if got, err := Locate(c.directory, c.tool); err != nil || got != c.want {
			t.Errorf("%s, %s: got %v, %v, want %v", c.directory, c.tool, got, err, c.want)
		}
	}
}

func TestLocateRefusesWhatIsNoToolFile(t *testing.T) {
	type place struct{ directory, tool string }
	cases := []place{{"", "wac"}, {".", "wac"}, {"checksums", "wac"}, {"../checksums", "wac"}}
	for _, tool := range []string{
		"", "/", "..", "../wac", "../../wac", "x/../wac", "x/wac", "/wac", "wac/", ".wac", "wac ", "-x", "w\x00", "wac.json/", "w\\ac",
	} {
		cases = append(cases, place{"/checksums", tool})
	}
	for _, c := range cases {
		_, err := Locate(c.directory, c.tool)
		kind, ok := fault.KindOf(err)
		if !ok || kind != fault.File || !strings.Contains(err.Error(), "tools/"+c.tool+".json: ") {
			t.Errorf("%q, %q: got %v, want a fault that names the file", c.directory, c.tool, err)
		}
	}
}

func TestReadToolSaysWhichToolIsUnknown(t *testing.T) {
	folder := t.TempDir()
	_, err := ReadTool(folder, "wac")
	if kind, ok := fault.KindOf(err); !ok || kind != fault.UnknownTool || err.Error() != "wac" {
		t.Errorf("got %v, want wac to be unknown", err)
	}
	if _, err := ReadTool(folder, "../wac"); err == nil {
		t.Errorf("ReadTool(%q) = _, nil, want an error", "../wac")
	}
	write(t, folder+"/tools/wac.json", "{}")
	if text, err := ReadTool(folder, "wac"); err != nil || text != "{}" {
		t.Errorf("got %q, %v, want {}", text, err)
	}
}
