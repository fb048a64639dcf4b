"""The profile of a run: what it builds for. Each profile has its own outputs and records."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from doit import get_var

from pipeline.errors import DeclarationError
from pipeline.settings import PROFILE

if TYPE_CHECKING:
    from typing import Final

Profile: TypeAlias = Literal["dev", "release", "size"]

PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)
RELEASE: Final[Profile] = "release"


def chosen(of_rule: Profile | None = None) -> Profile:
    """Return the profile that a rule builds with.

    Args:
        of_rule: What its declaration says; default: what `doit profile=NAME` says, else the
            variable DOIT_WASM_PROFILE, else `release`.

    Raises:
        DeclarationError: There is no such profile.
    """
    if of_rule:
        return of_rule
    for where, name in (("profile=", get_var("profile")), (PROFILE, os.environ.get(PROFILE))):
        if name:
            return _known(name, where)
    return RELEASE


def _known(name: str, where: str) -> Profile:
    for profile in PROFILES:
        if profile == name:
            return profile
    raise DeclarationError(
        f"{where}: there is no profile `{name}`", fix=f"name one of: {', '.join(PROFILES)}"
    )
