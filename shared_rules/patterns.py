"""What people write around a name, a unit, a number and a place: patterns for matching. Chinese here is data."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "BRANCH", "CERTAIN_TITLES", "CITY", "COUPLE", "DEPARTMENT", "EVERYWHERE", "FAMILIAR", "GROUP", "HEAD_OFFICE",
    "LEGAL_FORM", "LIMITED", "MOST_TITLES", "NOISE", "RANKS", "TITLE", "WECHAT",
]  # fmt: skip

# --- persons
CERTAIN_TITLES: Final = frozenset(
    [
        "先生", "女士", "小姐", "太太", "夫人", "老师", "师傅", "经理", "老板", "主任", "医生", "同学", "阿姨", "叔叔",
        "大哥", "大姐",
    ]
)  # fmt: skip
MOST_TITLES: Final = "|".join(sorted(CERTAIN_TITLES))
TITLE: Final = re.compile(f"(?:{MOST_TITLES}|总|哥|姐|[男女].|先.|.生)$")
"""Also misspelt ones: what stands after a surname and is no given name."""
FAMILIAR: Final = "小老阿"
COUPLE: Final = re.compile("(?:fufu|fuqi|xiansheng|nvshi|nushi|xiaojie|taitai)$")

# --- units
NOISE: Final = re.compile(r"[\s()\[\]【】<>《》〈〉「」\"“”·.,，。、/\\-]")
_DEPARTMENTS: Final = "财务|销售|行政|采购|市场|人事"
DEPARTMENT: Final = re.compile(f"(?:{_DEPARTMENTS}|项目|工程|办公)?(?:总部|本部|办公室|部|科|处)|(?:{_DEPARTMENTS})")
LEGAL_FORM: Final = re.compile(
    "(?:集团|控股)?(?:股份|股分)?(?:有限)?(?:责任)?(?:总)?公司$|集团(?:股份|有限)*$|(?:股份|有限|集团|厂|店|行|中心)$"
)
BRANCH: Final = re.compile(r"(?:第?[一二三四五六七八九十\d]*)(?:分公司|分店|分部|分行|分厂|办事处|营业部|分)$")
LIMITED: Final = "公司"
GROUP: Final = "集团"
HEAD_OFFICE: Final = ("总部", "本部")
RANKS: Final = "省市县区州"
EVERYWHERE: Final = ("中国", "全国")
CITY: Final = "市"

# --- numbers
WECHAT: Final = re.compile(r"^(?:微信号?|wechat|weixin|wx|vx)[:：]?(?!id)", re.IGNORECASE)
