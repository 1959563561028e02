"""The clauses that are coded, in one table: who is asked, and when.

Precedence is the policy's (its table `precedence`), not the order of these tuples.
"""

from __future__ import annotations

from typing import Final

from shared_rules.clauses.contracts import contract_decides
from shared_rules.clauses.ownership import earlier_stamp_owns, handed_in_twice, same_day_goes_to_the_manager
from shared_rules.clauses.quota import over_the_days_number, over_the_quota
from shared_rules.clauses.reception import (
    earlier_by_arrival,
    not_renewable,
    registered_too_late,
    reserved_for_the_company,
)
from shared_rules.clauses.registration import (
    amendment_refused,
    handed_in_outside_the_windows,
    incomplete,
    signed_by_the_wrong_person,
)
from shared_rules.clauses.repose import closer_keeps
from shared_rules.clauses.sameness import named_by_representative_only
from shared_rules.clauses.visits import not_in_the_visitor_log
from shared_rules.decision import Ask

__all__ = ["ALONE", "ON_ACTS", "ON_COLLISION", "ON_NEW"]

_ADMISSION: Final[tuple[Ask, ...]] = (
    handed_in_outside_the_windows,
    incomplete,
    signed_by_the_wrong_person,
    named_by_representative_only,
    reserved_for_the_company,
    over_the_days_number,
    over_the_quota,
)
_OWNERSHIP: Final[tuple[Ask, ...]] = (
    closer_keeps,
    contract_decides,
    earlier_by_arrival,
    earlier_stamp_owns,
    same_day_goes_to_the_manager,
)
ON_NEW: Final[tuple[Ask, ...]] = (
    *_ADMISSION,
    registered_too_late,
    not_renewable,
    not_in_the_visitor_log,
    handed_in_twice,
    *_OWNERSHIP,
)
"""Asked of a new slip."""
ALONE: Final[tuple[Ask, ...]] = tuple(
    ask
    for ask in ON_NEW
    if ask
    not in (handed_in_twice, contract_decides, earlier_by_arrival, earlier_stamp_owns, same_day_goes_to_the_manager)
)
"""Of these, those that may have something to say where nobody stands against it: nearly every slip is so."""
ON_COLLISION: Final[tuple[Ask, ...]] = (amendment_refused, *_OWNERSHIP)
"""Asked of a correction or a finding, which nobody hands in."""
ON_ACTS: Final[tuple[Ask, ...]] = (*_ADMISSION, not_renewable, *ON_COLLISION)
"""Asked of an amendment or a renewal."""
