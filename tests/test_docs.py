"""The documents cannot lag behind the product: what a user can type or see is named in them."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from shared_rules import casefacts
from shared_rules.casefacts import CaseFact
from shared_rules.casefile import read_cases
from shared_rules.casejudge import judge
from shared_rules.data import table
from shared_rules.policy import shipped
from shared_rules.regulation import CLAUSE_IDS
from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(point.name for point in entry_points(group="xianhou.commands"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_named_in_the_readme(command: str) -> None:
    """A command nobody can find does not exist."""
    assert f"xianhou {command}" in README or f"run.py {command}" in README


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_both_languages(command: str, language: str) -> None:
    """Help is a promise of what the command does, in the reader's language, without touching anything."""
    run = [sys.executable, "-m", "kiosk.cli", f"--lang={language}", command, "--help"]
    answer = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "Usage:" in answer.stdout
    assert bool(re.search(r"[\u4e00-\u9fff]", answer.stdout)) == (language == "zh"), answer.stdout


def test_the_readme_shows_only_pictures_and_files_that_exist() -> None:
    """A broken picture is the first thing a visitor sees."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def test_the_changelog_has_an_unreleased_part() -> None:
    """What a user can see is written down before it is released."""
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_regulation_is_paraphrased_and_complete() -> None:
    """Each clause has a title and our own words in both languages."""
    for clause in table("regulation.toml")["clause"]:
        assert clause["zh"]
        assert clause["en"]


def test_the_example_of_the_case_format_is_judged_as_it_says() -> None:
    """A document's example is run, so that it cannot lie."""
    text = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    (case,) = read_cases(example, policy=shipped)
    assert judge(case).met


def test_every_fact_is_in_the_table_of_the_case_format() -> None:
    """Who writes cases looks there."""
    text = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
    kinds = [kind for kind in vars(casefacts).values() if isinstance(kind, type) and issubclass(kind, CaseFact)]
    for kind in kinds:
        tag = str(kind.__struct_config__.tag)
        if tag.islower():
            assert f"`{tag}`" in text, tag


REGULATION = (ROOT / "docs" / "regulation.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+) .*?$(.*?)(?=^## |\Z)", REGULATION, flags=re.MULTILINE | re.DOTALL))


def test_the_page_of_the_regulation_is_as_the_code_would_write_it() -> None:
    """A generated page that lags is a page that lies."""
    check = [sys.executable, "-m", "cogapp", "--check", "docs/regulation.md", "docs/evidence.md"]
    subprocess.run(check, check=True, cwd=ROOT, capture_output=True)


@pytest.mark.parametrize("clause", CLAUSE_IDS)
def test_every_link_of_a_clause_finds_what_it_names(clause: str) -> None:
    """Reading, keys, functions, cases: the line that a link points at holds the thing."""
    section = SECTIONS[clause]
    links = re.findall(r"\[`?([^`\]]+)`?\]\(([^)#]+)#([^)]+)\)", section)
    kinds = {Path(target).name for _, target, _ in links}
    assert "readings.md" in kinds
    assert any(name.endswith(".py") for name in kinds)
    assert any("/cases/" in target for _, target, _ in links)
    for name, target, place in links:
        lines = (ROOT / "docs" / target).read_text(encoding="utf-8").splitlines()
        if target == "readings.md":
            assert f"## {name}" in lines
            assert place == name.replace(".", "")
            continue
        found = lines[int(place.removeprefix("L")) - 1]
        if target.endswith(".py"):
            assert found.startswith(f"def {name}(")
        elif "/cases/" in target:
            assert found == "[[case]]"
            assert lines[int(place.removeprefix("L"))] == f'id = "{name}"'
        elif name == "precedence.beats":
            assert found == "[precedence.beats]"
        else:
            assert found.startswith(f"{name.partition('.')[2]} =")


def test_every_key_of_the_policy_stands_in_the_page() -> None:
    """No number is left without the clause that it belongs to."""
    for name, (_, values) in shipped().tables().items():
        for key in values:
            assert f"`{name}.{key}`" in REGULATION
