"""The kiosks' endpoints as data: the routes are made of it, and so is the OpenAPI 3.1 document.

The schemas come from the message types and their docstrings (`shared_rules/protocol.py`): neither the routes nor
the messages can say anything else than the document does.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import msgspec

from shared_rules import protocol
from shared_rules.protocol import (
    HEAD_HEADER,
    Anchor,
    ClearanceAnswer,
    EnrolAnswer,
    EnrolRequest,
    FeedAnswer,
    FeedItem,
    Head,
    Hello,
    LogAnswer,
    Problem,
    ProblemType,
    PushAnswer,
    PushRequest,
    TreeAnswer,
)

__all__ = ["OPERATIONS", "STATUS", "Operation", "document"]

STATUS: Final = {
    ProblemType.MALFORMED: 400,
    ProblemType.BAD_SIGNATURE: 403,
    ProblemType.BAD_CODE: 403,
    ProblemType.REVOKED: 403,
    ProblemType.UNKNOWN_LOG: 404,
    ProblemType.NOT_FOUND: 404,
    ProblemType.GAP: 409,
    ProblemType.FORK: 409,
    ProblemType.STALE_CURSOR: 410,
    ProblemType.TOO_LARGE: 413,
    ProblemType.UNAVAILABLE: 503,
}
"""The status of each problem type (RFC 9457)."""

_REFERENCES: Final = "#/components/schemas/{name}"
_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_PEM: Final = "application/x-pem-file"
_SIGNED: Final = (ProblemType.MALFORMED, ProblemType.BAD_SIGNATURE, ProblemType.REVOKED, ProblemType.UNKNOWN_LOG)
"""What any request that names its kiosk may be told."""
_SMALL: Final = {"type": "integer", "minimum": 0, "maximum": 65_535}
_COUNT: Final = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
_JOURNAL: Final = {"kiosk": _SMALL, "inc": _SMALL}


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint: where, what it is given, what it answers, and the verb of `ApiRoutes` that serves it."""

    verb: str
    method: str
    path: str
    summary: str
    answer: type[msgspec.Struct] | None
    """None = no message of ours: see `media`."""
    request: type[msgspec.Struct] | None = None
    path_parameters: dict[str, dict[str, Any]] | None = None
    query: dict[str, dict[str, Any]] | None = None
    head: bool = False
    """Whether a signed head comes in the header."""
    problems: tuple[ProblemType, ...] = ()
    media: str = _JSON

    @property
    def route(self) -> str:
        """Return the path in the form of Starlette."""
        return self.path.replace("}", ":int}")


OPERATIONS: Final = (
    Operation("hello", "GET", "/v1/hello", "Who answers here, so that a wrong server is noticed.", Hello),
    Operation("authority", "GET", "/v1/ca", "The CA certificate; believe it only by its digest.", None, media=_PEM),
    Operation("openapi", "GET", "/v1/openapi.json", "This document.", None),
    Operation(
        "enrol", "POST", "/v1/enrol", "Become a kiosk of this server by a one-time code.", EnrolAnswer, EnrolRequest,
        problems=(ProblemType.MALFORMED, ProblemType.BAD_CODE, ProblemType.TOO_LARGE),
    ),
    Operation(
        "push", "POST", "/v1/logs/{kiosk}/{inc}", "Bring records, or none: only this 200 acknowledges anything.",
        PushAnswer, PushRequest, _JOURNAL,
        problems=(*_SIGNED, ProblemType.GAP, ProblemType.FORK, ProblemType.TOO_LARGE),
    ),
    Operation(
        "history", "GET", "/v1/logs/{kiosk}/{inc}", "A kiosk's own records back, a page at a time.",
        LogAnswer, None, _JOURNAL, {"after": _COUNT}, head=True, problems=_SIGNED,
    ),
    Operation(
        "feed", "GET", "/v1/feed", "What an office is told, after a cursor; waits for news if asked to.",
        FeedAnswer, None, None, {"after": {"type": "string"}, "wait": _COUNT}, head=True,
        problems=(*_SIGNED, ProblemType.STALE_CURSOR),
    ),
    Operation(
        "tree", "GET", "/v1/tree/{kiosk}/{inc}", "The signed state of the server's tree, and proofs of own records.",
        TreeAnswer, None, _JOURNAL, {"seqs": {"type": "string"}, "size": _COUNT}, head=True, problems=_SIGNED,
    ),
    Operation(
        "clear_to_sign", "GET", "/v1/clear-to-sign", "Whether anybody could still have an earlier claim.",
        ClearanceAnswer, None, None, {"claim": {"type": "string"}}, head=True, problems=_SIGNED,
    ),
)  # fmt: skip
"""Every endpoint for kiosks."""


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Xianhou: kiosk and server",
            "version": version("xianhou"),
            "description": "The rules of the protocol and its numbered invariants are in docs/sync.md.",
        },
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.verb, "summary": operation.summary, "responses": _responses(operation),
    }  # fmt: skip
    if parameters := list(_parameters(operation)):
        described["parameters"] = parameters
    if operation.request is not None:
        described["requestBody"] = {
            "required": True,
            "content": {_JSON: {"schema": _reference(operation.request)}},
            "description": "May be sent with content-encoding gzip; at most 1 MiB unpacked.",
        }
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    places = (("path", operation.path_parameters), ("query", operation.query))
    found = [
        {"name": name, "in": where, "required": where == "path", "schema": schema}
        for where, given in places for name, schema in (given or {}).items()
    ]  # fmt: skip
    if operation.head:
        found.append({
            "name": HEAD_HEADER, "in": "header", "required": True,
            "description": "base64 of the JSON of a Signed whose payload is a Head: says and proves who asks.",
            "schema": {"type": "string", "contentEncoding": "base64", "contentSchema": _reference(protocol.Signed)},
        })  # fmt: skip
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object" if operation.media == _JSON else "string"}
    if operation.answer is not None:
        schema = _reference(operation.answer)
    responses: dict[str, Any] = {"200": {"description": "Done.", "content": {operation.media: {"schema": schema}}}}
    by_status: dict[int, list[str]] = {}
    for kind in (*operation.problems, ProblemType.UNAVAILABLE):
        by_status.setdefault(STATUS[kind], []).append(kind.value)
    for status, kinds in sorted(by_status.items()):
        content = {_PROBLEM: {"schema": _reference(Problem)}}
        responses[str(status)] = {"description": "Problem of type " + ", ".join(kinds), "content": content}
    return responses


def _reference(kind: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": _REFERENCES.format(name=kind.__name__)}


def _schemas() -> dict[str, Any]:
    told = [kind for one in OPERATIONS for kind in (one.answer, one.request) if kind is not None]
    # what is signed travels as bytes, but is part of what another kiosk must know
    _, schemas = msgspec.json.schema_components([*told, Head, Anchor, FeedItem, Problem], ref_template=_REFERENCES)
    described = _field_docstrings()
    for name, schema in schemas.items():
        schema["description"] = inspect.cleandoc(schema.get("description", ""))
        for field, text in described.get(name, {}).items():
            schema.get("properties", {}).get(field, {})["description"] = text
    return schemas


def _field_docstrings() -> dict[str, dict[str, str]]:
    """Class -> field -> the string that stands below the field in the source."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(protocol)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for before, after in zip(node.body, node.body[1:], strict=False):
            match before, after:
                case ast.AnnAssign(target=ast.Name(id=field)), ast.Expr(value=ast.Constant(value=str(text))):
                    found.setdefault(node.name, {})[field] = inspect.cleandoc(text)
    return found
