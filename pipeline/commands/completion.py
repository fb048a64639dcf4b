"""`doit-wasm completion bash|zsh|fish`: the script that makes a shell complete commands and tasks.

doit's own `tabcompletion` ends a name at its first colon, because zsh puts one before a description
and bash one before a subtask. It never completes `component:cli`, and it does not support fish.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from pipeline.commands import COMMANDS, NAME
from pipeline.commands.tool_command import StandaloneCommand
from pipeline.errors import DeclarationError

BASH = """\
# eval "$(doit-wasm completion bash)"
_doit() {
    local line="${COMP_LINE:0:COMP_POINT}" commands="@DOIT@"
    local current="${line##* }"
    [[ "$1" != *doit-wasm ]] || commands="@DOIT_WASM@"
    [[ $COMP_CWORD -le 1 || "${COMP_WORDS[1]}" == help || "$line" != *\\ *\\ * ]] || commands=""
    COMPREPLY=($(compgen -W "$commands $("$1" list --all --quiet 2>/dev/null)" -- "$current"))
    # A colon ends a word in bash, which inserts only the part after the last one.
    [[ "$COMP_WORDBREAKS" != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
}
complete -o default -F _doit doit doit-wasm
"""

ZSH = """\
#compdef doit doit-wasm
# eval "$(doit-wasm completion zsh)", after compinit
_doit() {
    local -a names commands
    names=(${(f)"$($words[1] list --all --quiet 2>/dev/null)"})
    names=(${names%% *})
    commands=(@DOIT@)
    [[ $words[1] != *doit-wasm ]] || commands=(@DOIT_WASM@)
    (( CURRENT > 2 )) && [[ $words[2] != help ]] || names+=($commands)
    compadd -a names || _files
}
compdef _doit doit doit-wasm
"""

FISH = """\
# doit-wasm completion fish | source
function __doit_tasks
    $argv[1] list --all --template \\{name\\}\\t\\{doc\\} 2>/dev/null
end
complete -c doit -a '(__doit_tasks doit)'
complete -c doit -n 'test (count (commandline -opc)) -eq 1' -f -a '@DOIT@'
complete -c doit -n '__fish_seen_subcommand_from help' -f -a '@DOIT@'
complete -c doit-wasm -a '(__doit_tasks doit-wasm)'
complete -c doit-wasm -n 'test (count (commandline -opc)) -eq 1' -f -a '@DOIT_WASM@'
complete -c doit-wasm -n '__fish_seen_subcommand_from help' -f -a '@DOIT_WASM@'
"""

SCRIPTS: Mapping[str, str] = {"bash": BASH, "zsh": ZSH, "fish": FISH}


class Completion(StandaloneCommand):
    """Prints the script for a shell."""

    doc_purpose = "print the script that makes a shell complete commands and tasks"
    doc_usage = "bash|zsh|fish"
    doc_description = """Add the line for your shell to the file that it reads at the start:
~/.bashrc: eval "$(doit-wasm completion bash)"
~/.zshrc, after compinit: eval "$(doit-wasm completion zsh)"
~/.config/fish/config.fish: doit-wasm completion fish | source
It completes `doit` too. The script of `doit completion`, which only projects that opt in have, also
completes the commands of doit-wasm after `doit`."""

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
        claimed = COMMANDS if self.bin_name == NAME else {}
        doits = [name for name in self._commands if name not in claimed]
        script = SCRIPTS[words[0]].replace("@DOIT_WASM@", " ".join(self._commands))
        sys.stdout.write(script.replace("@DOIT@", " ".join(doits)))
        return 0
