"""Names of components: such as every language, WIT and every file system allow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import DeclarationError

MOST: Final = 64
"""The longest name in characters, which is that of package registries."""
ALLOWED: Final = (
    "words of a-z and 0-9 that begin with a letter, joined by hyphens, "
    f"at most {MOST} characters: my-component"
)
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*")

RESERVED: Final[Mapping[str, str]] = {
    "is a keyword of WIT": (
        "as async bool borrow char constructor enum export flags from func future import "
        "include interface list map option own package record resource result static stream "
        "string tuple type use variant with world error-context f32 f64 s8 s16 s32 s64 u8 u16 "
        "u32 u64"
    ),
    "is a keyword of Go": (
        "break case chan const continue default defer else fallthrough for go goto if range "
        "return select struct switch var"
    ),
    "is a keyword of Rust": (
        "abstract await become box crate do dyn extern false final fn gen impl in let loop "
        "macro match mod move mut override priv pub ref self super trait true try typeof "
        "union unsafe unsized virtual where while yield"
    ),
    "is a keyword of C": (
        "auto double float inline int long register restrict short signed sizeof typedef "
        "unsigned void volatile"
    ),
    "is a keyword of Python": (
        "and assert class def del elif except finally global is lambda none nonlocal not or "
        "pass raise"
    ),
    "is a keyword of JavaScript": (
        "arguments catch debugger delete eval function implements instanceof new null private "
        "protected public this throw undefined"
    ),
    "is the name of a crate that Rust knows": ("alloc core proc-macro std test wit-bindgen"),
    "is a directory with a meaning of its own": (
        "build docs internal pipeline target testdata tests vendor wit"
    ),
    "is the name of a device on Windows": (
        "aux con nul prn com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt0 lpt1 lpt2 "
        "lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9"
    ),
}
"""Why a name cannot be used, to the names, separated by spaces."""


def require_name(name: str, option: str = "--name ") -> None:
    """Raise unless *name* can be the name of a component in every language.

    Args:
        name: The name.
        option: What comes before a name on the command line, for the message.

    Raises:
        DeclarationError: It cannot be; the message says what is allowed.
    """
    if why := refusal(name):
        shown = files.shown(name if len(name) <= MOST else f"{name[:MOST]}…")
        better = derived(name)
        is_better = better != name and not refusal(better)
        named = f"name it with {option}".rstrip() if option else "choose another"
        fix = f"write {option}{better}, or name it" if is_better else named
        raise DeclarationError(
            f"{shown} cannot be the name of a component",
            why=why,
            fix=f"{fix}: {ALLOWED}",
        )


def refusal(name: str) -> str:
    """Return why *name* cannot be the name of a component; empty if it can."""
    reserved = [why for why, names in RESERVED.items() if name in names.split()]
    faults = {
        "it is empty": not name,
        f"it has {len(name)} characters": len(name) > MOST,
        "it is not ASCII": not name.isascii(),
        "it has upper-case letters": name != name.lower(),
        "a word of it begins with a digit": bool(re.search(r"(?:^|-)[0-9]", name)),
        "it has other characters": not _NAME.fullmatch(name),
        f"it {' and '.join(reserved)}": bool(reserved),
    }
    return next((why for why, wrong in faults.items() if wrong), "")


def derived(text: str) -> str:
    """Return the name that comes nearest to *text*: `my-dir2` for `My_Dir_2`."""
    if not text.isascii():
        return text
    words = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    return re.sub("-(?=[0-9])", "", words)


def name_of(directory: Path) -> str:
    """Return the name of a component that follows from the name of its directory.

    Raises:
        DeclarationError: None does.
    """
    found = derived(directory.resolve().name)
    require_name(found)
    return found
