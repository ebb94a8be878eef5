"""How bash and fish ask for completions: as click's ways do, but for values that hold commas, quotes or equals signs.

bash breaks words at ``=`` and ``(`` and expects the part after the break only, escaped as the user would have to;
its script therefore sends the line as typed. Importing this module makes click use these ways; zsh's needs no change.
"""

from __future__ import annotations

import os
import re
from typing import Any, ClassVar

from click.shell_completion import BashComplete, CompletionItem, FishComplete, add_completion_class, split_arg_string

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line
    COMPREPLY=()
    for line in $(env COMP_TYPED="${COMP_LINE:0:COMP_POINT}" COMP_CURRENT="${COMP_WORDS[COMP_CWORD]}" \\
            %(complete_var)s=bash_complete "$1"); do
        case $line in
            plain,*)
                COMPREPLY+=("${line#plain,}")
                [[ $line == *[=\\(] ]] && compopt -o nospace
                ;;
            file,*) compopt -o default ;;
            dir,*) compopt -o dirnames ;;
        esac
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_FISH = """\
function %(complete_func)s
    for line in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) \\
            %(prog_name)s)
        set -l parts (string split -m 1 "," -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""
_QUOTES = ("'", '"')
_SPECIAL = re.compile(r"([^\w@%+=:,./-])")
"""A character that means something to a shell."""


class Bash(BashComplete):
    """Completes in bash."""

    source_template: ClassVar[str] = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the complete words after the program's name, and the incomplete one, both without quotes."""
        typed = os.environ["COMP_TYPED"]
        start = last_word_start(typed)
        self._written = typed[start:]
        words = split_arg_string(self._written)
        return split_arg_string(typed[:start])[1:], words[0] if words else ""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return what is to stand in the place of bash's current word."""
        if item.type != "plain":
            return super().format_completion(item)
        return f"plain,{reply(item.value, self._written, os.environ.get('COMP_CURRENT', ''))}"


class Fish(FishComplete):
    """Completes in fish."""

    source_template: ClassVar[str] = _FISH


def last_word_start(typed: str) -> int:
    """Return where the last word of a line starts: after the last blank that is not quoted."""
    start, quote, escaped = 0, "", False
    for index, letter in enumerate(typed):
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES:
            quote = letter
        elif letter.isspace():
            start = index + 1
    return start


def reply(value: str, written: str, current: str) -> str:
    """Return what bash has to put in the place of ``current``, the end of the word ``written``, to make ``value``.

    Within quotation marks it takes the value as it is; elsewhere, special characters are escaped.

    Examples
    --------
    >>> reply("connectivity=banded(", "connectivity=ba", "ba"), reply("banded(1,1)", '"ba', '"ba')
    ('banded\\\\(', 'banded(1,1)')
    """
    if written.startswith("--") and "=" in written:
        written = written.partition("=")[2]  # click completes the value of an option alone
    if written[:1] in _QUOTES:
        return value
    kept = len(current) if written.endswith(current) and current.strip("=:(") else 0
    return _SPECIAL.sub(r"\\\1", value)[len(written) - kept :]


add_completion_class(Bash)
add_completion_class(Fish)
