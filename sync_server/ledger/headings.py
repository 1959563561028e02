"""How offices head the columns of their ledgers, and the words in the cells. Chinese here is data."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["AREA", "COMPANY", "DEAL_KINDS", "FIELDS", "NEEDED", "SLIP_KINDS", "SOURCES", "TOTALS", "VISIT_KINDS"]

# a heading that begins with * is known by its end: the quarter stands before it
FIELDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "slips": {
        "slip": ("单号", "确认单号", "编号", "确认单编号"),
        "time": ("确认时间", "盖章时间", "确认日期时间", "时间"),
        "office": ("售楼处", "门店", "案场", "展厅"),
        "salesperson": ("业务员", "置业顾问", "销售员", "业务员姓名"),
        "kind": ("类别", "确认类别", "类型"),
        "claim": ("原单号", "原确认单号"),
        "customer_kind": ("客户性质", "客户类别", "客户类型"),
        "name": ("客户名称", "客户姓名", "客户"),
        "contact": ("联系人",),
        "phone": ("联系方式", "电话", "联系电话", "手机"),
        "need": ("需求", "意向", "需求类型"),
        "area": ("面积㎡", "面积", "面积平方米", "意向面积"),
        "received": ("接待日期", "到访日期", "来访日期"),
        "source": ("来源", "客户来源", "渠道"),
        "exceptional": ("特殊情况说明", "特殊原因", "备注"),
    },
    "visits": {
        "time": ("时间", "来访时间", "日期时间"),
        "office": ("售楼处", "门店", "案场"),
        "salesperson": ("接待人", "接待业务员", "业务员"),
        "kind": ("方式", "来访方式"),
        "name": ("客户姓名", "客户名称", "客户"),
        "phone": ("电话", "联系方式", "联系电话"),
        "entered": ("登记时间", "录入时间"),
    },
    "deals": {
        "day": ("日期", "成交日期", "签约日期"),
        "kind": ("类型", "成交类型"),
        "name": ("合同名称", "合同姓名", "客户名称"),
        "salesperson": ("成交人", "业务员", "成交业务员"),
        "unit": ("房号", "单元", "合同号"),
    },
    "results": {
        "salesperson": ("业务员", "姓名"),
        "number": ("工号",),
        "signings": ("*签约",),
        "met": ("*任务完成日",),
    },
    "staff": {
        "number": ("工号", "员工号"),
        "name": ("姓名",),
        "office": ("售楼处", "门店", "案场"),
    },
}  # fmt: skip
NEEDED: Final = {
    "slips": ("slip", "time", "salesperson", "name", "phone"),
    "visits": ("time", "salesperson", "kind", "phone"),
    "deals": ("day", "kind", "name", "salesperson"),
    "results": ("salesperson", "number", "signings"),
    "staff": ("number", "name"),
}
"""Fields without which a table is not of a kind; the kinds are tried in this order."""
TOTALS: Final = ("合计", "总计", "小计")
SLIP_KINDS: Final = {
    "": "new", "新": "new", "新确认": "new", "首次": "new", "变更": "amend", "变更确认": "amend", "再次确认": "renew",
    "续": "renew", "续期": "renew",
}  # fmt: skip
COMPANY: Final = ("单位", "公司", "企业")
SOURCES: Final = {
    "来电": "call", "老带新": "old_customer", "老客户": "old_customer", "渠道": "channel", "提前备案": "pre_registered",
    "员工介绍": "staff_intro",
}  # fmt: skip
VISIT_KINDS: Final = {"来人": "visit", "来访": "visit", "来电": "call", "去电": "call_out", "回访": "call_out"}
DEAL_KINDS: Final = {"认购": "subscription", "签约": "signing"}
AREA: Final = re.compile(r"(\d{1,5})(?:\.\d+)?(?:\s*[-~至到—]\s*(\d{1,5}))?")
"""An area in square metres or a band of them, as people write it."""
