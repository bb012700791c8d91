"""Inputs that look like the real thing, with something wrong in them: hypothesis strategies that end in bytes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

words = st.sampled_from(
    ["call", "tell", "return", "throw", "finish", "fail", "release", "start", "resolve", "reject", "invoke", "forget",
     "cancel", "$", "int", "float", "bytes", "function", "handle", "error", "map", "kind", "message", "cause", "data",
     "line", "file", "traceback", "host", "print", "sleep", "probe", "echo", "limit", "syntax", "incomplete"]
)  # fmt: skip
numbers = st.integers() | st.sampled_from([-1, 0, 1, 2**53, 2**63 - 1, -(2**63), 2**64, 10**400]) | st.floats()
leaves = st.none() | st.booleans() | numbers | st.text(st.characters(), max_size=6) | words
junk: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(words | st.text(max_size=3), inner, max_size=4),
    max_leaves=15,
)
_texts = st.sampled_from(["0", "9007199254740993", "1e999", "nan", "inf", "-0.0", "AAA=", "%%", "1_0"]) | st.text(
    max_size=8
)
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | st.tuples(st.sampled_from(["int", "float", "bytes"]), _texts | inner).map(lambda tag: {"$": list(tag)})
        | st.tuples(st.just("function"), numbers).map(lambda tag: {"$": list(tag)})
        | st.tuples(st.just("handle"), numbers, inner, inner).map(lambda tag: {"$": list(tag)})
        | st.tuples(st.just("map"), st.lists(st.tuples(inner, inner).map(list), max_size=3)).map(lambda t: {"$": list(t)})
        | st.tuples(st.just("error"), inner).map(lambda tag: {"$": list(tag)})
    ),
    max_leaves=15,
)  # fmt: skip
errors: st.SearchStrategy[Any] = st.recursive(
    st.fixed_dictionaries(
        {"kind": words | junk, "message": st.text(max_size=5) | junk},
        optional={"data": values, "file": junk, "line": numbers | junk, "traceback": junk},
    ),
    lambda inner: st.fixed_dictionaries({"kind": words, "message": st.text(max_size=5), "cause": inner | junk}),
    max_leaves=4,
)
_ids = st.integers(0, 4) | numbers | junk
_targets = st.sampled_from(["host", "probe", "nobody", 0, 1]) | junk
_methods = (
    st.sampled_from(["echo", "each", "fail", "counter", "numbers", "incr", "next", "sleep", "print", "cancel"]) | junk
)
_args = st.lists(values, max_size=3) | values
requests = st.one_of(
    st.tuples(st.just("call"), _ids, _targets, _methods, _args),
    st.tuples(st.just("tell"), _targets, _methods, _args),
    st.tuples(st.just("return"), _ids, values),
    st.tuples(st.just("throw"), _ids, errors),
    st.tuples(st.just("finish"), values),
    st.tuples(st.just("fail"), errors),
    st.tuples(st.just("release"), st.lists(_ids, max_size=3) | junk),
    st.lists(junk, max_size=5).map(tuple),
).map(list)
events = st.one_of(
    st.tuples(st.just("start"), values, numbers | junk, st.lists(words, max_size=2) | junk),
    st.tuples(st.just("resolve"), _ids, values),
    st.tuples(st.just("reject"), _ids, errors),
    st.tuples(st.just("invoke"), _ids, _ids, _args),
    st.tuples(st.just("forget"), st.lists(_ids, max_size=3) | junk),
    st.tuples(st.just("cancel"), st.text(max_size=4) | junk),
    st.lists(junk, max_size=5).map(tuple),
).map(list)
outboxes = st.lists(requests, max_size=4)
inboxes = st.tuples(numbers | junk, st.lists(events, max_size=4)).map(list)
failures = st.fixed_dictionaries(
    {"kind": words | junk, "message": st.text(max_size=5) | junk},
    optional={"limit": words | junk, "allowed": numbers | junk, "file": words | junk, "line": numbers | junk},
)


def as_json(value: Any) -> bytes:
    """Write a value as JSON, whatever is in it."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def lines(rows: list[Any]) -> bytes:
    """Write values as lines of JSON."""
    return b"\n".join(map(as_json, rows))


def text(value: str) -> bytes:
    """Write a text, surrogates and all."""
    return value.encode("utf-8", "surrogatepass")
