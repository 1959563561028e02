"""Makes docs/regulation.md from what is there: clauses, readings, policy keys, functions and cases, each linked."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import shared_rules.settlement  # noqa: F401 - loads every clause function
from shared_rules.casefile import read_cases
from shared_rules.data import policy_names
from shared_rules.policy import shipped
from shared_rules.regulation import CLAUSES, functions

if TYPE_CHECKING:
    from shared_rules.regulation import Clause

__all__ = ["page"]

ROOT = Path(__file__).parent.parent
_DIGITS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6"}


def page() -> str:
    """Return the page below its heading, and the table of precedence."""
    cases = _cases()
    return "\n".join(_section(clause, cases.get(clause.id, [])) for clause in CLAUSES.values()) + _precedence()


def _section(clause: Clause, cases: list[str]) -> str:
    keys = " · ".join(_keys(clause.id)) or "–"
    code = " · ".join(_link_to(function) for function in functions()[clause.id])
    shown = " · ".join(cases)
    return (
        f"\n## {clause.id} {clause.title_zh} · {clause.title_en}\n\n{clause.zh}\n\n{clause.en}\n\n"
        f"- 读法 reading: [{clause.id}](readings.md#{_anchor(clause.id)})\n- 开关 policy keys: {keys}\n"
        f"- 函数 function: {code}\n- 案例 cases ({len(cases)}): {shown}\n"
    )


def _anchor(clause_id: str) -> str:
    """Return a heading's anchor as a reader of Markdown makes it: dots fall away."""
    return clause_id.replace(".", "")


def _link_to(function: object) -> str:
    code = inspect.unwrap(function)  # type: ignore[arg-type]
    path = Path(inspect.getsourcefile(code) or "").relative_to(ROOT)
    lines, first = inspect.getsourcelines(code)
    line = first + next(number for number, text in enumerate(lines) if text.lstrip().startswith("def "))
    return f"[`{code.__name__}`](../{path.as_posix()}#L{line})"


def _keys(clause_id: str) -> list[str]:
    """Return links to the keys of a clause's tables, in the policy that ships as default."""
    path = "shared_rules/data/policies/default.toml"
    links, table = [], ""
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        header = re.match(r"\[(\w+)", line)
        table = header.group(1) if header else table
        key = re.match(r"(\w+) =", line)
        known = table and shipped().tables().get(table)
        if known and known[0] == clause_id and key and key.group(1) in known[1]:
            links.append(f"[`{table}.{key.group(1)}`](../{path}#L{number})")
        elif known and known[0] == clause_id and line.startswith("[precedence.beats]"):
            links.append(f"[`precedence.beats`](../{path}#L{number})")
    return links


def _cases() -> dict[str, list[str]]:
    """Return clause -> links to the cases that name it, by their number or in what they expect."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests" / "cases").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        cases = read_cases(text, policy=shipped)
        ends = [case.line - 1 for case in cases[1:]] + [len(lines)]
        for case, end in zip(cases, ends, strict=True):
            expected = "\n".join(lines[case.line : end]).partition("[case.expect")[2]
            for clause_id in CLAUSES:
                if f'"{clause_id}"' in expected or _number(clause_id) in case.id.split("-"):
                    link = f"[{case.id}](../tests/cases/{path.name}#L{case.line})"
                    found.setdefault(clause_id, []).append(link)
    return found


def _number(clause_id: str) -> str:
    return _DIGITS[clause_id[0]] + clause_id[1:]


def _precedence() -> str:
    """Return who has the word where several rules speak about one slip, for each regulation that ships."""
    rows = ["\n## 谁压过谁 · Precedence\n", "| 政策 policy | 规则 rule | 压过 takes out |", "| --- | --- | --- |"]
    for name in policy_names():
        rows += [f"| {name} | {rule} | {' '.join(beaten)} |" for rule, beaten in shipped(name).precedence.beats.items()]
    return "\n".join(rows) + "\n"
