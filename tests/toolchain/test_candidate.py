"""For each source of a tool, its key and its name in the store are computed once."""

from __future__ import annotations

from collections import Counter

from pipeline.toolchain.install import candidate
from pipeline.toolchain.install.entry_key import entry_key
from pipeline.toolchain.platform import current
from pipeline.toolchain.spec.tool_files import ToolFiles


def test_an_install_computes_the_key_of_each_source_once(project, monkeypatch) -> None:
    project.serve("t", {"t-1/bin/t": "x"}, head='executables = ["bin/t"]', source="strip = 1")
    file = project.directory / "t.toml"
    head, _, rest = file.read_text().partition("[[source]]")
    gone = f'kind = "url"\nurl = "{project.server.url}/gone"\nsha256 = "{"a" * 64}"\n'
    file.write_text(f"{head}[[source]]\n{gone}[[source]]{rest}")
    computed = Counter()

    def counted(tool, source, tools, platform) -> str:
        computed[str(source)] += 1
        return entry_key(tool, source, tools, platform)

    monkeypatch.setattr(candidate, "entry_key", counted)
    project.installer().install("t")
    assert computed == {f"{project.server.url}/gone": 1, f"{project.server.url}/t.tar.gz": 1}


def test_a_candidate_names_the_entry_that_the_install_makes(project) -> None:
    project.serve("t", {"t-1/bin/t": "x"}, head='executables = ["bin/t"]', source="strip = 1")
    installer = project.installer()
    tool = installer.install("t")
    platform, checked = current(), project.store.checked
    (one,) = candidate.of_tool(ToolFiles((project.directory,)), "t", platform, checked)["t"].ordered
    assert tool.root == project.store.root / "tools" / one.entry_name / "tree"
