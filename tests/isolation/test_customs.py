"""Whatever text a worker sends: it is an outbox of script values, or an error of llmspell's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmspell_core.errors import LlmspellError, ProtocolError
from llmspell_core.isolation.customs import Customs, read_layers
from llmspell_core.protocol import Call, Fail, Finish, Inbox, Invoke, Outbox, Ran, Release, Return, Tell, Throw
from llmspell_core.values import ErrorValue, Function, HandleRef, lower
from llmspell_core.wire import encode_outbox

ERROR = ErrorValue("k", "m", {"a": [Function(1), b"\xff"]}, ErrorValue("inner", "n"), "f.lua", 3, "trace")
HONEST = Outbox(
    (
        Call(1, "probe", "echo", [1, {"$": 2**60}, Function(3)]),
        Call(5, 7, "next", []),
        Tell("host", "print", ["text\n"]),
        Return(1, HandleRef(4, "Chat", True)),
        Throw(2, ERROR),
        Release((1, 2)),
        Ran("main.lua", (1, 20)),
        Fail(ERROR, from_session=True),
    )
)
requests_by_name = ["call", "tell", "return", "throw", "finish", "fail", "release", "ran"]
names = st.sampled_from([*requests_by_name, "$", "int", "map", "error"])
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5) | names
)  # lone surrogates among the characters
junk = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
requests = st.lists(st.tuples(names, junk, junk, junk, junk).map(list) | st.lists(junk, max_size=5), max_size=3)


def _never(value: object, path: str) -> Any:
    raise AssertionError(f"{value!r} at {path} is no script value")


def test_an_honest_outbox_passes_unchanged() -> None:
    customs = Customs({"main.lua": 20})
    customs.sent(Inbox(0.0, (Invoke(1, 1, []), Invoke(2, 1, []))))
    assert customs.outbox(encode_outbox(HONEST)) == HONEST


def test_an_invocation_is_answered_once() -> None:
    customs = Customs()
    customs.sent(Inbox(0.0, (Invoke(1, 1, []),)))
    customs.outbox('[["return",1,5]]')
    with pytest.raises(ProtocolError, match="invocation 1"):
        customs.outbox('[["return",1,5]]')


@pytest.mark.parametrize(
    "told",
    [
        '["ran","other.lua",[1]]',
        '["ran","main.lua",[0]]',
        '["ran","main.lua",[1,21]]',
        '["ran","main.lua",[1.5]]',
        '["ran","main.lua",[true]]',
        '["ran","main.lua","12"]',
        '["ran","main.lua",7]',
        '["ran",["main.lua"],[1]]',
        '["ran","main.lua",[{"$":["int","1"]},1e400]]',
    ],
)
def test_lines_that_a_file_does_not_have_never_pass(told: str) -> None:
    with pytest.raises(ProtocolError):
        Customs({"main.lua": 20}).outbox(f"[{told}]")


def test_lines_that_nobody_asked_for_never_pass() -> None:
    with pytest.raises(ProtocolError, match="nobody asked"):
        Customs().outbox('[["ran","main.lua",[1]]]')


def test_a_call_number_is_never_used_twice() -> None:
    customs = Customs()
    customs.outbox('[["call",4,"a","b",[]]]')
    with pytest.raises(ProtocolError, match="number 3"):
        customs.outbox('[["call",3,"a","b",[]]]')


@pytest.mark.parametrize("within", ["-1", "true", "[1]", '"1"', "1.5", "null"])
def test_a_call_is_made_within_an_invocation_or_none(within: str) -> None:
    with pytest.raises(ProtocolError, match="no invocation"):
        Customs().outbox(f'[["call",1,"a","b",[],{within}]]')


@given(requests | junk)
def test_any_text_is_an_outbox_of_script_values_or_an_error(said: Any) -> None:
    try:
        outbox = Customs().outbox(json.dumps(said))
    except LlmspellError:
        return
    for request in outbox.requests:
        assert type(request) in (Call, Tell, Finish, Fail, Release)
        lower([getattr(request, name) for name in ("args", "value", "error") if hasattr(request, name)], _never)


@given(st.text() | junk.map(json.dumps))
def test_any_text_tells_layers_or_is_an_error(said: str) -> None:
    try:
        assert all(isinstance(value, str) for value in read_layers(said).values())
    except ProtocolError:
        return
