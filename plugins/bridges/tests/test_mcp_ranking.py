"""How well the words of a query are found."""

from __future__ import annotations

import pytest
from llmspell_bridges.mcp.declarations import declarations
from llmspell_bridges.mcp.ranking import Query

from llmspell_core.policy import Policy


def test_words_count_where_they_begin_a_word_most_of_all_in_a_name():
    query = Query("the orders")
    assert query.rank("shop.ordered", "Keep an order.") == 5
    assert query.rank("shop.keep", "Keep an order.") == 1
    assert query.rank("border.record", "Draw a border.") == 0


@pytest.mark.parametrize("query", ["use_provider", "useProvider", "provider"])
def test_a_name_is_found_as_any_language_writes_it(query):
    assert Query(query).rank("llm.use_provider", "") == 4
    assert Query(query).rank_of_code("declare function useProvider(): void;") == 4


def test_half_of_the_words_in_what_is_said_of_something_are_not_enough():
    query = Query("kitchen order")
    assert query.rank("core.sort", "Return a list in order.") == 0
    assert query.rank("core.sort", "Return what a kitchen cooks, in order.") == 2
    assert query.rank_of_code("/** In order of asking. */\ndeclare const promise: {\n  readonly all: X;\n};") == 0


@pytest.mark.parametrize("engine", ["js", "lua"])
def test_what_fits_best_comes_first_and_what_hardly_fits_does_not_come(engine, run):
    def found(query):
        return run(declarations(query, engine, Policy.standard()))

    assert found("kitchen order") == "nothing is found; try other words, or none"
    both = found("template")
    name = {"js": "declare const {}:", "lua": "function {}."}[engine]
    assert both.index(name.format("workflow")) < both.index(name.format("core"))
    assert name.format("promise") not in both
