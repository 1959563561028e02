"""A line of a check-up is red exactly where it tells somebody what to do."""

from __future__ import annotations

from shared_rules.checkup import Finding
from shared_rules.words import say


def test_a_line_with_a_remedy_is_red_and_one_without_is_not() -> None:
    """Nobody is alarmed without being told what helps."""
    assert Finding(say("每日备份：已关闭"), say("请在 config.toml 里把 keep_backups 设为 7")).red
    assert not Finding(say("数据库：每一页都完好")).red
