"""A TinyGo that was built without net/http compiles programs that need it all the same."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import process
from pipeline.steps.tinygo_build import LACKS, root_with_http
from pipeline.steps.tinygo_net_code import NET, TLS
from pipeline.testing.project import Project
from rules.projects import write_files
from workshop import REPOSITORY

DODO = """
from pipeline import doit_config, go_component, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:*"])
def task_all():
    yield from toolchains("toolchains")
    yield from go_component("app", path=".")
"""
PROGRAM = """package main

import (
	"fmt"
	"net/http"
	"strings"
)

type there struct{}

func (there) RoundTrip(r *http.Request) (*http.Response, error) {
	head := http.Header{"Path": {r.URL.Path}}
	return &http.Response{StatusCode: 201, Header: head, Body: http.NoBody, Request: r}, nil
}

type printed struct{ head http.Header }

func (w printed) Header() http.Header         { return w.head }
func (w printed) Write(b []byte) (int, error) { return fmt.Print(string(b)) }
func (w printed) WriteHeader(code int)        { fmt.Println("code", code) }

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s\\n", r.PathValue("name"))
	})
	r, _ := http.NewRequest("GET", "http://x/hello/Ada", strings.NewReader(""))
	mux.ServeHTTP(printed{http.Header{}}, r)
	client := &http.Client{Transport: there{}}
	got, err := client.Get("http://x/y")
	fmt.Println(got.StatusCode, got.Header, err)
	_, err = http.Get("http://x/y")
	fmt.Println(err)
}
"""
SMALL = """package main

import (
	"fmt"
	"net/http"
)

type printed struct{ head http.Header }

func (w printed) Header() http.Header         { return w.head }
func (w printed) Write(b []byte) (int, error) { return fmt.Print(string(b)) }
func (w printed) WriteHeader(code int)        { fmt.Println("code", code) }

func main() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, http.StatusText(http.StatusTeapot), http.StatusTeapot)
	})
	handler.ServeHTTP(printed{http.Header{}}, &http.Request{Method: http.MethodGet})
}
"""
COMPARED = """package compared

import (
	"fmt"
	"testing"

	real "net"

	"ex.com/compared/net"
)

func TestAddressesAreSplitAsGoDoes(t *testing.T) {
	for _, text := range []string{
		"", "a", "a:1", ":1", "a:", "a:b:c", "[::1]:80", "[::1%lo]:80", "[::1]", "[::1]80", "[a",
		"a]:1", "[a]b:1", "::1", "[]:1", "[[a]]:1", "a:[1]", "1.2.3.4:http",
	} {
		host, port, err := net.SplitHostPort(text)
		wantHost, wantPort, wantErr := real.SplitHostPort(text)
		got := fmt.Sprint(host, "|", port, "|", err)
		if want := fmt.Sprint(wantHost, "|", wantPort, "|", wantErr); got != want {
			t.Errorf("SplitHostPort(%q): got %s, want %s", text, got, want)
		}
		if got, want := net.JoinHostPort(text, "1"), real.JoinHostPort(text, "1"); got != want {
			t.Errorf("JoinHostPort(%q): got %s, want %s", text, got, want)
		}
	}
}

func TestAddressesAreWrittenAsGoDoes(t *testing.T) {
	for _, text := range []string{"1.2.3.4", "::1", "fe80::1"} {
		got := (&net.TCPAddr{IP: net.ParseIP(text), Port: 1, Zone: "z"}).String()
		want := (&real.TCPAddr{IP: real.ParseIP(text), Port: 1, Zone: "z"}).String()
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	var opErr error = &net.OpError{Op: "dial", Net: "tcp", Err: net.ErrClosed}
	want := (&real.OpError{Op: "dial", Net: "tcp", Err: real.ErrClosed}).Error()
	if opErr.Error() != want {
		t.Errorf("got %s, want %s", opErr, want)
	}
}
"""


OWN = """package net

import "net"

type (
	IP           = net.IP
	HardwareAddr = net.HardwareAddr
)

var ParseIP = net.ParseIP
"""


def test_our_net_computes_what_that_of_go_computes(
    tmp_path: Path, tool: Callable[..., str]
) -> None:
    go = Path(tool("go-1.26", "go"))
    write_files(tmp_path, {"go.mod": "module ex.com/compared\n\ngo 1.26\n", "x_test.go": COMPARED})
    # Our tls needs our net by the name that it has in TinyGo's root.
    write_files(tmp_path, {"net/net.go": NET, "net/own.go": OWN, "tls.txt": TLS})
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    process.run([go, "vet", "./..."], cwd=tmp_path, env=env)
    process.run([go, "test", "./..."], cwd=tmp_path, env=env)
    formatted = process.run([tool("go", "gofmt"), "-l", "net/net.go", "tls.txt"], cwd=tmp_path)
    assert not formatted.output


def test_the_root_has_what_is_missing_and_leaves_the_rest_where_it_is(
    tmp_path: Path, tool: Callable[..., str]
) -> None:
    tinygo, go = Path(tool("tinygo")).parents[1], Path(tool("go-1.26", "go")).parents[1]
    root_with_http(tinygo, go, tmp_path / "root")
    assert (tmp_path / "root/src/runtime/gc_blocks.go").is_symlink()
    names = {file.name for file in (tmp_path / "root/src/net/http").glob("*.go")}
    assert {"server.go", "client.go", "omithttp2.go"} < names
    assert not names & {"h2_bundle.go", "serve_test.go"}
    assert "nethttpomithttp2" not in (tmp_path / "root/src/net/http/omithttp2.go").read_text()
    assert "nethttpomithttp2" in (go / "src/net/http/omithttp2.go").read_text()


@pytest.mark.parametrize(
    ("said", "is_so"),
    [
        ("main.go:3:8: package net/http is not in std (x)", True),
        ("# net\nx.go:1: fatal", True),
        ("# ex.com/net\nx.go:1: undefined", False),
        ("package net/httpx is not in std", False),
    ],
)
def test_it_is_known_by_what_tinygo_says(said: str, *, is_so: bool) -> None:
    assert bool(LACKS.search(said)) == is_so


def built(project: Project, tool: Callable[..., str], program: str) -> list[str]:
    """Return the lines that a program prints."""
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    world = "package my:app;\nworld app { include wasi:cli/command@0.2.0; }\n"
    write_files(project.root, {"wit/w.wit": world, "main.go": program, "dodo.py": DODO})
    project.write("go.mod", "module ex.com/app\n\ngo 1.24\n")
    run = project.doit("profile=dev")
    assert run.code == 0, run.text
    assert not (project.root / ".doit-wasm-tinygo").exists()
    wasm = project.root / "build/dev/component/app.wasm"
    return process.run([tool("wasmtime"), "run", wasm]).output.splitlines()


def test_a_handler_answers_by_net_http(project: Project, tool: Callable[..., str]) -> None:
    assert built(project, tool, SMALL) == ["code 418", "I'm a teapot"]


@pytest.mark.soak
def test_a_client_has_a_transport_of_its_own(project: Project, tool: Callable[..., str]) -> None:
    first, second, third = built(project, tool, PROGRAM)
    assert (first, second) == ("hello Ada", "201 map[Path:[/y]] <nil>")
    assert "no sockets in this build of TinyGo" in third
