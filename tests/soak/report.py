"""The figures of a soak."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tests.soak.kill import MODES, Soak


def report(soak: Soak) -> Iterator[str]:
    """Yield lines: how many kills, how, when, what they cost, and all that was wrong."""
    kills = soak.kills
    yield f"{len(kills)} builds killed; {soak.late} more had ended before their signal"
    yield f"by signal:    {_counted(kill.how for kill in kills)}"
    yield f"by mode:      {_counted(f'-n {kill.mode}' for kill in kills)}"
    yield f"began with:   {_counted(kill.start for kill in kills)}"
    yield f"steps begun:  {_counted(_phase(kill.begun) for kill in kills)}"
    slowest = max((kill.seconds for kill in kills), default=0.0)
    yield f"all ended:    {slowest:.2f} s after the signal at most"
    run, cached = (
        (sum(numbers) for numbers in zip(*soak.mended, strict=True)) if soak.mended else (0, 0)
    )
    mended = f"{len(soak.mended)} builds mended"
    yield f"{mended}: {run} steps run, {cached} found done; then nothing to do"
    yield f"left over:    {len(soak.temporaries)} temporary files of records in build"
    undisturbed = {mode: soak.whole["cold", mode] for mode in MODES}
    yield f"undisturbed:  {_named(undisturbed)}"
    faults = soak.faults()
    yield f"{len(faults)} faults"
    yield from faults


def _phase(begun: int) -> str:
    return "none" if begun == 0 else f"{begun - (begun - 1) % 4}-{begun - (begun - 1) % 4 + 3}"


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{word} {count}" for word, count in sorted(Counter(words).items()))


def _named(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"-n {mode} {took:.2f} s" for mode, took in seconds.items())
