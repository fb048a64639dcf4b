"""Which versions of a WIT package are compatible with each other, as wac and wasmtime see it."""

from __future__ import annotations


def series(version: str) -> str:
    """Return what compatible versions have in common, or "" if none is compatible with this one.

    Args:
        version: A version such as `0.2.6`, or "".
    """
    if "-" in version.partition("+")[0] or not version:
        return ""
    major, minor, _ = version.partition("+")[0].split(".")
    if major != "0":
        return major
    return "" if minor == "0" else f"0.{minor}"


def numbers(version: str) -> list[int]:
    """Return the numbers of a version, by which versions are ordered.

    Args:
        version: A version such as `0.2.6`.
    """
    plain = version.partition("+")[0].partition("-")[0]
    return [int(number) for number in plain.split(".")]
