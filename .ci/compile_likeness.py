"""Compile the tables of matching: `python .ci/compile_likeness.py` in an environment with the packages named below.

    pip install pypinyin==0.55.0 four_corner_method==0.2.0 companynameparser==0.1.8

Readings are pypinyin's (MIT), four-corner codes four_corner_method's (MIT), places companynameparser's (Apache-2.0). Of
each only what comparison needs: simplified characters of the basic block, names of places without their rank.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

FIRST, LAST = 0x4E00, 0x9FFF
DATA = Path(__file__).resolve().parent.parent / "shared_rules" / "data"
TONES = {
    letter: (base, tone)
    for base, letters in {"a": "āáǎà", "e": "ēéěè", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù", "v": "ǖǘǚǜ"}.items()
    for tone, letter in enumerate(letters, 1)
} | {"ń": ("n", 2), "ň": ("n", 3), "ǹ": ("n", 4), "ḿ": ("m", 2), "ü": ("v", 0), "ê": ("e", 0)}
RANK = re.compile(
    r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|地区|新区|省|市|盟|州|县|区|旗)$"
)
PEOPLES = re.compile(
    r"(?:(?:苗|侗|布依|藏|羌|彝|回|土家|朝鲜|蒙古|哈萨克|柯尔克孜|傣|景颇|白|哈尼|傈僳|壮|满|撒拉|保安|东乡|裕固|土|黎|瑶|仡佬|水|纳西|普米|怒|"
    r"独龙|拉祜|佤|布朗|锡伯|塔吉克|达斡尔|鄂伦春|鄂温克|毛南|仫佬|畲|维吾尔)族|蒙古|哈萨克|柯尔克孜)+(?:各族)?$"
)


def plain(reading: str) -> str:
    """Return a reading with its tone as a digit: `zhōng` -> `zhong1`, neutral 0."""
    tone, letters = 0, ""
    for letter in reading:
        base, found = TONES.get(letter, (letter, 0))
        letters += base
        tone = tone or found
    return f"{letters}{tone}"


def folded() -> set[str]:
    """Return the traditional characters that folding takes away."""
    lines = (DATA / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return {line[at] for line in lines if not line.startswith("#") for at in range(0, len(line), 2)}


def readings(gone: set[str]) -> str:
    """Return a line a reading: the reading, then the characters that are read so."""
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - each table needs its own package

    table: dict[str, list[str]] = defaultdict(list)
    for point, text in pinyin_dict.items():
        if FIRST <= point <= LAST and chr(point) not in gone:
            for reading in dict.fromkeys(plain(one) for one in text.split(",")):
                if reading[:-1].isascii():
                    table[reading].append(chr(point))
    head = "# Reading and its characters; version 1. From pypinyin 0.55.0 (MIT), compiled."
    return "\n".join([head, *(f"{key} {''.join(sorted(table[key]))}" for key in sorted(table))]) + "\n"


def corners(gone: set[str]) -> str:
    """Return a line a four-corner code: the code, then its characters, where there are several."""
    from four_corner_method import FourCornerMethod  # noqa: PLC0415

    codes = FourCornerMethod()
    table: dict[str, list[str]] = defaultdict(list)
    for point in range(FIRST, LAST + 1):
        code = codes.query(chr(point)) if chr(point) not in gone else None
        if code:
            table[code].append(chr(point))
    head = "# Four-corner code and its characters; version 1. From four_corner_method 0.2.0 (MIT), compiled."
    return "\n".join([head, *(f"{key} {''.join(table[key])}" for key in sorted(table))]) + "\n"


def places() -> str:
    """Return a line a place: provinces, prefectures and counties without their rank, two characters or more."""
    text = files("companynameparser").joinpath("data/pca.csv").read_text(encoding="utf-8")
    found: set[str] = set()
    for row in csv.DictReader(text.splitlines()):
        for name in (row["sheng"], row["shi"], row["qu"]):
            bare = PEOPLES.sub("", RANK.sub("", name))
            found.update(one for one in (bare, RANK.sub("", bare)) if len(one) > 1)
    head = "# Places before a unit's name; version 1. From companynameparser 0.1.8 (Apache-2.0), compiled."
    return "\n".join([head, *sorted(found)]) + "\n"


if __name__ == "__main__":
    without = folded()
    for name, content in (("readings", readings(without)), ("corners", corners(without)), ("places", places())):
        (DATA / f"{name}.txt").write_text(content, encoding="utf-8")
        sys.stdout.write(f"{name}: {len(content)} characters\n")
