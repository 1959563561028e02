"""一.10: the daily report names customers by code and tells nobody how to reach them."""

from __future__ import annotations

import re
from typing import Final

from shared_rules.policy import Policy
from shared_rules.regulation import clause

__all__ = ["contact_details"]

_DETAILS: Final = re.compile(
    r"""
    (?:\+?86[\s-]*)?1[3-9](?:[\s-]*\d){9}            # a mobile, in groups or not
  | (?<!\d)0\d{2,3}[\s-]*\d{7,8}(?!\d)               # a landline with its area code
  | (?<!\d)\d{7,8}(?!\d)                             # or without
  | (?:微信|wx|wechat|weixin|vx|qq)[号：:\s]*[a-z0-9_-]{5,}
  | [\w.+-]+@[\w-]+\.[\w.]+                           # mail
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WIDE: Final = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("＋"): "+", ord("－"): "-", ord("　"): " "}


@clause("一.10", digest="14d0f5eb9598b850")
def contact_details(text: str, policy: Policy) -> tuple[tuple[int, int], ...]:
    """Return the spans (first, last + 1) of a report line that tell how to reach the customer; none = it may stand."""
    if policy.report.contact_details == "allow":
        return ()
    return tuple(found.span() for found in _DETAILS.finditer(text.translate(_WIDE)))
