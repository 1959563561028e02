"""A leader's search: which slips may name a customer, by number and kind of likeness, before leave is given (五).

Whoever gives leave for a look needs the number of a slip, and has a name or a telephone number. The search goes through
the register's keyed hashes, compares what they propose, and tells nothing of any slip but that it is alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import CustomerKind, Role
from shared_rules.likeness import compare
from shared_rules.matching import Answer, masked
from shared_rules.questioning import Described
from shared_rules.words import say
from sync_server.masking import masked_name, masked_phone
from sync_server.standing import settled_now
from sync_server.store import persons, places, register

if TYPE_CHECKING:
    from shared_rules.facts import SlipContent
    from shared_rules.likeness import Likeness
    from shared_rules.words import Say
    from sync_server.archive import Archive
    from sync_server.log import ServerLog
    from sync_server.sessions import Visitor
    from sync_server.store import Store, Transaction

__all__ = ["Found", "Searches"]

_ACT: Final = "find_slips"


@dataclass(frozen=True, slots=True)
class Found:
    """A slip that may name the customer; nothing of its content."""

    claim: str
    alike: Say
    same: bool
    """Whether the table of likeness says so; else a person has to."""


@dataclass(frozen=True, slots=True)
class Searches:
    """Searches the register in the name of a logged-in leader; `secret` is what its keys were hashed with."""

    store: Store
    log: ServerLog
    archive: Archive
    secret: bytes

    def find(self, visitor: Visitor, pool: str, content: SlipContent) -> tuple[Found, ...]:
        """Return the slips of a pool that may name this customer, the surest first; the audit row is written before.

        A slip that lapsed or was returned is found like any other. Raises RefusedError (kept in the audit) for who is
        no leader, InputError naming the field.
        """
        described = Described(content)
        allowed = Role.LEADER in visitor.roles
        with self.store.transaction() as tx:
            if allowed:
                _check(tx, pool, described)
            persons.add_audit(
                tx, at=self.log.signed_now(tx).now, person=visitor.person, session=visitor.session, act=_ACT,
                about=f"{pool} {_about(content)}", outcome="allowed" if allowed else "refused",
            )  # fmt: skip
        if not allowed:
            raise RefusedError(say("只有公司领导可以查找确认单号；这次操作已记录"), clause="五")
        with self.store.snapshot() as tx:
            near = register.candidates(tx, [register.key_of(pool, key, self.secret) for key in described.keys])
        return self._compared(described, near)

    def _compared(self, described: Described, near: list[str]) -> tuple[Found, ...]:
        """Compare what was proposed: a shared key proves nothing."""
        if not near:
            return ()
        settlement = settled_now(self.store, self.log, self.archive.read().events)
        found: list[tuple[Found, Likeness]] = []
        for claim in near:
            content = settlement.content(claim)
            if content is None:
                continue  # erased since
            likeness = compare(described.profile, Described(content).profile)
            if likeness.answer is not Answer.DIFFERENT:
                alike = masked(name_alike=likeness.name_alike, contact_alike=likeness.contact_alike)
                found.append((Found(claim, alike, likeness.answer is Answer.SAME), likeness))
        found.sort(key=lambda one: (not one[0].same, not one[1].guess, one[0].claim))
        return tuple(one for one, _ in found)


def _check(tx: Transaction, pool: str, described: Described) -> None:
    pools = sorted({one for office in places.offices(tx) for one in office.pools})
    if pool not in pools:
        raise InputError(say("没有楼盘 {pool}；现有：{pools}", pool=pool, pools="、".join(pools)), field="pool")
    if not described.keys:
        raise InputError(say("请给出完整的姓名、单位名称或电话；只有姓氏或只有几位数字查不了"), field="name")


def _about(content: SlipContent) -> str:
    """Return whom was asked for, as the audit keeps it: a trace, not one more place where personal data lies."""
    unit = content.kind is CustomerKind.COMPANY
    names = (content.company, content.contact) if unit else content.names
    return " ".join([*map(masked_name, filter(None, names)), *map(masked_phone, content.phones)])
