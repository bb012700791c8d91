"""A job travels as plain JSON, and no worker gives it more than it has."""

from __future__ import annotations

import json

import pytest

from llmspell_core.budget import Budget
from llmspell_core.errors import ConversionError
from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.queue import BadJob, Cap, Job
from llmspell_core.queue.jobs import attributes
from llmspell_core.spells import Spell

FULL = Job(
    Spell.text(
        "-- ---\n-- name: greet\n-- parameters: {n: {type: integer}}\n-- ---\nreturn params.n", file="greet.lua"
    ),
    "lua",
    "default",
    {"n": 2**60, "bytes": b"\xff", "nan": float("inf"), "list": [None, {}]},
    Policy.standard().allow("net:api.example.com", "read:/data").deny("env").rate("net", 10, per=60),
    Limits(wall=3.5, memory=None),
    Budget(requests=3, cost=0.5),
    "openai:gpt-4o",
    7,
    "strict",
)


def test_a_job_comes_back_from_json_as_it_was() -> None:
    back = Job.from_data(json.loads(json.dumps(FULL.as_data())))
    assert back.as_data() == FULL.as_data()
    assert (back.spell.source, back.spell.manifest.parameters) == (FULL.spell.source, FULL.spell.manifest.parameters)
    for name in ("params", "policy", "limits", "budget", "model", "seed", "isolation", "engine", "queue"):
        assert getattr(back, name) == getattr(FULL, name)


def test_a_job_is_called_by_its_spell() -> None:
    assert attributes(FULL.as_data())["spell"] == "greet"
    assert attributes(Job(Spell.text("return 1", file="a.lua"), "lua", "default").as_data())["spell"] == "a.lua"


@pytest.mark.parametrize(
    "change", [{"job": 2}, {"policy": {}}, {"limits": {"walls": 1}}, {"params": "{"}, {"spell": None}]
)
def test_what_is_no_job_is_refused_with_the_cure(change: dict[str, object]) -> None:
    with pytest.raises(BadJob, match="submit it anew"):
        Job.from_data({**FULL.as_data(), **change})
    with pytest.raises(BadJob):
        Job.from_data(None)


def test_a_parameter_that_is_no_script_value_is_named() -> None:
    with pytest.raises(ConversionError, match=r"\$\.n"):
        Job(FULL.spell, "lua", "default", {"n": object()}).as_data()


def test_a_worker_caps_and_never_grants() -> None:
    cap = Cap(
        Policy.strict().allow("net:api.example.com", "run"), Limits(wall=10, memory=100), Budget(requests=9, tokens=5)
    )
    given = FULL.options(cap)
    policy = given["policy"]
    allowed = [
        what for what in ("net:api.example.com", "read:/data", "run:ls", "env:HOME") if policy.decide(what).allowed
    ]
    assert allowed == ["net:api.example.com"]
    assert (given["limits"].wall, given["limits"].memory) == (3.5, 100)
    assert given["budget"] == Budget(requests=3, tokens=5, cost=0.5)


def test_without_a_cap_a_job_has_what_it_was_granted() -> None:
    given = FULL.options(Cap())
    for what in ("net:api.example.com", "read:/data/x", "env:HOME", "run:ls", "state:run:a"):
        assert given["policy"].decide(what).allowed == FULL.policy.decide(what).allowed
    assert (given["limits"], given["budget"]) == (FULL.limits, FULL.budget)


@pytest.mark.parametrize(
    ("asked", "least", "place"),
    [
        (None, "process", "process"),
        ("inline", "process", "process"),
        ("strict", "process", "strict"),
        ("process", "inline", "process"),
    ],
)
def test_a_job_runs_in_the_safer_place(asked: str | None, least: str, place: str) -> None:
    assert Job(FULL.spell, "lua", "default", isolation=asked).place(least) == place
