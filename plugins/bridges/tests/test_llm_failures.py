from __future__ import annotations

import pytest
from llmspell_bridges.llm.failures import redact

from llmspell_core.secrets import Secrets


@pytest.fixture
def secrets():
    made = Secrets()
    made.add("hunter2-hunter2")
    return made


@pytest.mark.parametrize(
    "secret", ["hunter2-hunter2", "sk-proj-abc_DEF-123456", "AIzaSyA1234567890", "gsk_1234567890ab"]
)
def test_neither_the_key_nor_what_looks_like_one_is_shown(secrets, secret):
    assert redact(f"bad key {secret}!", secrets) == "bad key ***!"


def test_words_are_left_alone(secrets):
    text = "skeletonization, sky-high, task-oriented_programming"
    assert redact(text, secrets) == text
