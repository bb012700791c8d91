"""Controls: what spells may do works in every place, and an attack gets through where its layer is off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rig.canaries import SECRET, policy
from rig.corpus import ATTACKS, named
from rig.probe import bridges
from rig.trial import Seen, attempt, holds

from llmspell_core.limits import Limits
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rig.canaries import Canaries

pytestmark = pytest.mark.slow  # what takes a limit away has to be waited for

CLEAN = Seen("ok", "")
OPEN = Limits(wall=10.0, memory=1024 * 2**20, output=None, message=None, calls=None, concurrent_calls=None)
WORKS = {
    "lua": """assert(fs.read(params.open .. "/note") == "granted")
fs.write(params.open .. "/sub/" .. params.name, "written")
assert(fs.read(params.open .. "/sub/" .. params.name) == "written")
assert(env.get(params.open_variable) == "granted")
assert(probe.call(function() return probe.thing().number() end) == 7)
return "ok\"""",
    "js": """if (await fs.read(params.open + "/note") !== "granted") throw new Error("note")
await fs.write(params.open + "/sub/" + params.name, "written")
if (await fs.read(params.open + "/sub/" + params.name) !== "written") throw new Error("sub")
if (await env.get(params.open_variable) !== "granted") throw new Error("variable")
if (await probe.call(async () => (await probe.thing()).number()) !== 7) throw new Error("thing")
return "ok\"""",
}


@pytest.fixture(scope="module", params=["process", "inline"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    with Runner(isolation=request.param, bridges=bridges()) as made:
        yield made


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_spell_does_what_it_was_granted(runner: Runner, canaries: Canaries, engine: str) -> None:
    params = canaries.params | {"name": f"{engine}-{runner.isolation}"}
    assert runner.cast(WORKS[engine], engine=engine, params=params, policy=policy(canaries.params)).unwrap() == "ok"
    assert (canaries.open / "sub" / params["name"]).read_text() == "written"


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_granted_server_is_reached(runner: Runner, canaries: Canaries, engine: str) -> None:
    before = canaries.granted_server.connections
    attempt(runner, _redirected(engine), canaries.params, policy(canaries.params))
    assert canaries.granted_server.connections > before


@pytest.mark.parametrize("id", ["lua-360-fs-secret", "js-380-fs-secret", "lua-364-fs-links", "js-384-fs-links",
                                "lua-394-env", "js-410-env", "lua-370-fs-of-the-system",
                                "js-388-fs-of-the-system"])  # fmt: skip
def test_an_attack_on_the_policy_gets_through_where_everything_is_granted(
    runner: Runner, canaries: Canaries, id: str
) -> None:
    seen = attempt(runner, named(id), canaries.params, Policy.trusted())
    assert seen.came.startswith("'ESCAPE")
    with pytest.raises(AssertionError):
        holds(named(id), seen)


@pytest.mark.parametrize(
    "id", ["lua-380-net-canary", "js-396-net-canary", "lua-386-net-redirect", "js-402-net-redirect"]
)
def test_the_server_counts_an_attack_that_is_granted(runner: Runner, canaries: Canaries, id: str) -> None:
    before = canaries.server.connections
    allowed = policy(canaries.params).allow(f"net:127.0.0.1:{canaries.server.port}")
    seen = attempt(runner, named(id), canaries.params, allowed)
    assert canaries.server.connections > before
    assert SECRET in seen.said


def test_a_file_that_is_changed_is_seen(canaries: Canaries) -> None:
    secret = canaries.folder / "secret"
    secret.write_text("changed")
    assert canaries.changed() != []
    secret.write_text(SECRET)
    assert canaries.changed() == []


@pytest.mark.parametrize(
    ("id", "limit"),
    [
        ("lua-302-one-long-print", "output"),
        ("js-364-one-long-print", "output"),
        ("lua-310-hang-flood", "calls"),
        ("js-336-hang-flood", "calls"),
        ("lua-280-huge-key", "message"),
        ("js-310-huge-key", "message"),
        ("lua-322-long-answer", "message"),
        ("js-314-long-answer", "message"),
        ("lua-346-end-with-calls-in-flight", "wall"),
        ("js-356-end-with-calls-in-flight", "wall"),
    ],
)
def test_an_attack_on_a_limit_is_stopped_by_no_other(runner: Runner, canaries: Canaries, id: str, limit: str) -> None:
    attack = named(id)
    only = replace(OPEN, **{limit: getattr(attack.limits, limit)})
    seen = attempt(runner, attack, canaries.params, policy(canaries.params), only)
    assert f"'limit': '{limit}'" in seen.said
    without = attempt(runner, attack, canaries.params, policy(canaries.params), replace(OPEN, wall=0.5))
    assert limit == "wall" or f"'limit': '{limit}'" not in without.said


@pytest.mark.parametrize(
    "wrong",
    [
        {"came": "'ESCAPE x'"},
        {"came": "'something else'"},
        {"came": "crash"},
        {"came": "hang"},
        {"came": "protocol"},
        {"said": f"a traceback with {SECRET}"},
        {"said": "root:x:0:0:root"},
        {"growth": 2**30},
        {"next": False},
    ],
)
@pytest.mark.parametrize("expect", ["denied", "harmless", "limit"])
def test_the_judge_sees_what_is_wrong(expect: str, wrong: dict[str, Any]) -> None:
    attack = replace(ATTACKS[0], expect=expect)
    good = replace(CLEAN, came="limit") if expect == "limit" else CLEAN
    holds(attack, good)
    with pytest.raises(AssertionError):
        holds(attack, replace(good, **wrong))


def test_the_judge_sees_a_limit_that_comes_late_or_not_at_all() -> None:
    attack = replace(ATTACKS[0], expect="limit")
    for wrong in (replace(CLEAN, came="limit", late=5.0), CLEAN, replace(CLEAN, came="runtime")):
        with pytest.raises(AssertionError):
            holds(attack, wrong)


def _redirected(engine: str) -> Any:
    return named({"lua": "lua-386-net-redirect", "js": "js-402-net-redirect"}[engine])
