"""Normal forms of names, phones, companies and needs: two ways of writing one thing become one text.

Folding is idempotent and loses nothing that the record keeps: the slip stores what was typed, this is only for
comparison. Chinese here is data, not words for people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Final

from shared_rules.data import read_text
from shared_rules.facts import CustomerKind, Need, SlipContent
from shared_rules.patterns import CERTAIN_TITLES
from shared_rules.values import Fixed

__all__ = [
    "Customer",
    "NormalNeed",
    "bare_name",
    "customer_of",
    "folded",
    "is_plain_mobile",
    "names_a_person",
    "names_somebody",
    "normal_company",
    "normal_name",
    "normal_need",
    "normal_phone",
    "split_names",
    "split_phones",
]

_INVISIBLE: Final = re.compile(
    r"[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Marks without a glyph that a paste from a chat brings along."""
_ROUNDS: Final = 8
"""Far more than any real cell takes until folding it again changes nothing; a bound against made-up ones."""
_SEPARATORS: Final = re.compile(r"[\s·•・‧∙⋅.．。,，、/'’`*\-‐‑‒–—_~]+")
_BRACKETED_REMARK: Final = re.compile(r"\([^()]*\)")
_COUNTER: Final = re.compile(r"(?<=[\u3400-\u9fff])\d+$")
"""`张伟1`: a number that a salesperson hung on to a name."""
_TITLES: Final = ("先生", "女士", "小姐", "太太", "夫人", "老师", "经理", "夫妇", "夫妻", "总")
_HAN_NAME: Final = re.compile(r"[\u4e00-\u9fff]{2,4}")
_FAMILIAR: Final = ("小", "老", "阿")
_TWO_SURNAMES: Final = frozenset((
    "欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "东方", "南宫", "长孙",
    "宇文", "闻人", "端木", "澹台", "公冶", "赫连", "淳于", "申屠", "轩辕", "呼延",
))  # fmt: skip
_NOTHING: Final = re.compile("无|没有|不详|未知|未留|未填|待定|待补|暂无|同上|保密|拒绝透露|na|none|null|unknown")
"""What people write when they leave a field blank."""
_NAME_BREAKS: Final = re.compile(r"[/、;；|&＆+]|夫\s*[妇妻]|\s及\s|\s和\s")
_PHONE_BREAKS: Final = re.compile(
    r"[/、,，;；|]|或|\s{2,}|\s+(?!转|分机|ext|x\d)(?=[a-z\u4e00-\u9fff])|(?<=[\da-z])(?=微信|电话|手机|座机|固话)",
    re.IGNORECASE,
)
_EXTENSION: Final = re.compile(r"(?:转|分机|ext\.?|#|x)(\d{1,6})$", re.IGNORECASE)
_LABEL: Final = re.compile(r"^(?:weixin|wechat|wx|vx|tel|mobile|phone)(?:[:\s]+|$)", re.IGNORECASE)
_SHORTEST_ACCOUNT: Final = 6
"""Characters of the shortest WeChat id; what is shorter is a remark, not a way to reach anybody."""
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_ONE_DIGIT: Final = re.compile(r"(\d)\1*")
_LEGAL_FORM: Final = re.compile(
    r"(?:股份|集团|有限|责任|总)*公司(?:总部|本部|集团|办公室|(?:财务|销售|行政|采购|市场|人事|项目)部?)?$|(?:股份|集团|总部|本部)$",
)
_KINDS: Final[dict[str, str]] = {
    word: kind
    for kind, words in {
        "flat": "flat apartment home residence duplex loft 住宅 公寓 房子 住房 大平层 平层 洋房 高层 小高层 复式 跃层",
        "shop": "shop retail store 商铺 店铺 门面 铺面 商业",
        "office": "office 写字楼 办公 办公楼 写字间",
        "parking": "parking garage 车位 车库",
        "villa": "villa house 别墅 联排 独栋 叠拼 双拼",
        "storage": "storage warehouse 仓库 储藏室 储藏间",
        "factory": "factory 厂房",
    }.items()
    for word in words.split()
}
_ROOMS: Final = r"[一二两三四五六七八九\d](?:居室?|房|室|卧)"
_KIND: Final = re.compile(
    "|".join(
        rf"\b{word}s?\b" if word.isascii() else word for word in sorted(_KINDS, key=lambda word: (-len(word), word))
    )
    + f"|{_ROOMS}"
)


class NormalNeed(Fixed, frozen=True):
    """A need on the taxonomy; "" and 0 are unknown: not said, not on the taxonomy, or several types in one need."""

    kind: str = ""
    area_from: int = 0
    area_to: int = 0
    units: int = 0


class Customer(Fixed, frozen=True):
    """What a slip says of its customer, in normal forms: all that matching compares."""

    kind: CustomerKind
    names: tuple[str, ...]
    """The principal first, then the kin group; empty ones left out."""
    company: str
    contact: str
    phones: tuple[str, ...]
    """Each number once, sorted."""
    need: NormalNeed


@cache
def _simplified() -> dict[int, str]:
    lines = (line for line in read_text("traditional.txt").splitlines() if not line.startswith("#"))
    return {ord(line[at]): line[at + 1] for line in lines for at in range(0, len(line), 2)}


def folded(text: str) -> str:
    """Return a text without width, case, script and invisible marks."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().translate(_simplified())


@lru_cache(maxsize=32_768)
def _until_settled(fold: Callable[[str], str], raw: str) -> str:
    """Fold until nothing changes: what one rule takes away may bring together what another one folds."""
    texts = [raw]
    while len(texts) <= _ROUNDS and (further := fold(texts[-1])) != texts[-1]:
        texts.append(further)
    return texts[-1]


def normal_name(raw: str) -> str:
    """Return a person's name without width, case, script, blanks, dots, remarks in brackets and titles."""
    return bare_name(raw) or _until_settled(_name, raw)


def bare_name(raw: str) -> str:
    """Return the normal form of a cell that is one name of two to four characters, with nothing to split or take away.

    "" = it is not. Nearly every name is typed like this, and the rest costs ten times.
    """
    if _HAN_NAME.fullmatch(raw) is None:
        return ""
    if _telling().isdisjoint(raw):
        return raw
    name = raw.translate(_simplified())
    return name if _telling().isdisjoint(name) else ""


@cache
def _telling() -> frozenset[str]:
    """Return the characters that titles, remarks, couples and the other script are told by."""
    words = (*_TITLES, *_FAMILIAR, *CERTAIN_TITLES, _NOTHING.pattern, _NAME_BREAKS.pattern, "哥姐男女")
    return frozenset("".join(words)) | frozenset(map(chr, _simplified()))


def _name(raw: str) -> str:
    text = folded(raw)
    bare = _SEPARATORS.sub("", _BRACKETED_REMARK.sub("", text)) or _SEPARATORS.sub("", re.sub(r"[()]", "", text))
    name = _COUNTER.sub("", bare)
    title = next((title for title in _TITLES if name.endswith(title) and len(name) > len(title) + 1), "")
    return "" if _NOTHING.fullmatch(name) else name.removesuffix(title)


def names_somebody(name: str) -> bool:
    """Return whether a normal form is a whole name: a surname, with or without a title, names nobody (`王先生`)."""
    stem = name
    if name.endswith(_TITLES):
        stem = next(name.removesuffix(title) for title in _TITLES if name.endswith(title))
    if len(stem) == 2 and stem[0] in _FAMILIAR:
        return False
    return len(stem) > 1 and stem not in _TWO_SURNAMES


def normal_phone(raw: str) -> str:
    """Return a number's digits: mobiles without country code, landlines with area code, extension after `#`.

    A WeChat id or the like stays as it is, without label, blanks and case. No number at all gives "".
    """
    return raw if is_plain_mobile(raw) else _until_settled(_phone, raw)


def is_plain_mobile(raw: str) -> bool:
    """Return whether nothing is to be folded: nearly every number is typed like this, and the rest costs ten times."""
    return raw.isascii() and _MOBILE.fullmatch(raw) is not None


def _phone(raw: str) -> str:
    text = _LABEL.sub("", folded(raw).strip())
    found = _EXTENSION.search(text)
    extension = found.group(1) if found else ""
    number = text[: found.start()] if found else text
    number = re.sub(r"[\s().\-‐‑–—_·:\u3400-\u9fff]", "", number)
    if not re.fullmatch(r"\+?\d*", number):
        account = re.sub(r"[\s():\u3400-\u9fff]", "", text)
        return account if len(account) >= _SHORTEST_ACCOUNT and not _NOTHING.fullmatch(account) else ""
    digits = _domestic(number.removeprefix("+"))
    if len(digits) > 4 and _ONE_DIGIT.fullmatch(digits):
        return ""  # 00000000: a field filled in to be rid of it
    return f"{digits}#{extension}" if digits and extension else digits


def _domestic(digits: str) -> str:
    """Return a number without the country code, written once or twice."""
    for prefix in ("0086", "86"):
        rest = digits.removeprefix(prefix).removeprefix("0")
        if not digits.startswith(prefix):
            continue
        if _MOBILE.fullmatch(rest):
            return rest
        if rest.startswith("86") and _MOBILE.fullmatch(rest.removeprefix("86")):
            return rest.removeprefix("86")
        if len(rest) in (9, 10, 11):
            return "0" + rest
    return digits.removeprefix("0") if _MOBILE.fullmatch(digits.removeprefix("0")) else digits


def normal_company(raw: str) -> str:
    """Return a unit's name without width, script, blanks, brackets, legal form and the word for its head office."""
    return _until_settled(_company, raw)


def _company(raw: str) -> str:
    name = re.sub(r"[()\[\]【】<>《》〈〉「」\"“”]", "", _SEPARATORS.sub("", folded(raw)))
    name = _LEGAL_FORM.sub("", name) or name
    return "" if _NOTHING.fullmatch(name) else name


@lru_cache(maxsize=4096)
def normal_need(need: Need) -> NormalNeed:
    """Return the need on the taxonomy; an invented word is unknown, so that nobody splits a customer by inventing."""
    words = {word.removesuffix("s") if word not in _KINDS else word for word in _KIND.findall(folded(need.kind))}
    kinds = {_KINDS.get(word, "flat") for word in words}
    bounds = sorted(bound for bound in (need.area_from, need.area_to) if bound) or [0]
    return NormalNeed(kinds.pop() if len(kinds) == 1 else "", bounds[0], bounds[-1], need.units)


def split_names(raw: str) -> tuple[str, ...]:
    """Return the persons of one cell as typed, in order: `张伟/李娜夫妇` names two."""
    parts = _NAME_BREAKS.split(unicodedata.normalize("NFKC", raw))
    return tuple(part.strip() for part in parts if part.strip())


def split_phones(raw: str) -> tuple[str, ...]:
    """Return the numbers of one cell as typed, in order: `13800000001 微信zhang_3` holds two."""
    if is_plain_mobile(raw):
        return (raw,)
    parts = _PHONE_BREAKS.split(unicodedata.normalize("NFKC", _INVISIBLE.sub("", raw)))
    return tuple(number.strip() for part in parts for number in _numbers(part) if number.strip())


def _numbers(part: str) -> tuple[str, ...]:
    """Return the numbers that single blanks part; a number spaced in groups stays one."""
    words = part.split()
    return tuple(words) if all(len(re.sub(r"\D", "", word)) >= 7 for word in words) else (part,)


def names_a_person(content: SlipContent) -> bool:
    """Return whether what stands as the unit's name is only the name of its representative (二.1.4)."""
    unit = normal_name(content.company)
    return unit != "" and unit in {normal_name(name) for name in (content.contact, *content.names)}


def customer_of(content: SlipContent) -> Customer:
    """Return the customer of a slip's content in normal forms; empty fields stay empty and match nothing.

    A unit named only by its representative is that person (二.1.4).
    """
    person = content.company != "" and names_a_person(content)
    listed = (content.company, *content.names) if person else content.names
    bare = bare_name(listed[0]) if len(listed) == 1 else ""
    names = (bare,) if bare else _each_once(listed, split_names, normal_name)
    phones = content.phones
    if not (len(phones) == 1 and is_plain_mobile(phones[0])):
        phones = tuple(sorted(_each_once(phones, split_phones, normal_phone)))
    return Customer(
        kind=CustomerKind.PERSON if person else content.kind,
        names=names,
        company="" if person or not content.company else normal_company(content.company),
        contact=normal_name(content.contact) if content.contact else "",
        phones=phones,
        need=normal_need(content.need),
    )


def _each_once(
    cells: Iterable[str], split: Callable[[str], Iterable[str]], normal: Callable[[str], str]
) -> tuple[str, ...]:
    """Return what several cells name, in normal forms; the empty ones say nothing."""
    return tuple(dict.fromkeys(form for cell in cells for part in split(cell) if (form := normal(part))))
