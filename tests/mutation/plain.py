"""Copies the tree with every clause undecorated: mutmut passes over a decorated function, and those are the clauses."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

__all__ = ["copy_tree", "undecorated"]


def undecorated(source: str) -> str:
    """Return a module in which `@clause(…) def f` has become `def f` and, behind it, `f = clause(…)(f)`."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if not isinstance(node, ast.FunctionDef):
            continue
        registering = [one for one in node.decorator_list if _is_clause(one)]
        assert node.end_lineno is not None
        for decorator in registering:
            behind = f"{node.name} = {ast.unparse(decorator)}({node.name})"
            lines[node.end_lineno : node.end_lineno] = ["", "", behind]
        for decorator in reversed(registering):
            assert decorator.end_lineno is not None
            del lines[decorator.lineno - 1 : decorator.end_lineno]
    return "\n".join(lines) + "\n"


def _is_clause(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "clause"


def copy_tree(root: Path, to: Path) -> None:
    """Copy what git knows of, with the clauses undecorated."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if not (root / name).is_file():
            continue
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target)
    for module in (to / "shared_rules" / "clauses").glob("*.py"):
        module.write_text(undecorated(module.read_text(encoding="utf-8")), encoding="utf-8")
