"""The spell writer's library: what is declared is what there is, in every engine, and bridges add to it."""

from __future__ import annotations

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import Bridge, expose, exposed_methods
from llmspell_core.engine import Feature
from llmspell_core.library import LIBRARY
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

ENGINES = [name for name in plugins.engine_names() if Feature.LIBRARY in plugins.engine_class(name).info.features]
LISTS = {
    "lua": "local l = list{} for k, v in pairs(%s) do if type(v) == 'function' then l[#l + 1] = k end end return l",
    "javascript": "return Object.keys(%s).filter(name => typeof %s[name] === 'function')",
}


def spell_of(name: str, source: str) -> Spell:
    return Spell.text(source, file=f"spell{plugins.engine_class(name).info.extensions[0]}")


def names_of(module: type[Bridge], engine: str) -> set[str]:
    return {plugins.engine_class(engine).binding_name(name.rstrip("_")) for name in exposed_methods(module)}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("module", LIBRARY, ids=lambda module: module.name)
def test_what_is_declared_is_what_there_is(module: type[Bridge], engine: str) -> None:
    source = LISTS[plugins.engine_class(engine).info.language].replace("%s", module.name)
    with Runner(bridges={}, isolation="inline") as runner:
        result = runner.cast(spell_of(engine, source), engine=engine)
    assert result.error is None, result.error
    # In Lua `core` is also what stands for its parts; they are no functions.
    assert set(result.value) == names_of(module, engine)


class ExtraBridge(Bridge):
    """Adds to a module of the library, and tries to take one of its names."""

    name = "data"

    @expose
    def clone(self, value: object) -> str:
        """Never called."""
        return "the bridge's"

    @expose
    def from_host(self, value: object) -> object:
        """Return the value."""
        return value


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bridge_of_the_same_name_adds_its_methods(engine: str) -> None:
    if plugins.engine_class(engine).info.language == "lua":
        source = "return {data.clone({1}), data.from_host(2), data.chunk({1, 2}, 1)}"
    else:
        source = "return [data.clone([1]), await data.fromHost(2), data.chunk([1, 2], 1)]"
    with Runner(bridges={"data": ExtraBridge}, isolation="inline") as runner:
        result = runner.cast(spell_of(engine, source), engine=engine)
    assert result.error is None, result.error
    assert result.value == [[1], 2, [[1], [2]]]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_library_is_there_in_a_locked_process(engine: str) -> None:
    source = {
        "lua": "local ch = channel.new(1) ch:send(core.trim(' a ')) return {ch:receive(), errors.safe(error, 1)}",
        "javascript": "const ch = channel.new(1); await ch.send(core.trim(' a ')); return [await ch.receive(), "
        "await errors.safe(() => { throw 1 }, 1)]",
    }[plugins.engine_class(engine).info.language]
    with Runner() as runner:
        result = runner.cast(spell_of(engine, source), engine=engine)
    assert result.error is None, result.error
    assert result.value == ["a", 1]
