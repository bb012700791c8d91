"""A child of a spell never has more than its caller, in every language and wherever it runs."""

import asyncio

import pytest
from llmspell_bridges.env.bridge import EnvBridge
from llmspell_bridges.fs.bridge import FsBridge

from llmspell_core.bridge import Bridge, expose
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner


class Spells(Bridge):
    """Cast spells and grant them everything."""

    name = "spells"

    @expose
    async def cast(self, source: str, engine: str) -> str:
        """Return the kind of error that a spell ends with, or what it returns."""
        result = await self.context.cast(source, engine=engine, policy=Policy.trusted())
        return result.error.kind if result.error else str(result.value)


CASTER = {
    "lua": "return spells.cast(params.source, params.engine)",
    "js": "return await spells.cast(params.source, params.engine)",
}
CHILD = {
    "lua": {
        "a": "return fs.read('a.txt')",
        "b": "return fs.read('b.txt')",
        "up": "return fs.read('a.txt/../b.txt')",
        "env": "return env.get('HOME')",
        "write": "fs.write('a.txt', 'x')",
        "caught": "local ok, e = pcall(fs.read, 'b.txt') return e.kind",
    },
    "js": {
        "a": "return await fs.read('a.txt')",
        "b": "return await fs.read('b.txt')",
        "up": "return await fs.read('a.txt/../b.txt')",
        "env": "return await env.get('HOME')",
        "write": "await fs.write('a.txt', 'x')",
        "caught": "try { await fs.read('b.txt') } catch (e) { return e.kind }",
    },
}


@pytest.mark.parametrize("isolation", ["inline", "process"])
@pytest.mark.parametrize("inner", ["lua", "js"])
@pytest.mark.parametrize("outer", ["lua", "js"])
def test_a_child_never_has_more_than_its_caller(outer, inner, isolation, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(name)
    bridges = {"spells": Spells, "fs": FsBridge, "env": EnvBridge}
    policy = Policy.strict().allow("read:a.txt")

    async def told():
        async with Runner(bridges=bridges, policy=policy, isolation=isolation) as runner:
            for name, source in CHILD[inner].items():
                params = {"source": source, "engine": inner}
                yield name, (await runner.acast(CASTER[outer], engine=outer, params=params)).unwrap()

    async def gathered():
        return dict([row async for row in told()])

    assert asyncio.run(gathered()) == {
        "a": "a",
        "b": "denied",
        "up": "denied",
        "env": "denied",
        "write": "denied",
        "caught": "denied",
    }
    assert (tmp_path / "a.txt").read_text() == "a"
