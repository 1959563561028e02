"""What asking costs: `python3 run.py python -m tests.bench.asking [--population FILE]`.

One new slip against the live claims of one pool, through the service that runs after each settlement (indices and
questions written, no commit counted); memory of the live index; and one slip's candidates from the register on disk,
records compared again, as after a start with a cold cache of its own.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Final

from shared_rules.blocking import hashed
from shared_rules.facts import CustomerKind, Event, Grade, LogId, Need, SlipContent, SlipEntered, SlipStamped
from shared_rules.interval import DAY, HOUR, SECOND, day_start, exactly
from shared_rules.likeness import compare
from shared_rules.policy import Policies, shipped
from shared_rules.questioning import Described
from shared_rules.settlement import Settlement
from sync_server.archive import Contents
from sync_server.feed import Feed
from sync_server.pki import load_keys, make_keys
from sync_server.questions import Questions
from sync_server.store import Store, register
from sync_server.store.register import Indexed

__all__ = ["disk", "live", "main"]

FIRST: Final = date(2026, 3, 2)
NOW: Final = day_start(FIRST) + 8 * DAY
SECRET: Final = bytes(range(32))
POOL: Final = "p"
SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
)
GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅志建国文斌鹏飞浩宇轩子涵欣怡思佳雨晨晓东海波云龙凤春燕"
)
KINDS: Final = ("住宅", "商铺", "写字楼", "车位")


def customers(count: int, seed: int = 1) -> Iterator[SlipContent]:
    """Yield customers as a town has them: frequent surnames, names of two and three characters."""
    pick = random.Random(seed)
    weights = [1 / (place + 3) for place in range(len(SURNAMES))]
    for _ in range(count):
        given = "".join(pick.choices(GIVEN, k=pick.choice((1, 2, 2, 2))))
        name = pick.choices(SURNAMES, weights)[0] + given
        phone = f"1{pick.choice('3578')}{pick.randrange(10**9):09d}"
        yield SlipContent(names=(name,), phones=(phone,), need=Need(kind=pick.choice(KINDS)))


def recorded(path: Path, seed: int = 1) -> Iterator[SlipContent]:
    """Yield the customers of a population (columns as in tests/bench/linking.py), each with a need."""
    pick = random.Random(seed)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            unit = row["kind"] == "company"
            phones = tuple(row[name] for name in ("phone1", "phone2", "wechat") if row[name])
            yield SlipContent(
                kind=CustomerKind(row["kind"]), names=() if unit else (row["name"],),
                company=row["name"] if unit else "", contact=row["contact_person"], phones=phones,
                need=Need(kind=pick.choice(KINDS)),
            )  # fmt: skip


def slips(contents: Iterable[SlipContent], *, first: int = 0, people: int = 2500) -> Iterator[Event]:
    """Yield stamped and entered slips of many salespeople at twenty offices."""
    for number, content in enumerate(contents, first):
        office = number % 20
        stamp = SlipStamped(
            slip=f"{office}-{number}", pool=POOL, office=f"o{office}", salesperson=f"s{number % people}",
            stamped_by="K", received_on=FIRST, content=content,
        )  # fmt: skip
        at = day_start(FIRST) + (number % 8) * DAY + 9 * HOUR + (number % 3500) * SECOND
        yield Event(exactly(at), LogId(office + 1, 1), 2 * number + 1, stamp, Grade.A)
        looked = SlipEntered(slip=stamp.slip, entered_by="K")
        yield Event(exactly(at + HOUR), LogId(office + 1, 1), 2 * number + 2, looked, Grade.A)


class Quiet(Feed):
    """A feed without signatures: what is measured is asking, not signing."""

    def publish_changed(self, tx: Any, office: str, subject: str, body: Any, *, at: int) -> bool:
        """Say that something new was told."""
        return True


def live(count: int, *, new: int = 300, population: Path | None = None) -> dict[str, Any]:
    """Return what a new slip costs against `count` slips of one pool that were all handed in within their lease."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "server.sqlite", bytes(32))
        town = list(islice(recorded(population) if population else customers(count + new), count + new))
        random.Random(2).shuffle(town)
        people, count = max(1, count // 40), len(town) - new
        events = list(slips(town[:count], people=people))
        settlement = Settlement(Policies.single(shipped()))
        news = settlement.begin(events, NOW).claims
        make_keys(Path(folder) / "keys", "bench", now=NOW, random=os.urandom)
        quiet = Quiet(load_keys(Path(folder) / "keys").server)
        questions = Questions(quiet, SECRET)
        contents = Contents(len(events), (), {}, 0, events)
        began = time.perf_counter()
        with store.transaction() as tx:
            questions.follow(tx, settlement, contents, news, NOW)
        filled = time.perf_counter() - began
        questions.kept()
        costs = []
        late = slips(town[count:], first=count, people=people)
        for event in (one for one in late if isinstance(one.fact, SlipStamped)):
            changes = settlement.apply([event._replace(time=exactly(NOW))], NOW)
            with store.transaction() as tx:
                began = time.perf_counter()
                questions.follow(tx, settlement, contents, changes.claims, NOW)
                costs.append(time.perf_counter() - began)
            questions.kept()
        with store.snapshot() as tx:
            asked = tx.rows("SELECT count(*) AS n FROM questions WHERE state = 'open'")[0]["n"]
            alive = tx.rows("SELECT count(*) AS n FROM register_claims WHERE live = 1")[0]["n"]
        again = Questions(quiet, SECRET)
        before, began = _resident(), time.perf_counter()
        with store.transaction() as tx:
            again.follow(tx, settlement, Contents(0, (), {}, 0, []), (), NOW)
        result = {
            "slips": count, "live": alive, "questions": asked, "first_filling_s": round(filled, 2),
            "new_slip": _spread(costs), "restart_s": round(time.perf_counter() - began, 2),
            "index_mib": round((_resident() - before) / 2**20, 1),
        }  # fmt: skip
        store.close()
        return result


def disk(count: int, *, new: int = 500) -> dict[str, Any]:
    """Return what one slip's candidates cost from a register of `count` claims on disk, records compared again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.sqlite"
        store = Store(path, bytes(32))
        contents: dict[str, SlipContent] = {}
        began = time.perf_counter()
        every = enumerate(customers(count))
        while batch := [one for _, one in zip(range(20_000), every, strict=False)]:
            with store.transaction() as tx:
                for number, content in batch:
                    described = Described(content)
                    keys = tuple(register.key_of(POOL, key, SECRET) for key in described.keys)
                    called = hashed(described.called, SECRET)
                    register.put(tx, Indexed(str(number), number, called, live=False, keys=keys))
                    contents[str(number)] = content
        filled = time.perf_counter() - began
        store.close()
        store = Store(path, bytes(32))
        costs, compared = [], 0
        for content in customers(new, seed=99):
            began = time.perf_counter()
            described = Described(content)
            with store.snapshot() as tx:
                near = register.candidates(tx, [register.key_of(POOL, key, SECRET) for key in described.keys])
            for claim in near:
                compare(described.profile, Described(contents[claim]).profile)
            costs.append(time.perf_counter() - began)
            compared += len(near)
        size = path.stat().st_size / 2**20
        store.close()
        return {
            "claims": count, "fill_us": round(filled / count * 1e6), "new_slip": _spread(costs),
            "compared": round(compared / new, 1), "file_mib": round(size),
        }  # fmt: skip


def _spread(costs: list[float]) -> dict[str, float]:
    costs.sort()
    return {
        "median_ms": round(median(costs) * 1e3, 3), "p99_ms": round(costs[int(len(costs) * 0.99)] * 1e3, 3),
    }  # fmt: skip


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def main(arguments: list[str]) -> int:
    """Measure and print one JSON line a measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", type=int, default=100_000)
    parser.add_argument("--population", type=Path)
    parser.add_argument("--register", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    measures: list[Callable[[], dict[str, Any]]] = []
    if options.live:
        measures.append(lambda: live(options.live, population=options.population))
    if options.register:
        measures.append(lambda: disk(options.register))
    for measure in measures:
        sys.stdout.write(json.dumps(measure()) + os.linesep)
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
