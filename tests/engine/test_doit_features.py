"""What doit's own features mean for a step: a test for each row of docs/reference/steps.md."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compiler import runs
from pipeline.testing.project import Project, Run
from workshop import REPOSITORY

DODO = """
from pathlib import Path

from doit import create_after
from doit.tools import config_changed, result_dep, run_once
from pipeline import In, Out, doit_config, groups, step

DOIT_CONFIG = doit_config()
MARKS = {marks!r}

def does(name, script, **more):
    argv = ["sh", "-c", f'echo {{name}} >> "$MARKS"; {{script}}']
    return step(name, doc="d", argv=argv, env={{"MARKS": MARKS}}, **more)

def notes(name, *words, **more):
    line = f'echo {{" ".join([name, *words])}} >> {{MARKS}}'
    return {{"basename": name, "actions": [line], **more}}

{tasks}
"""


@pytest.fixture
def make(tmp_path: Path, marks: Path) -> Callable[..., Project]:
    """Give a project with the given tasks, one expression each, and a file `in`."""

    def made(*tasks: str, more: str = "") -> Project:
        yields = "".join(f"    yield {task}\n" for task in tasks)
        body = f"def task_all():\n{yields}\n{more}"
        project = Project(tmp_path / "project", {"DOIT_WASM_CACHE_BYTES": "0"})
        project.write("dodo.py", DODO.format(marks=str(marks), tasks=body))
        project.write("in", "1\n")
        return project

    return made


def ran(project: Project, marks: Path, *words: str) -> list[str]:
    """Run doit; return the names of the tasks that ran, in their order."""
    run = project.doit(*words)
    assert (run.code, run.err) == (0, ""), run.text
    return runs(marks)


ONE = 'does("one", "cat in > one", inputs=["in"], outputs=[Out("one")])'
TWO = 'does("two", "cat one > two", inputs=["one"], outputs=[Out("two")])'
CUT = 'does("one", "cut -c1 in > one", inputs=["in"], outputs=[Out("one")])'
CHECK = 'does("check", "grep -q . in", inputs=["in"])'
BAD = 'does("bad", "exit 1", inputs=["in"])'


def after(name: str) -> str:
    return f'notes("after", uptodate=[result_dep("{name}")])'


def test_result_dep_is_of_the_outputs(make: Callable[..., Project], marks: Path) -> None:
    project = make(CUT, after("one"))
    assert ran(project, marks) == ["one", "after"]
    assert ran(project, marks) == []
    assert project.doit("explain").code == 0
    project.write("in", "12\n")
    assert ran(project, marks) == ["one"]  # it made the same bytes
    project.write("in", "2\n")
    assert ran(project, marks) == ["one", "after"]
    assert ran(project, marks) == []


def test_result_dep_holds_for_outputs_that_come_from_the_cache(
    make: Callable[..., Project], marks: Path
) -> None:
    project = make(CUT, after("one"))
    cached = Project(project.root)
    assert ran(cached, marks) == ["one", "after"]
    assert cached.doit("clean", "one").code == 0
    assert ran(cached, marks) == []
    assert cached.read("one") == "1\n"


def test_result_dep_is_of_the_key_where_nothing_is_made(
    make: Callable[..., Project], marks: Path
) -> None:
    project = make(CHECK, after("check"))
    assert ran(project, marks) == ["check", "after"]
    assert ran(project, marks) == []
    project.write("in", "2\n")
    assert ran(project, marks) == ["check", "after"]


def test_result_dep_is_of_the_digest_of_a_tool(
    make: Callable[..., Project], marks: Path, tmp_path: Path
) -> None:
    body = "def task_tools():\n    yield from toolchains('toolchains')\n"
    made = make(after("toolchain:t"), more=body)
    made.write("dodo.py", made.read("dodo.py").replace("step\n", "step, toolchains\n", 1))
    program = made.write("bin/t", "#!/bin/sh\necho t version 1.2\n")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    project = Project(made.root, {**made.env, "PATH": path})
    source = "kind = 'path'\nprogram = 't'\npattern = 'version (.+)'\nat_least = '1'\n"
    project.write(
        "toolchains/t.toml", f'version = "1.2"\nexecutables = ["bin/t"]\n[[source]]\n{source}'
    )
    assert project.doit().code == 0
    assert runs(marks) == ["after"]
    assert ran(project, marks) == []


def test_getargs_gives_the_digests_of_the_outputs(
    make: Callable[..., Project], marks: Path
) -> None:
    seen = 'Path("seen").write_text(str(found))'
    task = '{"basename": "use", "actions": [use], "getargs": {"found": ("one", "outputs")}}'
    project = make(ONE, task, more=f"def use(found):\n    {seen}\n")
    digest = "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865"
    for expected in (["one"], []):
        assert ran(project, marks) == expected
        assert project.read("seen") == str({"one": digest})


def test_getargs_with_task_dep_sees_each_change(make: Callable[..., Project], marks: Path) -> None:
    """Without it doit may look at the task before what it reads from has run beside it."""
    slow = 'does("one", "sleep 0.2; cat in > one", inputs=["in"], outputs=[Out("one")])'
    keys = '"task_dep": ["one"], "getargs": {"found": ("one", "outputs")}'
    project = make(slow, TWO, f'notes("use", "%(found)s", **{{{keys}}})')
    for text in "abc":
        project.write("in", text)
        assert [line.split()[0] for line in ran(project, marks)].count("use") == 1
        assert not ran(project, marks)


def test_calc_dep_adds_inputs(make: Callable[..., Project], marks: Path) -> None:
    listed = '{"basename": "list", "actions": [names], "file_dep": ["names"]}'
    user = 'does("use", "cat ./*.txt > used", outputs=[Out("used")]) | {"calc_dep": ["list"]}'
    listing = "return {'file_dep': Path('names').read_text().split()}"
    project = make(listed, user, more=f"def names():\n    {listing}\n")
    project.write("names", "a.txt b.txt\n")
    for name in "abc":
        project.write(f"{name}.txt", f"{name}\n")
    assert ran(project, marks) == ["use"]
    assert project.read("used") == "a\nb\n"
    assert ran(project, marks) == []
    assert project.doit("explain").out == "list: fresh\nuse: fresh\n"
    project.write("c.txt", "not read\n")
    assert ran(project, marks) == []
    project.write("b.txt", "other\n")
    assert "input b.txt: " in project.doit("explain", "use").out
    assert ran(project, marks) == ["use"]
    project.write("names", "a.txt\n")
    assert "use: may become stale" in project.doit("explain", "use").out
    assert ran(project, marks) == ["use"]
    assert project.read("used") == "a\n"


def test_setup_runs_only_before_a_step_that_is_stale(
    make: Callable[..., Project], marks: Path
) -> None:
    setup = 'does("setup", "cat in > set", inputs=["in"], outputs=[Out("set")])'
    plain = 'notes("plain", file_dep=["in"], setup=["setup"])'
    project = make('notes("server")', setup, ONE + ' | {"setup": ["server"]}', plain)
    assert ran(project, marks, "one") == ["server", "one"]
    assert ran(project, marks, "one") == []
    assert ran(project, marks, "plain") == ["setup", "plain"]
    assert ran(project, marks, "plain") == []


@pytest.mark.parametrize("workers", ["0", "1", "4"])
def test_teardown_runs_once_and_after_all_tasks(
    make: Callable[..., Project], marks: Path, workers: str
) -> None:
    slow = 'does("slow", "sleep 0.4; echo used >> $MARKS", inputs=["in"])'
    down = "[f'echo down >> {MARKS}']"
    quick = f'{ONE} | {{"teardown": {down}}}'
    project = make(f'{slow} | {{"setup": ["server"]}}', quick, f'notes("server", teardown={down})')
    found = ran(project, marks, "-n", workers, "one", "slow")
    assert found[-2:] == ["down", "down"]
    assert found.count("down") == 2
    assert "used" in found


def test_a_teardown_that_fails_is_reported(make: Callable[..., Project], marks: Path) -> None:
    project = make(f'{ONE} | {{"teardown": ["exit 3"]}}')
    run = project.doit("-n", "2")
    assert "task 'one' teardown action" in run.text


def test_a_teardown_runs_when_its_task_fails(make: Callable[..., Project], marks: Path) -> None:
    down = "[f'echo down >> {MARKS}']"
    for workers in ("0", "2"):
        project = make(f'{BAD} | {{"teardown": {down}}}')
        assert project.doit("-n", workers).code == 1
        assert runs(marks) == ["bad", "down"]


DELAYED = """
@create_after(executed="split", target_regex=r"upper/.*")
def task_upper():
    for part in sorted(Path("parts").glob("*.txt")):
        script = f"mkdir -p upper && tr a-z A-Z < {part} > upper/{part.name}"
        yield does(f"upper:{part.stem}", script, inputs=[part], outputs=[Out(f"upper/{part.name}")])

@create_after(executed="upper", target_regex=r"joined")
def task_join():
    parts = [f"upper/{part.name}" for part in sorted(Path("parts").glob("*.txt"))]
    yield does("join", "cat upper/*.txt > joined", inputs=parts, outputs=[Out("joined")])
"""
SPLIT_SCRIPT = "mkdir -p parts && for n in a b; do echo $n > parts/$n.txt; done"
SPLIT = f'does("split", "{SPLIT_SCRIPT}", outputs=[Out("parts")])'


@pytest.mark.parametrize("workers", ["0", "4"])
def test_delayed_tasks_are_made_from_what_a_step_made(
    make: Callable[..., Project], marks: Path, workers: str
) -> None:
    project = make(SPLIT, more=DELAYED)
    found = ran(project, marks, "-n", workers)
    assert (found[0], sorted(found[1:-1]), found[-1]) == ("split", ["upper:a", "upper:b"], "join")
    assert project.read("joined") == "A\nB\n"
    assert ran(project, marks, "-n", workers) == []
    (project.root / "joined").unlink()
    assert ran(project, marks, "-n", workers, "joined") == ["join"]  # by its target


@pytest.mark.parametrize("workers", ["0", "4"])
def test_delayed_tasks_that_wait_for_the_same_are_made_in_order(
    make: Callable[..., Project], marks: Path, workers: str
) -> None:
    more = DELAYED.replace('executed="upper"', 'executed="split"')
    project = make(SPLIT, more=more)
    for _ in range(5):  # doit's own order differs from run to run
        shutil.rmtree(project.root / "build", ignore_errors=True)
        found = ran(project, marks, "-n", workers)
        assert (found[0], found[-1]) == ("split", "join")
        assert project.doit("clean", "-a").code == 0


def test_continue_runs_what_does_not_need_what_failed(
    make: Callable[..., Project], marks: Path
) -> None:
    bad = 'does("bad", "exit 1", inputs=["in"], outputs=[Out("made")])'
    project = make(bad, 'does("user", "true", inputs=["made"])', ONE)
    assert project.doit("--continue").code == 2  # as doit has it when something was not run
    assert sorted(runs(marks)) == ["bad", "one"]


def test_always_runs_the_command_again(make: Callable[..., Project], marks: Path) -> None:
    project = Project(make(ONE, TWO).root)  # with the action cache
    assert ran(project, marks) == ["one", "two"]
    assert ran(project, marks, "-a") == ["one", "two"]
    assert ran(project, marks) == []


def test_single_runs_nothing_that_it_needs(make: Callable[..., Project], marks: Path) -> None:
    project = make(ONE, TWO)
    assert ran(project, marks) == ["one", "two"]
    project.write("in", "2\n")
    assert ran(project, marks, "-s", "two") == []
    assert ran(project, marks, "two") == ["one", "two"]


def test_reset_dep_makes_no_stale_output_fresh(make: Callable[..., Project], marks: Path) -> None:
    project = make(ONE, TWO, after("one"))
    assert ran(project, marks)[:1] == ["one"]
    project.write("in", "2\n")
    assert project.doit("reset-dep").code == 0
    assert ran(project, marks, "two") == ["one", "two"]
    assert project.read("two") == "2\n"


def test_ignore_skips_a_step_until_it_is_forgotten(
    make: Callable[..., Project], marks: Path
) -> None:
    project = make(ONE, TWO)
    assert project.doit("ignore", "one").code == 0
    assert ran(project, marks) == []
    assert project.doit("forget", "one").code == 0
    assert ran(project, marks) == ["one", "two"]


def test_forget_makes_a_step_run_or_come_from_the_cache(
    make: Callable[..., Project], marks: Path
) -> None:
    project = make(ONE)
    assert ran(project, marks) == ["one"]
    assert project.doit("forget", "one").code == 0
    assert ran(project, marks) == ["one"]
    cached = Project(project.root)
    assert ran(cached, marks, "-a") == ["one"]
    assert cached.doit("forget", "one").code == 0
    assert ran(cached, marks) == []


def test_clean_removes_outputs_and_forget_what_is_known(
    make: Callable[..., Project], marks: Path
) -> None:
    made = 'does("dir", "mkdir d && cat one > d/x", inputs=["one"], outputs=[Out("d")])'
    project = make(ONE, made)
    assert ran(project, marks) == ["one", "dir"]
    assert project.doit("clean", "-n", "-c", "dir").out == (
        "dir - executing 'remove d'\none - executing 'remove one'\n"
    )
    assert (project.root / "d/x").exists()
    assert project.doit("clean", "-c", "dir").code == 0
    assert not (project.root / "d").exists()
    assert not (project.root / "one").exists()
    assert ran(project, marks) == ["one", "dir"]
    assert project.doit("clean", "--forget", "dir").code == 0
    assert "never run" in project.doit("explain", "dir").out
    assert ran(project, marks) == ["dir"]


def test_info_and_list_tell_how_a_step_stands(make: Callable[..., Project], marks: Path) -> None:
    project = make(ONE)

    def standing() -> tuple[Run, str]:
        return project.doit("info", "one"), project.doit("list", "-s").out.split()[0]

    stale, mark = standing()
    assert (stale.code, mark) == (1, "R")
    assert "command, environment, tools, inputs and outputs of one" in stale.out
    assert ran(project, marks) == ["one"]
    fresh, mark = standing()
    assert (fresh.code, mark) == (0, "U")
    assert re.search(r"targets +: \n - one", fresh.out)


def test_further_uptodate_checks_can_be_added(make: Callable[..., Project], marks: Path) -> None:
    add = 'task["uptodate"].append(config_changed(Path("config").read_text()))'
    body = f"def task_one():\n    task = {ONE}\n    {add}\n    return task\n"
    project = make('notes("nothing", uptodate=[True])', more=body)
    project.write("config", "1")
    assert ran(project, marks, "one") == ["one"]
    assert ran(project, marks, "one") == []
    project.write("config", "2")
    assert ran(project, marks, "one") == ["one"]


def test_each_row_of_the_table_has_its_test() -> None:
    page = (REPOSITORY / "docs/reference/steps.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)`.*\| `(test_\w+)` \|$", page, re.MULTILINE)
    assert len(rows) >= 15
    assert {test for _, test in rows} <= set(globals())
