"""What is known of models is told offline, from both languages."""

from __future__ import annotations

import pytest
from llmspell_bridges.llm.records import TokenCounts
from llmspell_bridges.modelinfo import catalog, choice
from llmspell_bridges.modelinfo.bridge import ModelInfoBridge

from llmspell_core.errors import BadArgument, CallError
from llmspell_core.runner import Runner

LUA = """
local m, made = modelinfo, {}
made.list = #m.list{provider = "openai"} > 20 and #m.list{capability = "embedding"} > 5
made.get = m.get("openai:gpt-4o-mini").context_window
made.find = #m.find{provider = "anthropic", supports = {"tools"}, limit = 2}
made.compare = m.compare({"openai:gpt-4o", "openai:gpt-4o-mini"}).cheapest
made.cheapest = m.cheapest{provider = "openai", min_context = 100000, supports = {"tools"}}.provider
made.largest = m.largest_context{provider = "google"}.context_window >= 1000000
made.recommend = #m.recommend("code")
made.cost = m.cost("gpt-4o-mini", {input_tokens = 1000, output_tokens = 500})
return made
"""
JS = """
const m = modelinfo, made = {}
made.list = (await m.list({ provider: "openai" })).length > 20 && (await m.list({ capability: "embedding" })).length > 5
made.get = (await m.get("openai:gpt-4o-mini")).context_window
made.find = (await m.find({ provider: "anthropic", supports: ["tools"], limit: 2 })).length
made.compare = (await m.compare(["openai:gpt-4o", "openai:gpt-4o-mini"])).cheapest
made.cheapest = (await m.cheapest({ provider: "openai", minContext: 100000, supports: ["tools"] })).provider
made.largest = (await m.largestContext({ provider: "google" })).context_window >= 1000000
made.recommend = (await m.recommend("code")).length
made.cost = await m.cost("gpt-4o-mini", { input_tokens: 1000, output_tokens: 500 })
return made
"""


@pytest.fixture
def modelinfo(context):
    return ModelInfoBridge(context())


@pytest.mark.parametrize(("engine", "source"), [("lua", LUA), ("js", JS)])
def test_every_method_is_called_from_both_languages(engine, source):
    with Runner(isolation="inline") as runner:
        made = runner.cast(source, engine=engine).unwrap()
    assert made == {
        "list": True,
        "get": 128_000,
        "find": 2,
        "compare": "openai:gpt-4o-mini",
        "cheapest": "openai",
        "largest": True,
        "recommend": 3,
        "cost": pytest.approx(0.00045),
    }


def test_a_name_that_many_offer_is_its_makers(modelinfo):
    assert modelinfo.get("gpt-4o")["provider"] == "openai"
    assert modelinfo.get("claude-sonnet-4-5")["provider"] == "anthropic"
    assert modelinfo.get("gpt-4o-mini-2024-07-18")["id"] == "openai:gpt-4o-mini"


def test_an_unknown_name_is_told_with_the_nearest(modelinfo):
    with pytest.raises(CallError, match=r"'openai:gpt-4o-minni'; did you mean 'openai:gpt-4o-mini'"):
        modelinfo.get("openai:gpt-4o-minni")
    with pytest.raises(BadArgument, match=r"'opnai' is not known; there are .*openai"):
        modelinfo.list(provider="opnai")


def test_every_known_model_makes_a_record():
    for entry in catalog.entries():
        record = entry.record()
        assert record["id"] == f"{entry.provider.id}:{entry.model.id}"
        assert catalog.find(record["id"]).provider is entry.provider


def test_found_models_are_as_wanted_and_the_cheapest_first(modelinfo):
    found = modelinfo.find(supports=["tools", "image_input"], min_context=200_000, max_cost=20.0)
    costs = [model["prices"]["input"] + (model["prices"]["output"] or 0.0) for model in found]
    assert costs == sorted(costs)
    assert costs[-1] <= 20
    assert all(model["context_window"] >= 200_000 and not model["deprecated"] for model in found)
    assert all({"tools", "image_input"} <= set(model["capabilities"]) for model in found)
    assert modelinfo.cheapest(supports=["tools", "image_input"], min_context=200_000) == found[0]
    assert modelinfo.cheapest(min_context=10**12) is None
    assert len(modelinfo.find(deprecated=True)) > len(modelinfo.find())


def test_a_comparison_says_who_is_cheapest_and_what_they_share(modelinfo):
    compared = modelinfo.compare(["openai:gpt-4o-mini", "claude-sonnet-4-5"])
    assert [model["provider"] for model in compared["models"]] == ["openai", "anthropic"]
    assert compared["cheapest"] == "openai:gpt-4o-mini"
    assert compared["largest_context"] == "anthropic:claude-sonnet-4-5"
    assert "tools" in compared["shared"]
    with pytest.raises(BadArgument, match="is empty"):
        modelinfo.compare([])


@pytest.mark.parametrize("task", choice.TASKS)
def test_a_recommendation_fits_its_task(modelinfo, task):
    wanted, _ = choice.TASKS[task]
    for advice in modelinfo.recommend(task):
        model = advice["model"]
        assert set(wanted.get("supports", ())) <= set(model["capabilities"])
        assert (model["context_window"] or 0) >= wanted.get("min_context", 0)
        assert "costs $" in advice["reason"]


def test_providers_that_can_be_called_now_are_recommended_first():
    found = choice.recommended("tools", {"openai", "anthropic"}, {"anthropic"})
    assert {entry.provider.id for entry, _ in found} == {"anthropic"}


def test_a_cost_is_nil_where_no_price_is_known(modelinfo):
    unpriced = next(entry for entry in catalog.entries() if choice.price(entry) is None)
    assert modelinfo.get(unpriced.id)["prices"]["input"] is None
    assert modelinfo.cost(unpriced.id, TokenCounts(1000, 1000)) is None
    assert modelinfo.cost("openai:gpt-4o-mini", TokenCounts(1_000_000, 0)) == pytest.approx(0.15)
