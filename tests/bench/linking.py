"""How well and how fast a whole population is linked: `python3 run.py python -m tests.bench.linking POPULATION.csv.gz`.

Each record is compared with those before it that share a key; pairs count as linked where the verdict, an ask forced to
its better guess, says the same. Scored over all pairs of one cluster.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import resource
import sys
import time
from collections import Counter
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from shared_rules.blocking import keys_of
from shared_rules.likeness import Profile, compare, profile_of
from shared_rules.matching import Answer

__all__ = ["link", "main", "score"]

HOT = 60
"""A number that so many bear is no evidence, and compares nothing: an agency's, a switchboard's."""
_COLUMNS: Final = ("kind", "name", "contact_person", "phone1", "phone2", "wechat", "city", "cluster_id")
FREQUENT = 2
"""A name that more bear than these proposes nobody by itself; a number must."""


def profiles(path: Path) -> tuple[list[Profile], list[str]]:
    """Return the records and their clusters."""
    found, clusters = [], []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        columns = itemgetter(*map(next(rows).index, _COLUMNS))
        for kind, name, contact, first, second, wechat, city, cluster in map(columns, rows):
            phones = tuple([phone for phone in (first, second) if phone])
            found.append(profile_of(kind, name, contact=contact, phones=phones, wechat=wechat, place=city))
            clusters.append(cluster)
    return found, clusters


def link(records: list[Profile], *, guess: bool = True) -> tuple[set[tuple[int, int]], int]:
    """Return the linked pairs and how many were compared."""
    first: dict[str, int] = {}
    index: dict[str, list[int]] = {}
    linked, compared = set(), 0
    for number, record in enumerate(records):
        near: set[int] = set()
        for key in keys_of(record):
            one = first.setdefault(key, number)
            if one == number:
                continue  # nine keys of ten have one bearer, who needs no list
            bearers = index.setdefault(key, [one])
            if len(bearers) < (FREQUENT if key[0] in "nsr" else HOT):
                near.update(bearers)
            bearers.append(number)
        compared += len(near)
        for other in near:
            found = compare(records[other], record)
            if found.guess if guess else found.answer is Answer.SAME:
                linked.add((other, number))
    return linked, compared


def score(linked: set[tuple[int, int]], clusters: list[str]) -> dict[str, float]:
    """Return precision, recall and F1 over pairs."""
    true = sum(count * (count - 1) // 2 for count in Counter(clusters).values())
    hit = sum(clusters[one] == clusters[other] for one, other in linked)
    precision, recall = hit / max(1, len(linked)), hit / max(1, true)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(1e-9, precision + recall)}


def main(arguments: list[str]) -> int:
    """Link, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("population", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    begin = time.perf_counter()
    records, clusters = profiles(options.population)
    linked, compared = link(records)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    run: dict[str, Any] = {
        "records": len(records),
        "compared": compared,
        "seconds": seconds,
        "peak_mb": peak,
        **score(linked, clusters),
    }
    if options.json:
        options.json.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    print(  # noqa: T201
        f"{run['records']:,} records, {compared:,} pairs compared, {seconds:.1f} s, {peak} MB: "
        f"precision {run['precision']:.4f}, recall {run['recall']:.4f}, F1 {run['f1']:.4f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
