#!/usr/bin/env python3
"""Set up once, then run: `python3 run.py demo`, `python3 run.py test`, `python3 run.py COMMAND …`.

Only the standard library, because it runs before anything is installed. It makes `.venv` without ensurepip (Debian
ships venv without it), installs the pinned and hashed requirements, and runs the command inside.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NOT_FOR_USERS = {"test": ["-m", "pytest"], "python": []}


def environment(lock: str) -> Path:
    """Return the interpreter of `.venv`, made or renewed if the pinned versions changed."""
    python = ROOT / ".venv" / "bin" / "python"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + (ROOT / lock).read_bytes()).hexdigest()
    mark = ROOT / ".venv" / f"{lock}.sha256"
    if not (mark.exists() and mark.read_text() == wanted):
        print("准备环境 / preparing the environment …", file=sys.stderr, flush=True)
        if not python.exists():
            venv.create(ROOT / ".venv", with_pip=False, symlinks=True)
        install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        install += ["--disable-pip-version-check", "--no-input", "--no-compile"]
        subprocess.run([*install, "--require-hashes", "-r", str(ROOT / lock)], check=True)
        own = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
        subprocess.run([*install, *own], check=True)
        mark.write_text(wanted)
    return python


def main(arguments: list[str]) -> int:
    """Run one command in the environment and return its exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the file that tells the user so
        print("需要 Python 3.11 或更新 / Python 3.11 or newer is needed", file=sys.stderr)
        return 2
    command, *rest = arguments or ["--help"]
    python = environment("requirements-dev.txt" if command in NOT_FOR_USERS else "requirements.txt")
    target = NOT_FOR_USERS.get(command, ["-m", "kiosk.cli", command])
    os.chdir(ROOT if command == "test" else Path.cwd())
    return subprocess.run([str(python), *target, *rest], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
