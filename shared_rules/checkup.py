"""One line of a check-up, of a kiosk or of the server: what was seen, and, where it is bad, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from shared_rules.words import Say

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was seen, and, where it is bad, what to do."""

    what: Say
    remedy: Say | None = None

    @property
    def red(self) -> bool:
        """Whether somebody must act."""
        return self.remedy is not None
