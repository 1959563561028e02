"""Normal forms of names, phones, companies and needs: two ways of writing one thing become one text.

Folding is idempotent and loses nothing that the record keeps: the slip stores what was typed, this is only for
comparison. Chinese here is data, not words for people.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from shared_rules.data import read_text
from shared_rules.facts import CustomerKind, Need, SlipContent

__all__ = [
    "Customer",
    "NormalNeed",
    "customer_of",
    "normal_company",
    "normal_name",
    "normal_need",
    "normal_phone",
    "split_names",
    "split_phones",
]

_SEPARATORS: Final = re.compile(r"[\s·•・‧∙.．,，'’`\-‐‑‒–—_~]+")
_BRACKETED_REMARK: Final = re.compile(r"\([^()]*\)")
_TITLES: Final = ("先生", "女士", "小姐", "太太", "老师", "总")
_NAME_BREAKS: Final = re.compile(r"[/、;；|&＆+]|夫妇|夫妻|\s及\s|\s和\s")
_PHONE_BREAKS: Final = re.compile(r"[/、,，;；|]|或|\s{2,}")
_EXTENSION: Final = re.compile(r"(?:转|分机|ext\.?|#|x)(\d{1,6})$", re.IGNORECASE)
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_SUFFIXES: Final = (
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "有限公司",
    "集团公司",
    "责任公司",
    "总公司",
    "公司",
)
_JOINT_STOCK: Final = "股份"
_KINDS: Final[dict[str, str]] = {
    word: kind
    for kind, words in {
        "flat": "flat apartment home residence 住宅 公寓 房子 住房 两房 三房 四房 大平层 洋房 高层 小高层",
        "shop": "shop retail store 商铺 店铺 门面 铺面 商业",
        "office": "office 写字楼 办公 办公楼 写字间",
        "parking": "parking garage 车位 车库",
        "villa": "villa house 别墅 联排 独栋 叠拼",
        "storage": "storage warehouse 仓库 储藏室 储藏间",
    }.items()
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class NormalNeed:
    """A need on the taxonomy; "" and 0 are unknown."""

    kind: str = ""
    area_from: int = 0
    area_to: int = 0
    units: int = 0


@dataclass(frozen=True, slots=True)
class Customer:
    """What a slip says of its customer, in normal forms: all that matching compares."""

    kind: CustomerKind
    names: tuple[str, ...]
    """The principal first, then the kin group; empty ones left out."""
    company: str
    contact: str
    phones: frozenset[str]
    need: NormalNeed


@cache
def _simplified() -> dict[int, str]:
    lines = (line for line in read_text("traditional.txt").splitlines() if not line.startswith("#"))
    return {ord(line[at]): line[at + 1] for line in lines for at in range(0, len(line), 2)}


def _folded(raw: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).translate(_simplified())).casefold()


def normal_name(raw: str) -> str:
    """Return a person's name without width, case, script, blanks, dots, remarks in brackets and titles."""
    bare = _BRACKETED_REMARK.sub("", _folded(raw))
    name = _SEPARATORS.sub("", bare) or _SEPARATORS.sub("", _folded(raw).replace("(", "").replace(")", ""))
    for title in _TITLES:
        if name.endswith(title) and len(name) > len(title) + 1:
            return normal_name(name.removesuffix(title))
    return name


def normal_phone(raw: str) -> str:
    """Return a number's digits: mobiles without country code, landlines with area code, extension after `-`."""
    text = re.sub(r"[\s().\-‐‑–—_·]", "", unicodedata.normalize("NFKC", raw)).casefold()
    found = _EXTENSION.search(text)
    extension = found.group(1) if found else ""
    number = text[: found.start()] if found else text
    if not re.fullmatch(r"\+?\d*", number):
        return _SEPARATORS.sub("", text)  # a WeChat id or the like: equal only to itself
    digits = number.removeprefix("+")
    for prefix in ("0086", "86"):
        rest = digits.removeprefix(prefix).removeprefix("0")
        if digits.startswith(prefix) and (_MOBILE.fullmatch(rest) or len(rest) in (9, 10, 11)):
            digits = rest if _MOBILE.fullmatch(rest) else "0" + rest
            break
    if _MOBILE.fullmatch(digits.removeprefix("0")):
        digits = digits.removeprefix("0")
    return f"{digits}#{extension}" if extension else digits


def normal_company(raw: str) -> str:
    """Return a unit's name without width, script, blanks, brackets and legal form; joint stock stays told apart."""
    name = re.sub(r"[()\[\]【】<>《》\"“”]", "", _SEPARATORS.sub("", _folded(raw)))
    for suffix in _SUFFIXES:
        body = name.removesuffix(suffix)
        if body and body != name:
            return (body.removesuffix(_JOINT_STOCK) or body) + (_JOINT_STOCK if _JOINT_STOCK in suffix else "")
    return name


def normal_need(need: Need) -> NormalNeed:
    """Return the need on the taxonomy; a word that the taxonomy does not know stands for itself."""
    word = _SEPARATORS.sub(" ", _folded(need.kind)).strip()
    first = word.split(" ")[0] if word else ""
    kind = _KINDS.get(word.replace(" ", "")) or _KINDS.get(first) or re.sub(r"[\d\s㎡m²平米]+$", "", word)
    low, high = (
        sorted((need.area_from, need.area_to))
        if need.area_from and need.area_to
        else (
            need.area_from or need.area_to,
            need.area_to or need.area_from,
        )
    )
    return NormalNeed(_KINDS.get(kind, kind), low, high, need.units)


def split_names(raw: str) -> tuple[str, ...]:
    """Return the persons of one cell as typed, in order: `张伟/李娜夫妇` names two."""
    parts = _NAME_BREAKS.split(unicodedata.normalize("NFKC", raw))
    return tuple(part.strip() for part in parts if part.strip())


def split_phones(raw: str) -> tuple[str, ...]:
    """Return the numbers of one cell as typed, in order."""
    parts = _PHONE_BREAKS.split(unicodedata.normalize("NFKC", raw))
    return tuple(part.strip() for part in parts if part.strip())


def customer_of(content: SlipContent) -> Customer:
    """Return the customer of a slip's content in normal forms; empty fields stay empty and match nothing."""
    names = tuple(name for raw in content.names for part in split_names(raw) if (name := normal_name(part)))
    phones = frozenset(phone for raw in content.phones for part in split_phones(raw) if (phone := normal_phone(part)))
    return Customer(
        kind=content.kind,
        names=names,
        company=normal_company(content.company),
        contact=normal_name(content.contact),
        phones=phones,
        need=normal_need(content.need),
    )
