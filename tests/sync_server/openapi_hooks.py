"""Loaded by schemathesis: half of what it makes carries a kiosk's own head, so that it comes past the first door."""

from __future__ import annotations

import base64
import json
import os
import zlib
from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Put a valid head, and its kiosk's address, into every second case."""
    head, log = os.environ["XIANHOU_HEAD"], os.environ["XIANHOU_LOG"].split("/")
    if zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode()) % 2:
        return
    if case.headers and "xianhou-head" in case.headers:
        case.headers["xianhou-head"] = head
    if case.path_parameters and "inc" in case.path_parameters:
        case.path_parameters.update(zip(("kiosk", "inc"), log, strict=True))
    if isinstance(case.body, dict) and "head" in case.body:
        case.body["head"] = json.loads(base64.b64decode(head))
