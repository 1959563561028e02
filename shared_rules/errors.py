"""Every error a person can meet, as one tree; each carries a sentence that names the field and the remedy.

XianhouError
├── InputError            what a person or a file gave cannot be taken: `field` says where
│   ├── WireError         bytes that are not a fact, a message or a record of ours
│   ├── CaseFileError     a case file: case, fact number, key
│   └── PolicyError       a policy file: key, clause
├── RefusedError          the regulation or a right forbids the act
├── EvidenceError         a signature, a chain or a receipt does not hold
└── UnavailableError      the disk, the server or the network cannot do it now

Nothing below these leaks through a verb of the counter or of the server.
"""

from __future__ import annotations

from shared_rules.words import Say

__all__ = [
    "CaseFileError",
    "EvidenceError",
    "InputError",
    "PolicyError",
    "RefusedError",
    "UnavailableError",
    "WireError",
    "XianhouError",
]


class XianhouError(Exception):
    """Base of all; `sentence` is for people, in their language, and holds no stack and no path of the machine."""

    def __init__(self, sentence: Say) -> None:
        super().__init__(sentence.msgid)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence.chinese()


class InputError(XianhouError):
    """What was given cannot be taken; `field` names the place (a form field, a key of a file)."""

    def __init__(self, sentence: Say, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class WireError(InputError):
    """Bytes that do not decode, strictly, to what they should be."""


class CaseFileError(InputError):
    """A case file is wrong; the sentence names case, fact number, key and the line where the case begins."""


class PolicyError(InputError):
    """A policy file is wrong; the sentence names the key and the clause."""


class RefusedError(XianhouError):
    """The regulation, a role or a lock forbids the act; `clause` where one says so."""

    def __init__(self, sentence: Say, *, clause: str = "") -> None:
        super().__init__(sentence)
        self.clause = clause


class EvidenceError(XianhouError):
    """A signature, a hash chain or a receipt does not hold; `field` names the part that fails, where one does."""

    def __init__(self, sentence: Say, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class UnavailableError(XianhouError):
    """Disk, server or network cannot do it now; nothing was half-written."""
