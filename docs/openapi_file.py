"""Write docs/openapi.json: `python3 run.py python -m docs.openapi_file`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sync_server.openapi import document

__all__ = ["FILE", "text"]

FILE: Final = Path(__file__).with_name("openapi.json")


def text() -> str:
    """Return the OpenAPI document as it stands in the file."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
