"""The sabotage of the kill tests: a desk that acknowledges a stamp before it is written."""

from __future__ import annotations

import json
import sys
import time

from kiosk.cli import main
from kiosk.cli.desk import _Driver


class EarlyDriver(_Driver):
    """Says the slip's number first, and only then stamps."""

    def do_stamp(self, pending: int, badge: str, reason: str = "") -> object:
        slip = self.desk.journal.next_slip_number()
        sys.stdout.write(json.dumps({"ok": {"slip": slip}}) + "\n")
        sys.stdout.flush()
        time.sleep(0.05)
        return super().do_stamp(pending, badge, reason)


if __name__ == "__main__":
    import kiosk.cli.desk

    kiosk.cli.desk._Driver = EarlyDriver  # type: ignore[misc]
    main()
