"""The command line of the updater, as far as the launcher has to know it."""

from __future__ import annotations

TYPE_CHECKING = False  # typing has it too, and takes longer to import than a launch
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OFFLINE = ("list", "validate", "generate-bazel-rules")
ONLINE = ("check", "update", "poll")
RELEASES = "build/releases"

PLACES = {"--dir": "directory", "--releases": "releases"}
"""The options that name directories of the host, which the component knows by other names."""


class Line:
    """A command line; the component itself reads all of it.

    Attributes:
        rest: The words without `--dir`.
        options: The options among them, without `--all`.
        tools: The tools that are named.
        directory: The directory of the checksums.
        releases: The directory of the release files; empty if none is used.
        command: The first word that is no option; empty if there is none.
        online: Whether it polls.
        isolates: Whether it goes on with the others if it traps on one tool.
        writes: Whether it changes files.
        reads: Whether it reads files: help and usage errors need no directory.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.rest: list[str] = []
        self.directory = "checksums"
        self.releases = ""
        named, options = self._read(iter(words))
        self.command = named[0] if named else ""
        letters = {letter for word in options if not word.startswith("--") for letter in word}
        asks = bool({"--help", "--version"}.intersection(options) or letters & {"h", "V"})
        self.options = [word for word in options if word != "--all"]
        self.tools = named[1:]
        polls = self.command in ONLINE or (self.command == "validate" and "--online" in options)
        self.reads = self.command in (*ONLINE, *OFFLINE) and not asks
        self.online = self.reads and polls
        if self.command == "poll":
            self.releases = self.releases or RELEASES
        self.isolates = self.reads and self.command in (*ONLINE, "validate")
        self.writes = self.online and self.command == "update" and "--dry-run" not in options

    def _read(self, words: Iterator[str]) -> tuple[list[str], list[str]]:
        """Take the directories out of *words*; return the words that are arguments, and options."""
        named: list[str] = []
        options: list[str] = []
        for word in words:
            option, mark, value = word.partition("=")
            if option in PLACES:
                following = value if mark else next(words, None)
                if following is None:
                    self.rest.append(word)  # the component says that something is missing
                else:
                    setattr(self, PLACES[option], following)
            elif word == "--":
                values = list(words)
                self.rest += [word, *values]
                named += values
            else:
                self.rest.append(word)
                (options if word.startswith("-") else named).append(word)
        return named, options
