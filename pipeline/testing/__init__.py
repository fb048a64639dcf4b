"""A fake GitHub with a pytest fixture, for tests of pipelines and of release pollers."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeline.testing.github import FakeGitHub, ManualClock, faults

__all__ = ["FakeGitHub", "ManualClock", "faults"]


def __getattr__(name: str) -> object:
    """Import a name when it is first used, because the demo does not need all of them."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    github = import_module("pipeline.testing.github")
    return (
        import_module("pipeline.testing.github.faults")
        if name == "faults"
        else getattr(github, name)
    )
