from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from llmspell_conformance import notation

from llmspell_core.values import ErrorValue


def load(folder: Path, text: str) -> Any:
    """Return what a YAML text means."""
    path = folder / "any.yaml"
    path.write_text(text, encoding="utf-8")
    return notation.load(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('!bytes "00 ff"', b"\x00\xff"),
        ('!bytes ""', b""),
        ("!error {kind: k, message: m, data: [1]}", ErrorValue("k", "m", [1])),
        (
            "!error {kind: k, message: m, cause: !error {kind: a, message: b}}",
            ErrorValue("k", "m", None, ErrorValue("a", "b")),
        ),
        ("!nest {list: 3}", [[[]]]),
        ("!nest {map: 2}", {"a": {}}),
        ("!repeat [3, ab]", "ababab"),
        ("!repeat [2, [1]]", [1, 1]),
        ("!count 3", [1, 2, 3]),
        ("[yes, no, on, off]", ["yes", "no", "on", "off"]),
        ("[true, false]", [True, False]),
        ("2026-11-20", "2026-11-20"),
        ("9223372036854775808", 2**63),
        (r'"\ud800"', "\ud800"),
    ],
)
def test_a_notation_means_a_value(tmp_path: Path, text: str, value: Any) -> None:
    found = load(tmp_path, text)

    assert found == value
    assert type(found) is type(value)


def test_minus_zero_keeps_its_sign(tmp_path: Path) -> None:
    assert math.copysign(1, load(tmp_path, "-0.0")) == -1
