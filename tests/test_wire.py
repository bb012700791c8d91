"""wire.py: every message and value survives its text form."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmspell_core import wire
from llmspell_core.errors import ProtocolError
from llmspell_core.protocol import (
    Call,
    Cancel,
    Fail,
    Finish,
    Forget,
    Inbox,
    Invoke,
    Outbox,
    Ran,
    Reject,
    Release,
    Resolve,
    Return,
    Start,
    Tell,
    Throw,
)
from llmspell_core.values import ErrorValue, Function, HandleRef

ERROR = ErrorValue("k", "m", {"a": b"\xff"}, ErrorValue("inner", "n"), "f.lua", 3, "trace")
EVENTS = (
    Start({"a": 1, "$": [2**60]}, 5, ("llm", "log")),
    Resolve(1, [None, {"x": 1.5}]),
    Reject(2, ERROR),
    Invoke(1, 7, [Function(7), HandleRef(3, "Chat", True)]),
    Forget((1, 2)),
    Cancel("why"),
)
REQUESTS = (
    Call(1, "llm", "chat", ["hi", {"temperature": 0.2}]),
    Call(2, 7, "next", []),
    Call(3, "fs", "read", ["x"], 4),
    Tell("host", "print", ["text\n"]),
    Return(1, b""),
    Throw(1, ERROR),
    Finish(math.inf),
    Fail(ERROR),
    Fail(ERROR, from_session=True),
    Release((1, 2)),
    Ran("lib/words.lua", (1, 7)),
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


def test_every_event_survives() -> None:
    inbox = Inbox(1.25, EVENTS)
    assert wire.decode_inbox(wire.encode_inbox(inbox)) == inbox


def test_every_request_survives() -> None:
    outbox = Outbox(REQUESTS)
    assert wire.decode_outbox(wire.encode_outbox(outbox)) == outbox


@given(values)
def test_any_value_survives(value: Any) -> None:
    text = wire.encode_outbox(Outbox((Finish(value),)))
    assert wire.decode_outbox(text).requests == (Finish(value),)


def test_nan_and_the_sign_of_zero_survive() -> None:
    (finish,) = wire.decode_outbox(wire.encode_outbox(Outbox((Finish([math.nan, -0.0]),)))).requests
    assert isinstance(finish, Finish)
    assert math.isnan(finish.value[0])
    assert math.copysign(1, finish.value[1]) == -1


def test_a_plain_inbox_is_written_without_looking() -> None:
    text = wire.encode_inbox(Inbox(0.0, (Resolve(1, {"a": ["é"]}),), plain=True))
    assert text == '[0.0,[["resolve",1,{"a":["é"]}]]]'


def test_text_that_looks_like_a_tag_is_no_tag() -> None:
    value = ['{"$":["int","1"]}', '"$":', {'a"$': 1}]
    assert wire.decode_outbox(wire.encode_outbox(Outbox((Finish(value),)))).requests == (Finish(value),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[[]]",
        "[3]",
        '[["shout",1]]',
        '[["call",1]]',
        '[["finish",{"$":["sound",1]}]]',
        '[["finish",{"$":3}]]',
        '[["fail",null]]',
        "[" * 100_000,
    ],
)
def test_text_that_is_no_outbox_is_a_protocol_error(text: str) -> None:
    with pytest.raises(ProtocolError):
        wire.decode_outbox(text)


@pytest.mark.parametrize("text", ["[]", "[1.0,[[]]]", '[1.0,[["begin"]]]', '[1.0,[["start",{}]]]'])
def test_text_that_is_no_inbox_is_a_protocol_error(text: str) -> None:
    with pytest.raises(ProtocolError):
        wire.decode_inbox(text)
