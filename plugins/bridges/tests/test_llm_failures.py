from __future__ import annotations

import pytest
from llmspell_bridges.llm.failures import redact


@pytest.mark.parametrize("secret", ["hunter2", "sk-proj-abc_DEF-123456", "AIzaSyA1234567890", "gsk_1234567890ab"])
def test_neither_the_key_nor_what_looks_like_one_is_shown(secret):
    assert redact(f"bad key {secret}!", "hunter2", None) == "bad key ***!"


def test_words_are_left_alone():
    text = "skeletonization, sky-high, task-oriented_programming"
    assert redact(text, "") == text
