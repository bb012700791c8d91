from __future__ import annotations

from llmspell_lua.luacheck import luacheckrc

from llmspell_core.stubs import Api, Method, Module, Named


def method(name: str, *aliases: str) -> Method:
    return Method(name, aliases, "", (), (), Named("nil"))


def lines(*methods: Method) -> list[str]:
    api = Api((Module("talk", "", methods),), (), ())
    return [line.strip() for line in luacheckrc(api).splitlines()]


def test_a_bridge_has_exactly_its_methods_and_their_aliases():
    assert 'talk = {fields = {"say", "shout", "tell"}},' in lines(method("tell", "say"), method("shout"))


def test_the_globals_are_those_of_a_session():
    known = lines()
    streams = "stderr = {other_fields = true}, stdout = {other_fields = true}"
    assert f'io = {{fields = {{"flush", {streams}, "type", "write"}}}},' in known
    assert "print = {fields = {}}," in known
    assert "params = {other_fields = true}," in known
    assert not any(line.startswith(("dofile =", "loadfile =")) for line in known)


def test_what_only_one_of_the_luas_has_is_known_too():
    known = "\n".join(lines())
    assert '"bxor"' in known, "LuaJIT's bit library"
    assert '"packsize"' in known, "string.packsize of Lua 5.4"
