"""The commands that `doit-wasm` adds to those of doit, one file per command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NAME = "doit-wasm"

COMMANDS: Mapping[str, str] = {
    "affected": "pipeline.commands.affected:Affected",
    "build": "pipeline.commands.build:Build",
    "cache": "pipeline.commands.cache:Cache",
    "completion": "pipeline.commands.completion:Completion",
    "dev": "pipeline.commands.dev:Dev",
    "doctor": "pipeline.commands.doctor:Doctor",
    "explain": "pipeline.commands.explain:Explain",
    "export": "pipeline.commands.export:Export",
    "follow": "pipeline.commands.follow:Follow",
    "graph": "pipeline.commands.graph:Graph",
    "import": "pipeline.commands.import_component:Import",
    "init": "pipeline.commands.init:Init",
    "lint_inputs": "pipeline.commands.lint_inputs:LintInputs",
    "lock": "pipeline.commands.lock:Lock",
    "new": "pipeline.commands.new:New",
    "plan": "pipeline.commands.plan:Plan",
    "polls": "pipeline.commands.polls:Polls",
    "report": "pipeline.commands.report:Report",
    "store": "pipeline.commands.store:StoreCommand",
    "summary": "pipeline.commands.summary:Summary",
    "toolchain_matrix": "pipeline.commands.toolchain_matrix:ToolchainMatrix",
    "vendor": "pipeline.commands.vendor:Vendor",
    "watch": "pipeline.commands.watch:Watch",
    "webhook": "pipeline.commands.webhook:Webhook",
}
"""The class of each added command, which is imported when it is used."""

GROUPS: Mapping[str, Sequence[str]] = {
    "Begin": ("init", "new", "import"),
    "Build": ("build", "watch", "dev", "run", "clean", "forget", "ignore", "reset-dep"),
    "Understand a build": (
        *("list", "info", "explain", "plan", "affected", "graph", "report"),
        *("lint_inputs", "strace"),
    ),
    "Tools": ("doctor", "lock", "store", "toolchain_matrix", "vendor"),
    "Checksums": ("polls", "export", "follow", "summary", "webhook"),
    "Other": ("cache", "completion", "help", "dumpdb", "tabcompletion"),
}
"""The commands as `doit-wasm --help` groups them."""
