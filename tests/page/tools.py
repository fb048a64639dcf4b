"""The tools of these tests, in the store of the user who runs them."""

from pathlib import Path

from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store

TOOLS = Path(__file__).parent / "tools"


def tool(name: str, store: Store) -> Path:
    """Return the directory of a tool, which is installed if need be."""
    return Installer(ToolFiles((TOOLS,)), store=store).install(name).root
