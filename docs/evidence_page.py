"""Makes the table of docs/evidence.md; tests/together/test_attacks.py carries out every attack of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ATTACKS", "Attack", "attack_table"]

_WORDS: Final = {
    "receipt": "口袋里的凭证 / a pocketed receipt",
    "seal": "拍下的封存码 / a photographed seal",
    "server": "服务器报警 / the server's alarm",
    "record": "记录本身 / the record itself",
    "checkpoint": "柜台机手里的存证 / the kiosk's checkpoint",
}
"""What may catch an attack."""


@dataclass(frozen=True, slots=True)
class Attack:
    """What somebody does who has root on the kiosk and its key, and what finds it out."""

    name: str
    zh: str
    en: str
    caught: tuple[str, ...]
    """Keys of the table's words; none = it is not found out."""


ATTACKS: Final = (
    Attack("edit", "改一份已上报的旧单，整本重签", "edit an old slip and sign the chain again", ("receipt", "server")),
    Attack(
        "insert_before_receipt",
        "在别人拿着凭证的单之前插一份倒签的单",
        "insert a back-dated slip before a pocketed one",
        ("receipt",),
    ),
    Attack(
        "roll_back",
        "把数据库和 anchor 文件一起退回到对时之前",
        "roll database and anchor file back past an anchor",
        ("receipt", "server"),
    ),
    Attack(
        "erase_held_tail",
        "抹掉没上报的末尾，其中一份有人拿着凭证",
        "erase an unsynced tail that holds a pocketed slip",
        ("receipt",),
    ),
    Attack("clock_back", "盖一份单前把时钟拨回 22 小时", "set the clock 22 h back for one slip", ("record",)),
    Attack("clock_forward", "盖一份单前把时钟拨快 3 天", "set the clock 3 days forward for one slip", ("record",)),
    Attack(
        "forge_back", "不拨时钟，用密钥直接签一个早 22 小时的时间", "sign a time 22 h early with the key", ("server",)
    ),
    Attack("forge_forward", "用密钥直接签一个晚 3 天的时间", "sign a time 3 days late with the key", ("server",)),
    Attack("insert_after_receipt", "在最后一张凭证之后插一份单", "insert after the last pocketed receipt", ()),
    Attack(
        "insert_under_seal", "同上，但之后有人拍了封存码", "the same, where somebody photographed a seal", ("seal",)
    ),
    Attack("erase_tail", "抹掉没上报、没人拿凭证的末尾", "erase an unsynced tail that nobody holds", ()),
    Attack("erase_under_seal", "同上，但之后有人拍了封存码", "the same, where somebody photographed a seal", ("seal",)),
    Attack(
        "back_date_inside",
        "在上次对时与现在之间倒签几十分钟（同一天）",
        "back-date by some minutes since the last anchor (the same day)",
        (),
    ),
    Attack(
        "change_server",
        "管服务器的人改掉已经签过账本的记录",
        "who runs the server changes a record that its log holds",
        ("checkpoint",),
    ),
)


def attack_table() -> str:
    """Return the table as Markdown."""
    rows = [
        (f"{one.zh}<br>{one.en}", "；".join(_WORDS[word] for word in one.caught) or "**发现不了 / not found out**")
        for one in ATTACKS
    ]
    lines = [("攻击 / attack", "被什么发现 / found out by"), ("---", "---"), *rows]
    return "\n" + "\n".join(f"| {left} | {right} |" for left, right in lines) + "\n\n"
