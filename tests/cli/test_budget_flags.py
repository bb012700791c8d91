"""``--max-requests``, ``--max-tokens``, ``--max-cost``, and how a budget is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.bridge import Bridge, expose

if TYPE_CHECKING:
    from collections.abc import Callable


class Spender(Bridge):
    """Spend."""

    name = "spender"

    @expose
    def spend(self) -> None:
        """Spend a request of four tokens and an eighth of a dollar."""
        self.context.purse.reserve(1, 2, 2, 0.125).settle(2, 2, 0.125)


@pytest.fixture(autouse=True)
def _spender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmspell_core.plugins.bridge_names", lambda: ["spender"])
    monkeypatch.setattr("llmspell_core.plugins.bridge_class", lambda name: Spender)


@pytest.fixture
def greedy(spell: Callable[..., Any]) -> Any:
    """A spell that spends three times."""
    return spell("for i in range(3): yield call('spender', 'spend')")


@pytest.mark.parametrize(
    ("flag", "value", "what", "left"),
    [
        ("--max-requests", "2", "requests", {"requests": 0, "tokens": None, "cost": None}),
        ("--max-tokens", "9", "tokens", {"requests": None, "tokens": 1, "cost": None}),
        ("--max-cost", "0.3", "cost", {"requests": None, "tokens": None, "cost": pytest.approx(0.05)}),
    ],
)
def test_a_spent_budget_ends_the_spell_with_its_own_status(
    document: Any, greedy: Any, flag: str, value: str, what: str, left: Any
) -> None:
    told = document("run", greedy, flag, value)
    assert (told["status"], told["error"]["kind"], told["error"]["data"]["what"]) == (6, "budget", what)
    assert told["usage"] == {"requests": 2, "input_tokens": 4, "output_tokens": 4, "cost": 0.25}
    assert told["budget"] == left


def test_a_document_says_what_is_left_of_a_budget_that_sufficed(document: Any, greedy: Any) -> None:
    assert document("run", greedy, "--max-requests", "5")["budget"] == {"requests": 2, "tokens": None, "cost": None}
    assert document("run", greedy)["budget"] == {"requests": None, "tokens": None, "cost": None}


def test_people_are_told_what_was_spent(llmspell: Any, greedy: Any) -> None:
    told = llmspell("run", greedy, "--max-requests", "1").stderr
    assert "budget of 1 requests would be passed" in told
    assert "allow more with --max-requests" in told
    assert told.endswith("  spent: 1 requests, 4 tokens, $0.125\n")


@pytest.mark.parametrize("words", [("--max-requests", "-1"), ("--max-tokens", "1.5"), ("--max-cost", "much")])
def test_a_budget_that_is_none_is_wrong_usage(llmspell: Any, greedy: Any, words: tuple[str, str]) -> None:
    assert llmspell("run", greedy, *words).exit_code == 2
