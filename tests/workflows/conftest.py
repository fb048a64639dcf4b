from checksums.conftest import program

__all__ = ["program"]
