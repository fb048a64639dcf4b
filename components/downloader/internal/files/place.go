package files

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"doit-wasm.dev/components/downloader/internal/fault"
)

// Place holds the paths of a tool's documents.
type Place struct {
	// Name is the tool's name, the stem of its file.
	Name string
	// Tool is DIR/tools/NAME.json.
	Tool string
	// Config is DIR/tools.toml.
	Config string
}

// Locate returns the paths of a tool's documents. It refuses a name that leads out of the directory of
// checksums.
func Locate(directory, tool string) (Place, error) {
	name := path.Join(directory, "tools") + "/" + tool + ".json"
	switch {
	case !path.IsAbs(directory):
		return Place{}, fault.Errorf(fault.File, "%s: does not begin with an absolute directory", name)
	case !validName(tool):
		return Place{}, fault.Errorf(fault.File, "%s: a tool's name starts with a letter or digit and goes on with letters, digits and `._-`", name)
	}
	return Place{Name: tool, Tool: name, Config: path.Join(directory, "tools.toml")}, nil
}

// ReadTool returns the text of the tool file DIRECTORY/tools/TOOL.json.
func ReadTool(directory, tool string) (string, error) {
	place, err := Locate(directory, tool)
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
