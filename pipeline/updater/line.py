"""The command line of the updater, as far as the launcher has to know it."""

from __future__ import annotations

TYPE_CHECKING = False  # typing has it too, and takes longer to import than a launch
if TYPE_CHECKING:
    from collections.abc import Sequence

OFFLINE = ("list", "validate", "generate-bazel-rules")
ONLINE = ("check", "update")


class Line:
    """A command line; the component itself reads all of it.

    Attributes:
        rest: The words without `--dir`.
        options: The options among them, without `--all`.
        tools: The tools that are named.
        directory: The directory of the checksums.
        command: The first word that is no option; empty if there is none.
        online: Whether it polls.
        isolates: Whether it goes on with the others if it traps on one tool.
        writes: Whether it changes files.
        reads: Whether it reads files: help and usage errors need no directory.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.rest: list[str] = []
        self.directory = "checksums"
        named: list[str] = []
        options: list[str] = []
        left = iter(words)
        for word in left:
            if word == "--dir":
                value = next(left, None)
                if value is None:
                    self.rest.append(word)  # the component says that something is missing
                else:
                    self.directory = value
            elif word.startswith("--dir="):
                self.directory = word.removeprefix("--dir=")
            elif word == "--":
                values = list(left)
                self.rest += [word, *values]
                named += values
            else:
                self.rest.append(word)
                (options.append if word.startswith("-") else named.append)(word)
        self.command = named[0] if named else ""
        letters = {letter for word in options if not word.startswith("--") for letter in word}
        asks = bool({"--help", "--version"}.intersection(options) or letters & {"h", "V"})
        self.options = [word for word in options if word != "--all"]
        self.tools = named[1:]
        polls = self.command in ONLINE or (self.command == "validate" and "--online" in options)
        self.reads = self.command in (*ONLINE, *OFFLINE) and not asks
        self.online = self.reads and polls
        self.isolates = self.reads and self.command in (*ONLINE, "validate")
        self.writes = self.online and self.command == "update" and "--dry-run" not in options
