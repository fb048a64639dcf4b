"""The blocks of the documentation that tests/docs does not run, and why: the page, the first line.

`*` stands for all blocks of a page. A reason that names a test says where they are run instead.
"""

from collections.abc import Mapping

from workshop import REPOSITORY

SYNOPSES = "synopses and excerpts of outputs; tests of each command run it"
EXAMPLE = "tests/examples/test_examples.py runs the page of each example"

BAZEL = (
    'wit_library(name = "calculator_wit", srcs = ["wit/calculator.wit"], '
    'package_name = "docs:calculator")'
)

EXEMPT: Mapping[str, Mapping[str, str]] = {
    "docs/comparison.md": {"*": "other tools; tests/docs/test_comparison.py counts the lines"},
    "README.md": {"*": "tests/end_to_end/test_readme.py builds dodo.py; the gate runs the rest"},
    **{
        f"docs/examples/{project.parent.name}/README.md": {"*": EXAMPLE}
        for project in (REPOSITORY / "docs/examples").glob("*/dodo.py")
    },
    "docs/howto/add-a-source.md": {"*": "tests/toolchain/test_add_a_source.py follows the page"},
    "docs/howto/automate-updates.md": {"*": "tests/checksums/test_workflow.py runs the workflow"},
    "docs/howto/begin.md": {"*": "tests/commands/test_init.py runs it in each language"},
    "docs/howto/fake-github.md": {
        "from pipeline.testing import faults": "a fragment; see tests/testing/test_downloads.py",
    },
    "docs/howto/first-run.md": {"*": "the `workshop` of tests/conftest.py is the first run"},
    "docs/howto/from-bazel.md": {
        BAZEL: ("what is moved from, for which Bazel would be needed"),
    },
    "docs/howto/from-make.md": {
        "build/hello.wasm: hello/hello.c wit/hello.wit": "what is moved from; clang is not here",
    },
    "docs/howto/publish.md": {
        "doit check": "pushes to a registry of others, with credentials",
        '"$wkg" publish build/component/store.wasm': "pushes to a registry of others as well",
    },
    "docs/howto/keep-checksums.md": {
        "$ doit checksums": "polls GitHub; tests/checksums/test_tasks.py polls the fake one",
        "$ doit-wasm explain checksums:wac": "needs a poll; tests/checksums/test_tasks.py has one",
    },
    "docs/howto/offline.md": {
        "doit-wasm vendor ../vendored": "fetches gigabytes; see tests/toolchain/test_vendor.py",
        "export DOIT_WASM_VENDOR=../vendored DOIT_WASM_OFFLINE=1": (
            "needs what the first block fetches; tests/end_to_end/test_without_network.py"
        ),
    },
    "docs/howto/many-machines.md": {"*": "tests/engine/remote/test_dask.py starts such a cluster"},
    "docs/howto/report.md": {"*": "tests/report/test_page.py writes and serves the page"},
    "docs/howto/share-a-cache.md": {"*": "needs servers; the tests of the remote cache start them"},
    "docs/howto/test-components.md": {"*": "tests/component_test/test_page.py runs the page"},
    "docs/howto/webhooks.md": {"*": "needs systemd; tests/webhook/test_howto.py reads its units"},
    "docs/reference/benchmarks.md": {"*": "benches and soaks, of minutes to hours each"},
    "docs/reference/commands.md": {"*": SYNOPSES},
    "docs/reference/polling.md": {"*": "excerpts; tests/checksums/test_schedule.py has the plan"},
    "docs/reference/transfers.md": {"*": SYNOPSES},
    "docs/reference/updater-validation.md": {"*": "needs the built updater: tests/updater"},
    "docs/reference/updater.md": {"*": "needs the built updater: tests/launcher and tests/updater"},
}
