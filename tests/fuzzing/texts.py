"""What people write: manifests, front matter, parameters, capabilities, the words of a command line."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import click
from hypothesis import strategies as st

from llmspell_core import frontmatter, manifests, parameters
from llmspell_core.cli.given import parameters as given
from llmspell_core.cli.permissions import Permissions
from llmspell_core.cli.run import command as run
from llmspell_core.cli.wishes import Wishes
from llmspell_core.errors import LlmspellError, ManifestError, UsageError
from llmspell_core.policy import Policy, Rule, flag
from llmspell_core.spells import Manifest
from tests.fuzzing import shapes
from tests.fuzzing.target import Target


def manifest(data: bytes) -> None:
    """Whatever the front matter of a spell says: a manifest that takes parameters or refuses them, or its error."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(ManifestError):
        frontmatter.find(text, "spell.lua")
    try:
        read = manifests.read(text, "spell.yaml")
    except ManifestError:
        return
    for values in ({}, {"name": "x"}, {"name": 3, "a": [], "other": None}):
        with contextlib.suppress(UsageError):
            parameters.check(read, values)
    with contextlib.suppress(LlmspellError):
        Policy.strict().allow(*read.permissions)


def policy(data: bytes) -> None:
    """Whatever rules and wishes there are: a decision or an error, a denial wins, and a grant covers what it names."""
    text = data.decode("utf-8", "replace")
    rule, _, wanted = text.partition("\n")
    with contextlib.suppress(LlmspellError):
        for exact in (wanted, rule):
            Rule.exactly(exact)
            flag(exact)
    try:
        granting, denying = Policy.strict().allow(rule), Policy.trusted().deny(rule)
    except UsageError:
        return
    with contextlib.suppress(LlmspellError):
        granted, denied = granting.decide(wanted), denying.decide(wanted)
        assert not (granted.allowed and denied.allowed), f"{rule!r} grants {wanted!r} and does not deny it"
        assert not Policy.strict().decide(wanted).allowed
    with contextlib.suppress(LlmspellError):
        asked = Rule.exactly(wanted)
        assert Policy.strict().allow_exactly(wanted).decide(wanted).allowed or not asked.scope


def command(data: bytes) -> None:
    """Whatever words follow: parameters or a usage error; what was read is JSON."""
    words = data.decode("utf-8", "replace").split("\n")
    document = words[0].lstrip("@") if len(words) % 2 else None
    try:
        read = given(_DECLARED, words[1:], document)
    except LlmspellError:
        return
    json.dumps(read)
    with contextlib.suppress(UsageError):
        parameters.check(_DECLARED, read)


def words(data: bytes) -> None:
    """Whatever words `llmspell run` is given, they are understood or refused before anything is done."""
    args = data.decode("utf-8", "replace").replace("\0", "").split("\n")
    refusals = (click.ClickException, click.exceptions.Exit, UsageError)
    with (
        contextlib.suppress(*refusals),
        contextlib.redirect_stdout(io.StringIO()),
        run.make_context("run", args) as context,
    ):
        wishes = Wishes(**{name: value for name, value in context.params.items() if name != "spell"})
        Permissions(Policy.profile(wishes.policy), wishes.rules, wishes.permission_sets, _DECLARED, None, prompt=False)


_SCHEMAS: tuple[dict[str, Any], ...] = (
    {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "array"}, {"type": "object"},
    {"type": ["integer", "null"]}, {"enum": ["a", 1]}, {},
)  # fmt: skip
_DECLARED = Manifest(parameters={chr(ord("a") + i): schema for i, schema in enumerate(_SCHEMAS)})

_FIELDS = ("name", "description", "version", "entry", "engine", "parameters", "required", "permissions", "limits",
           "model", "type", "default", "enum", "$ref", "pattern", "items", "properties", "allOf")  # fmt: skip
_scalars = st.sampled_from(
    ["yes", "true", "1", "1.5", "~", "2026-01-01", "0x1f", "*a", "&a", "!!binary x", "!!python/name:os.system",
     "!!set {a}", "!!omap []", "<<: {a: 1}", "? [a]", "'", '"', "[", "{", "|", ">", "%YAML 1.1", "---", "...",
     "string", "integer", "[a, b]", "{type: string}", "{type: integer, default: 3}", "(a+)+$", "net:*", "#/$defs/x"]
) | st.text(max_size=8)  # fmt: skip
_field = st.tuples(st.sampled_from(["", "  ", "- ", "    "]), st.sampled_from(_FIELDS) | _scalars, _scalars).map(
    lambda f: f"{f[0]}{f[1]}: {f[2]}"
)
_yaml = st.lists(_field | _scalars, max_size=8).map("\n".join)
_front = _yaml.map(
    lambda text: "-- ---\n" + "\n".join(f"-- {line}" for line in text.split("\n")) + "\n-- ---\nreturn 1"
)

_kinds = st.sampled_from(["net", "read", "write", "env", "run", "llm", "state", "mcp", "db", "*", ""]) | st.text(
    max_size=4
)
_scopes = st.sampled_from(
    ["", "*", "*.example.com", "example.com:443", "https://example.com/x", "[::1]:80", "::1", "10.0.0.1", "[", "]:", ":",
     "a@b", "ex\u00e4mple.com", "xn--a", "./x", "../x", "/", "~", "~nobody", "//x", "a/b", "x" * 300, "openai:*",
     "openai/gpt", "//[", "http://[::1", "http://a:99999999"]
) | st.text(max_size=12)  # fmt: skip
_capability = st.tuples(_kinds, st.sampled_from([":", "", "::"]), _scopes).map("".join)
_rules = st.tuples(_capability, _capability).map("\n".join) | _capability.map(lambda each: f"{each}\n{each}")

_text = st.sampled_from(
    ["1", "-1", "1e999", "true", "null", "[", "[1]", "{}", "9" * 30, "NaN", "\ud800", '"\\ud800"', "0x1"]
)
_pair = st.tuples(
    st.sampled_from([*"abcdefgh", "", "x", ":"]), st.sampled_from(["=", ":=", ""]), _text | st.text(max_size=6)
)
_pairs = st.lists(_pair.map("".join) | st.text(max_size=6), max_size=5).map("\n".join)
_flags = st.sampled_from(
    ["--allow-net", "--allow-net=a,,b,c", "--deny-read", "--allow", "db:x", "--policy", "strict", "--timeout", "1", "--model",
     "-p", "a=1", "--params", "{}", "--", "-", "spell.lua", "--no-prompt", "--isolation", "inline", "--help", "-x", "--allow-="]
)  # fmt: skip
_line = st.lists(_flags | st.text(max_size=6), max_size=6).map("\n".join)

TARGETS = (
    Target(
        "manifest", manifest, (_yaml | _front).map(shapes.text), (*(f"{name}: " for name in _FIELDS), "-- ---\n", "!!")
    ),
    Target("policy", policy, _rules.map(shapes.text), ("net:", "read:", "llm:", "*.", "https://", "[::1]:", "~")),
    Target("params", command, _pairs.map(shapes.text), (":=", "a=", "b:=", "true", "null")),
    Target("flags", words, _line.map(shapes.text), ("--allow-net", "--deny-read=", "--params\n", "-p\n")),
)
