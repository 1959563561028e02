"""二 (head) and 二.1: when two slips name the same customer, and when a unit buys."""

from __future__ import annotations

from shared_rules.clauses.kinship import kin_reason
from shared_rules.clauses.registration import missing_fields
from shared_rules.customers import names_a_person
from shared_rules.decision import Presumption, Reason, Situation, Status, Verdict
from shared_rules.facts import CustomerKind, FindingMade
from shared_rules.matching import Answer, Match
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = ["also_presumed", "found", "named_by_representative_only", "presumed"]


@clause("二", digest="ada39f3144d35111")
def presumed(match: Match) -> Presumption | None:
    """Return on what the sameness of two slips rests: need AND (name OR contact); None = not the same."""
    if match.answer is Answer.DIFFERENT:
        return None
    if match.answer is Answer.ASK:
        return Presumption.ASKED
    if match.name_alike and match.contact_alike:
        return Presumption.BOTH
    return Presumption.CONTACT if match.contact_alike else Presumption.NAME


@clause("二.1.3", digest="24161d6e13f5b757")
def found(presumption: Presumption | None, finding: FindingMade | None) -> Presumption | None:
    """Let a person's finding override what the fields presume; the latest finding counts."""
    if finding is None:
        return presumption
    return Presumption.FOUND if finding.answer == "same" else None


def also_presumed(situation: Situation) -> tuple[Reason, ...]:
    """Return the reason of 二.1 that goes with a collision: the name alone, kin, or a finding; else none."""
    kinds = {rival.presumption for rival in situation.rivals}
    slips = (situation.view.slip, *(rival.claim for rival in situation.rivals))
    if kinds == {Presumption.NAME}:
        sentence = say("仅名称相同，推定为同一客户，可查明推翻")
        return (Reason("二.1.3", sentence, sentence, slips),)
    if Presumption.KIN in kinds:
        return (kin_reason(situation),)
    if Presumption.FOUND in kinds:
        sentence = say("经查明为同一客户")
        return (Reason("二.1.3", sentence, sentence, slips),)
    return ()


@clause("二.1.4", digest="abba3187dee9d8ff")
def named_by_representative_only(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse a unit's slip without unit name or contact person; a legal representative's name alone names no unit."""
    content = situation.view.content
    if content is None or situation.act == "renew" or content.kind is not CustomerKind.COMPANY:
        return None
    missing = [name for name in missing_fields(content, policy) if name in ("company", "contact")]
    if missing:
        sentence = say("单位购买须写清单位名称和联系人，缺：{fields}", fields="、".join(missing))
    elif policy.company.representative_only == "refuse" and names_a_person(content):
        sentence = say("单位名称只写了法人代表的姓名，不能按单位确认")
    else:
        return None
    reason = Reason("二.1.4", sentence, sentence, (situation.view.slip,))
    return Verdict("二.1.4", Status.VOID if policy.slip.incomplete == "void" else Status.REFUSED, reason)
