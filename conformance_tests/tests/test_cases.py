from __future__ import annotations

import re
from pathlib import Path

import pytest
from llmspell_conformance import cases
from llmspell_conformance.cases import CASES, Case, CaseError

ALL = cases.load_all()
DOCS = Path(__file__).parents[2] / "docs"
each_case = pytest.mark.parametrize("case", ALL, ids=[case.name for case in ALL])


def anchors() -> set[str]:
    """Return the rules that the documents have, as cases cite them."""
    if not (DOCS / "values.md").is_file():
        pytest.skip("the documents are in the repository only")
    texts = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("values.md", "protocol.md")}
    return {f"{name}#{anchor}" for name, text in texts.items() for anchor in re.findall(r"\{#([\w-]+)\}", text)}


def test_every_rule_is_checked_by_a_case() -> None:
    assert anchors() - {rule for case in ALL for rule in case.rules} == set()


def test_every_rule_that_a_case_cites_exists() -> None:
    assert {rule for case in ALL for rule in case.rules} - anchors() == set()


def test_the_suite_is_large() -> None:
    assert len(ALL) >= 60
    assert sum(len(case.rows) for case in ALL) >= 250


def test_no_two_cases_have_one_title() -> None:
    assert len({case.title for case in ALL}) == len(ALL)


@each_case
def test_a_title_is_a_claim(case: Case) -> None:
    assert re.fullmatch(r"(?!.*\b(should|test)\b)[a-zA-Z].{14,110}[^.]", case.title)


@each_case
@pytest.mark.parametrize("extension", [".lua", ".js"])
def test_a_spell_is_short(case: Case, extension: str) -> None:
    spell = (CASES / case.name / f"spell{extension}").read_text(encoding="utf-8")

    assert len(spell.splitlines()) <= 10
    assert max(map(len, spell.splitlines())) <= 120


def write(folder: Path, text: str) -> Path:
    """Write a case file."""
    folder.mkdir()
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return path


HEAD = "title: t\nrule: values.md#nil\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title: t\nrows: []\n", "'rule'"),
        (HEAD + "rows: [{name: a}]\n", "one outcome"),
        (HEAD + "rows: [{name: a, value: 1, limit: calls}]\n", "one outcome"),
        (HEAD + "rows: [{name: a, value: 1}, {name: a, value: 2}]\n", "one name"),
        (HEAD + "rows: [{name: a, valeu: 1}]\n", "unknown: valeu"),
        (HEAD + "rows: [{name: a, error: {sort: odd}}]\n", "sort"),
        (HEAD + "rows: [{name: a, exchange: [{in: []}]}]\n", "`out` or `raises`"),
        (HEAD + "rows: [{name: a, value: 1, limits: {speed: 1}}]\n", "speed"),
        (HEAD + "requires: [wings]\nrows: []\n", "wings"),
        (HEAD + "requisite: []\nrows: []\n", "unknown: requisite"),
    ],
)
def test_a_case_file_that_is_wrong_is_refused_with_its_name(tmp_path: Path, text: str, problem: str) -> None:
    path = write(tmp_path / "odd-case", text)

    with pytest.raises(CaseError, match="case 'odd-case': ") as caught:
        cases.load(path)

    assert problem in str(caught.value)


def test_nil_is_an_outcome_like_any_other(tmp_path: Path) -> None:
    case = cases.load(write(tmp_path / "nil", HEAD + "rows: [{name: a, value: null}]\n"))

    assert case.rows[0].expected.value is None
    assert case.rows[0].expected.outcomes == 1
