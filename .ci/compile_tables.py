"""Compile the traditional-to-simplified table from the dictionary of opencc-python-reimplemented (Apache-2.0).

    python .ci/compile_tables.py TSCharacters.txt > shared_rules/data/traditional.txt

Each traditional character folds to its first simplified form; chains are closed, so that folding twice changes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

HEADER = """# Traditional -> simplified, one pair of characters after another; version 1.
# Source: TSCharacters.txt of OpenCC as packaged by opencc-python-reimplemented 0.1.7, Apache License 2.0.
# Compiled by .ci/compile_tables.py; do not edit by hand."""
PAIRS_A_LINE = 40


def compile_table(dictionary: str) -> str:
    """Return the data file for a dictionary of `traditional<TAB>simplified [others]` lines."""
    first = dict(line.split("\t", 1) for line in dictionary.splitlines() if "\t" in line)
    folds = {key: value.split()[0] for key, value in first.items()}
    closed = {key: _end(key, folds) for key in folds}
    pairs = [key + value for key, value in sorted(closed.items()) if key != value]
    lines = ["".join(pairs[at : at + PAIRS_A_LINE]) for at in range(0, len(pairs), PAIRS_A_LINE)]
    return "\n".join([HEADER, *lines]) + "\n"


def _end(character: str, folds: dict[str, str]) -> str:
    seen = {character}
    while folds.get(character, character) not in seen:
        character = folds[character]
        seen.add(character)
    return character


if __name__ == "__main__":
    sys.stdout.write(compile_table(Path(sys.argv[1]).read_text(encoding="utf-8")))
