"""What is built while it is killed: two versions of a project, and where its outputs are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.testing.project import Project
from tests.workshop import copy_repository

DODO = """
from pipeline.engine.words import In, Out
from pipeline.config import doit_config
from pipeline.engine.step import step

DOIT_CONFIG = doit_config()
NAMES = ["lexer", "parser", "table"]
FLAGS = ["-O1", "-Igen"]

def sh(name, script, outputs, inputs=()):
    return step(name, doc="Run a script", argv=["sh", "-ec", script], inputs=inputs,
                outputs=[Out(path) for path in outputs])

def task_all():
    # A tree, written slowly, by children of children.
    yield sh("gen", '''
        mkdir gen
        for name in lexer parser table; do
            (sleep 0.05
             echo "#define NAME \\\\"$name $(head -n1 src/version)\\\\"" > gen/$name.h) &
        done
        wait''', ["gen"], ["src/version"])
    for name in NAMES:
        yield step(f"object:{name}", doc="Compile", inputs=["gen"],
            argv=["cc", *FLAGS, "-c", In(f"src/{name}.c"), "-o", Out(f"obj/{name}.o")])
    yield step("main", doc="Compile",
        argv=["cc", *FLAGS, "-c", In("src/main.c"), "-o", Out("obj/main.o")])
    yield step("library", doc="Archive",
        argv=["ar", "rcD", Out("out/lib.a"), *[In(f"obj/{name}.o") for name in NAMES]])
    yield step("link", doc="Link",
        argv=["cc", In("obj/main.o"), In("out/lib.a"), "-o", Out("out/program")])
    # Two outputs that only make sense together: a tree and its index.
    yield sh("pages", '''
        mkdir -p pages/deep
        for number in $(seq $(wc -l < src/version) 30); do
            ./out/program $number > pages/deep/$number.txt
            printf '%s\\\\n' "$number" >> pages.index
        done
        ln -s deep/30.txt pages/last''', ["pages", "pages.index"], ["out/program", "src/version"])
    # A file in many small writes, for longer than what was killed may live on.
    yield sh("slow", '''
        for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
            cat src/version; echo "$number of 12"; sleep 0.1
        done > out/slow.txt''', ["out/slow.txt"], ["src/version"])
    yield sh("sums", '''
        find pages -type f | sort | xargs sha256sum > out/sums
        cat pages.index >> out/sums''',
        ["out/sums"], ["pages", "pages.index"])
    yield sh("pack", '''
        tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf out/all.tar pages gen''',
        ["out/all.tar"], ["pages", "gen"])
    yield sh("final", '''
        cat out/sums out/slow.txt > out/final
        sha256sum < out/all.tar >> out/final
        ./out/program 0 >> out/final''',
        ["out/final"], ["out/sums", "out/slow.txt", "out/all.tar", "out/program"])
"""

MAIN = """
#include <stdio.h>
const char *lexer(void), *parser(void), *table(void);
int main(int count, char **words) {
    for (int line = 0; line < 200; line++)
        printf("%s %d %s %s %s\\n", words[count - 1], line, lexer(), parser(), table());
    return 0;
}
"""

LINES = ("", "\nfunc init() { println(`another`) }\n")

VERSIONS = ("one\n", "two\nand a line, so that there are fewer pages\n")


@dataclass(frozen=True, slots=True)
class Site:
    """A project that is killed while it builds.

    Attributes:
        project: The project.
        store: Where its action cache is kept, in `cache`.
        tasks: What is built.
        outputs: All that is made, relative to the project.
        edit: Makes the sources those of a version, 0 or 1.
    """

    project: Project
    store: Path
    tasks: Sequence[str]
    outputs: Sequence[str]
    edit: Callable[[int], object]

    def forget(self) -> None:
        """Remove the action cache."""
        files.remove_tree(self.store / "cache")

    def clear(self) -> None:
        """Remove whatever was built or remembered."""
        for name in [*self.outputs, *self.kept]:
            files.remove_tree(self.project.root / name)
        self.forget()

    @property
    def kept(self) -> list[str]:
        """What is remembered from run to run, in the project."""
        root = self.project.root
        found = [*root.glob("build/*.json"), *root.glob("build/*.sqlite3*"), root / "build/stage"]
        return [path.relative_to(root).as_posix() for path in found]

    def names(self) -> set[str]:
        """Return what is in the project, but for what is inside outputs."""
        root = self.project.root
        found = {path.relative_to(root).as_posix() for path in files.tree_files(root)}
        inside = tuple(f"{name}/" for name in [*self.outputs, "build/log", "build/stage"])
        return {name for name in found if not name.startswith(inside)}

    def temporaries(self) -> set[str]:
        """Return the files in `build` that were to become records when their writer was killed.

        SIGKILL leaves nobody to remove them, and nobody reads them: they are counted, no fault.
        """
        return {name for name in self.names() if name.startswith("build/.")}

    def damaged(self) -> list[str]:
        """Return the blobs of the action cache that are not what their names say."""
        blobs = (self.store / "cache" / "blobs").glob("*/*")
        return [blob.name for blob in blobs if files.sha256(blob) != blob.name]

    def outcome(self) -> dict[str, str]:
        """Return the digest of each output that is there."""
        root = self.project.root
        return {name: files.digest(root / name) for name in self.outputs if (root / name).exists()}


def small(root: Path) -> Site:
    """Write a project of a dozen steps: a compiler, trees, several outputs, slow writes."""
    project = Project(root / "project", {"DOIT_WASM_STORE": str(root / "store")})
    project.write("dodo.py", DODO)
    project.write("src/main.c", MAIN)
    for name in ("lexer", "parser", "table"):
        text = f'#include "{name}.h"\nconst char *{name}(void) {{ return NAME; }}\n'
        project.write(f"src/{name}.c", text)
    objects = [f"obj/{name}.o" for name in ("lexer", "parser", "table", "main")]
    made = ["lib.a", "program", "slow.txt", "sums", "all.tar", "final"]
    return Site(
        project,
        root / "store",
        [],
        ["gen", "pages", "pages.index", *objects, *(f"out/{name}" for name in made)],
        lambda version: project.write("src/version", VERSIONS[version]),
    )


def chain(root: Path, store: str) -> Site:
    """Copy this repository; its smallest component is built, with the tools of *store*."""
    own = root / "store"
    own.mkdir(parents=True)
    for name in ("tools", "checked", "locks"):
        (own / name).symlink_to(Path(store) / name, target_is_directory=True)
    project = copy_repository(root / "project", str(own))
    main = "components/hello-go/main.go"
    text = project.read(main)
    return Site(
        project,
        own,
        ["component:hello-go"],
        [
            *("build/wit/wasi", "build/wit/hello-go"),
            *("components/hello-go/internal/gen", "build/component/hello-go.wasm"),
        ],
        lambda version: project.write(main, text + LINES[version]),
    )
