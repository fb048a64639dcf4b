"""`doit completion bash|zsh|fish`: what makes a shell complete commands and tasks.

doit's own `tabcompletion` takes a colon in a name for the end of it, in zsh before the description
and in bash before a subtask, so that `component:cli` is never completed; and it has no fish.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from pipeline.commands.tool_command import StandaloneCommand
from pipeline.errors import DeclarationError

BASH = """\
# eval "$(doit completion bash)"
_doit() {
    local line="${COMP_LINE:0:COMP_POINT}" commands=""
    local current="${line##* }"
    [[ $COMP_CWORD -gt 1 && "${COMP_WORDS[1]}" != help && "$line" == *\\ *\\ * ]] ||
        commands="@COMMANDS@"
    COMPREPLY=($(compgen -W "$commands $(doit list --all --quiet 2>/dev/null)" -- "$current"))
    # To bash a colon ends a word: it inserts only what comes after the last one.
    [[ "$COMP_WORDBREAKS" != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
}
complete -o default -F _doit doit
"""

ZSH = """\
#compdef doit
# eval "$(doit completion zsh)", after compinit
_doit() {
    local -a names
    names=(${(f)"$(doit list --all --quiet 2>/dev/null)"})
    names=(${names%% *})
    (( CURRENT > 2 )) && [[ $words[2] != help ]] || names+=(@COMMANDS@)
    compadd -a names || _files
}
compdef _doit doit
"""

FISH = """\
# doit completion fish | source
function __doit_tasks
    doit list --all --template \\{name\\}\\t\\{doc\\} 2>/dev/null
end
complete -c doit -a '(__doit_tasks)'
complete -c doit -n 'test (count (commandline -opc)) -eq 1' -f -a '@COMMANDS@'
complete -c doit -n '__fish_seen_subcommand_from help' -f -a '@COMMANDS@'
"""

SCRIPTS: Mapping[str, str] = {"bash": BASH, "zsh": ZSH, "fish": FISH}


class Completion(StandaloneCommand):
    """Prints the script for a shell."""

    doc_purpose = "print the script that makes a shell complete commands and tasks"
    doc_usage = "bash|zsh|fish"
    doc_description = """Put the line for your shell where it starts:
~/.bashrc: eval "$(doit completion bash)"
~/.zshrc, after compinit: eval "$(doit completion zsh)"
~/.config/fish/config.fish: doit completion fish | source"""

    def __init__(self, *, cmds: Iterable[str] = (), **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._commands = sorted(cmds)

    def perform(self, options: Mapping[str, object], words: Sequence[str]) -> int:
        """Print the script."""
        del options
        shells = ", ".join(SCRIPTS)
        if len(words) != 1 or words[0] not in SCRIPTS:
            given = " ".join(words) or "none"
            raise DeclarationError(
                f"cannot complete for {given}", fix=f"name one shell of {shells}"
            )
        sys.stdout.write(SCRIPTS[words[0]].replace("@COMMANDS@", " ".join(self._commands)))
        return 0
