"""nvchecker, with its defaults, made to ask a server of ours: what our polling is compared with."""

import json
import subprocess
import venv
from pathlib import Path

RELEASE = "nvchecker==2.22"

# The only two places where it names its server.
WRAPPER = """
import sys
from nvchecker_source import github
github.GITHUB_LATEST_RELEASE = "http://%s/repos/%s/releases/latest"
sys.argv = ["nvchecker", "-c", sys.argv[1]]
from nvchecker.__main__ import main
main()
"""


class Nvchecker:
    """An nvchecker in an environment of its own.

    Args:
        directory: Where the environment and the configuration are made.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        venv.create(directory / "venv", with_pip=True)
        self._python = directory / "venv/bin/python"
        words = [self._python, "-m", "pip", "install", "--quiet", RELEASE]
        subprocess.run(words, check=True)
        (directory / "wrapper.py").write_text(WRAPPER)

    def watch(self, host: str, names: list[str], token: str) -> None:
        """Write what is to be polled on *host* (with its port), with a token."""
        (self._directory / "keys.toml").write_text(f'[keys]\n"{host}" = "{token}"\n')
        lines = ["[__config__]", 'keyfile = "keys.toml"']
        lines += ['oldver = "old.json"', 'newver = "new.json"']
        for name in names:
            lines += [
                f'["{name}"]',
                'source = "github"',
                f'github = "{name}"',
                f'host = "{host}"',
                "use_latest_release = true",
            ]
        (self._directory / "poll.toml").write_text("\n".join(lines) + "\n")

    def poll(self) -> None:
        """Poll all once.

        Raises:
            SystemExit: Not every version was found.
        """
        found = self._directory / "new.json"
        found.unlink(missing_ok=True)
        done = subprocess.run(
            [self._python, "wrapper.py", "poll.toml"],
            cwd=self._directory, capture_output=True, text=True, check=False,
        )  # fmt: skip
        wanted = (self._directory / "poll.toml").read_text().count("source =")
        versions = json.loads(found.read_text())["data"] if found.exists() else {}
        if done.returncode != 0 or len(versions) != wanted:
            said = done.stdout + done.stderr
            raise SystemExit(f"nvchecker found {len(versions)} of {wanted}:\n{said[-2000:]}")
