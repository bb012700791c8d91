"""What the host holds of what spells hand over is bounded for each run."""

from __future__ import annotations

import tracemalloc

import pytest
from llmspell_bridges.llm import held
from llmspell_bridges.llm.held import Held, weight
from llmspell_bridges.llm.models import Message

from llmspell_core.errors import LimitExceeded
from llmspell_core.runner import Runner


class Owner:
    pass


def test_what_is_held_is_bounded_and_what_is_dropped_makes_room():
    account = Held(1000)
    one, other = Owner(), Owner()
    account.note(one, "x" * 600)
    with pytest.raises(LimitExceeded, match="have them forget, or drop some"):
        account.note(other, "x" * 600)
    account.note(one, "x" * 100)
    account.note(other, "x" * 600)
    del other
    account.note(one, "x" * 700)
    one.itself = one
    del one
    account.note(kept := Owner(), "x" * 900)
    assert account.total == weight(("x" * 900,))
    account.note(kept)
    assert account.total == weight(())


def test_who_holds_too_much_may_hold_less_though_not_little():
    account, owner = Held(1000), Owner()
    account.note(owner, "x" * 900)
    account._most = 100
    account.note(owner, "x" * 800)
    with pytest.raises(LimitExceeded):
        account.note(owner, "x" * 801)


def test_texts_count_wherever_they_are():
    message = Message("user", "x" * 100)
    for value in ("x" * 100, b"x" * 100, ["x" * 100], {"x" * 100: None}, {"a": ("x" * 100,)}, message, [[message]]):
        assert 100 <= weight(value) < 800, value


def test_what_counts_is_the_memory_taken():
    assert weight("\N{CRYSTAL BALL}" * 1000) >= 4000
    tracemalloc.start()
    made = [{"n": float(n)} for n in range(1000)]
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert weight(made) >= taken * 0.9


LUA = {
    "agents": "for i = 1, 100 do agent.create{name = 'a' .. i, system = big .. i} end",
    "copies": "local a = agent.create{name = 'a', system = big} for i = 1, 100 do a:clone{name = 'b' .. i} end",
    "sessions": "local all = {} for i = 1, 100 do all[i] = llm.chat_session{system = big .. i} end",
    "one session": "local one = llm.chat_session() for i = 1, 100 do one:send(big .. i) end",
    "one agent": "local one = agent.create{memory = 'full'} for i = 1, 100 do one:run(big .. i) end",
    "one conversation": "local one = agent.create():conversation() for i = 1, 100 do one:send(big .. i) end",
    "tools": "for i = 1, 100 do tools.define('t' .. i, 'd', {title = big .. i}, function() end) end",
}
JS = {
    "agents": "for (let i = 0; i < 100; i++) await agent.create({ name: 'a' + i, system: big + i });",
    "sessions": "const all = []; for (let i = 0; i < 100; i++) all.push(await llm.chatSession({ system: big + i }));",
    "one session": "const one = await llm.chatSession(); for (let i = 0; i < 100; i++) await one.send(big + i);",
    "tools": "for (let i = 0; i < 100; i++) await tools.define('t' + i, 'd', { title: big + i }, () => 1);",
}


@pytest.mark.parametrize(
    ("engine", "source"),
    [
        *(pytest.param("lua", f"local big = ('x'):rep(20000) {each}", id=f"lua {name}") for name, each in LUA.items()),
        *(pytest.param("js", f"const big = 'x'.repeat(20000); {each}", id=f"js {name}") for name, each in JS.items()),
    ],
)
def test_a_spell_has_the_host_hold_no_more_than_so_much(engine, source, monkeypatch):
    monkeypatch.setattr(held, "MOST", 200_000)
    with Runner(model="demo", options={"llm": {"demo_pause": 0}}, isolation="inline") as runner:
        error = runner.cast(source, engine=engine).error
    assert error.data["limit"] == "held"
    assert "hold more than" in str(error)


@pytest.mark.parametrize(
    ("engine", "source"),
    [
        ("lua", "for i = 1, 40 do agent.create{name = 'a', system = ('x'):rep(20000)} agent.remove('a') end"),
        ("lua", "local one = llm.chat_session() for i = 1, 40 do one:send(('x'):rep(20000)) one:clear() end"),
        ("js", "for (let i = 0; i < 40; i++) await tools.define('t', 'd', { title: 'x'.repeat(20000) }, () => 1);"),
    ],
)
def test_what_is_dropped_is_held_no_more(engine, source, monkeypatch):
    monkeypatch.setattr(held, "MOST", 200_000)
    with Runner(model="demo", options={"llm": {"demo_pause": 0}}, isolation="inline") as runner:
        assert runner.cast(source, engine=engine).error is None
