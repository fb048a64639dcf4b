package files

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
)

// Place is where a tool's documents lie.
type Place struct {
	// Name is the tool's name, the stem of its file.
	Name string
	// Tool is DIR/tools/NAME.json.
	Tool string
	// Config is DIR/tools.toml.
	Config string
}

// Locate reads a path of the form /DIR/tools/NAME.json. Anything else is refused, so that no path
// leads out of the directory of checksums.
func Locate(name string) (Place, error) {
	folder, base := path.Split(name)
	stem, ok := strings.CutSuffix(base, ".json")
	folder = strings.TrimSuffix(folder, "/")
	switch {
	case !path.IsAbs(name) || path.Clean(name) != name || !ok || path.Base(folder) != "tools":
		return Place{}, fault.Errorf(fault.File, "%s: is not a path of the form /DIR/tools/NAME.json", name)
	case !validName(stem):
		return Place{}, fault.Errorf(fault.File, "%s: a tool's name starts with a letter or digit and goes on with letters, digits and `._-`", name)
	}
	return Place{Name: stem, Tool: name, Config: path.Join(path.Dir(folder), "tools.toml")}, nil
}

// ReadTool returns the text of the tool file /DIR/tools/NAME.json.
func ReadTool(name string) (string, error) {
	place, err := Locate(name)
	if err != nil {
		return "", err
	}
	text, err := Read(place.Tool)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.Errorf(fault.UnknownTool, "%s", place.Name)
	}
	return text, err
}

// ReadConfig returns the text of DIR/tools.toml, "" if there is none.
func ReadConfig(directory string) (string, error) {
	text, err := Read(path.Join(directory, "tools.toml"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return text, err
}

func validName(stem string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return stem != "" && strings.Contains(letters, stem[:1]) && strings.Trim(stem, letters+"._-") == ""
}
