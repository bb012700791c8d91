"""The model ``demo``: it needs no key and no network, knows nothing, and says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.models import (
    FinishReason,
    Message,
    Model,
    PreparedStream,
    Reply,
    Settings,
    Tool,
    ToolCall,
    Vectors,
    estimate_tokens,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

__all__ = ["DemoModel"]

_PAUSE = 0.01
_STEPS = 5000
"""The most parts of an answer that is made by a schema."""
_CHUNK = re.compile(r"\S+\s*")
_WORD = re.compile(r"[^\W\d_][\w'-]{3,}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_QUOTED = re.compile(r"[\"“'`]([^\"”'`]+)[\"”'`]")
_COMMON_WORDS = """
    about after also answer because been before briefly does each every explain five from give have hello here
    into just like list love make more most must only other over please sentence sentences shall should some tell
    than that their them then there these they this three through under very want were what when where which while
    will with word words would write your
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_OPENINGS = (
    "I am the demo model of llmspell: I know nothing, but I do like {topic}.",
    "I am the demo model of llmspell. A real model would know about {topic}; I only arrange words.",
    "I am the demo model of llmspell, and this is practice text on {topic}.",
)
_SENTENCES = (
    "People who look at {topic} {long} begin to see {other} in it.",
    "The {quality} thing about {topic} is how little it asks of {other}.",
    "Between {topic} and {other} there is room for {a_quality} idea.",
    "Start with {topic}, keep it {quality}, and let {other} follow.",
    "Nobody remembers who first put {topic} next to {other}, but it was {a_quality} day.",
    "{topic} comes first, {other} comes second, and a cup of tea comes third.",
    "If {topic} seems {quality}, look again {long}.",
)
_QUALITIES = ("quiet", "curious", "honest", "simple", "bright", "patient", "useful", "small")
_TIMES = ("for a while", "in the morning", "without hurry", "twice", "from afar")
_COMPANIONS = ("the weather", "good company", "a long walk", "plain words", "the sea", "an open window")


class DemoModel(Model):
    """Makes the same pleasant sentences for the same conversation and seed."""

    name = "demo"

    def __init__(self, pause: float | None = None) -> None:
        self._pause = _PAUSE if pause is None else pause

    async def request(self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()) -> Reply:
        """Return a call of the tool that the last message names, or some sentences on what it is about."""
        return _reply(messages, settings, tools)[0]

    async def stream(
        self, messages: Sequence[Message], settings: Settings, tools: Sequence[Tool] = ()
    ) -> PreparedStream:
        """Return the same, word by word."""
        return PreparedStream(*_reply(messages, settings, tools), self._pause)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of 64 numbers, the same for the same text; those of texts that share words are near."""
        from llmspell_bridges.llm.vectors import vector

        asked = sum(map(estimate_tokens, texts))
        return Vectors(text="", model="demo", input_tokens=asked, cost=0.0, vectors=tuple(map(vector, texts)))

    def keeps(self, schema: Mapping[str, Any]) -> bool:
        """Tell that it answers by any schema."""
        return True

    def price(self, input_tokens: int, output_tokens: int) -> float:
        """Return nothing: the demo is free."""
        return 0.0


def _reply(messages: Sequence[Message], settings: Settings, tools: Sequence[Tool]) -> tuple[Reply, list[str]]:
    asked = sum(estimate_tokens(message.content) for message in messages)
    tool = _named(tools, messages)
    if tool is not None:
        call = ToolCall(f"call_{len(messages)}", tool.name, _arguments(tool.schema, messages[-1].content))
        return Reply("", "demo", (call,), asked, 1, 0.0, finish_reason="tool_calls"), []
    if settings.schema is not None:
        formed = _formed(messages, settings)
        return Reply(formed, "demo", (), asked, estimate_tokens(formed), 0.0), [formed]
    text, reason = _stopped(_text(messages, settings.seed), settings.stop), "stop"
    chunks = _CHUNK.findall(text)
    if settings.max_tokens is not None and len(chunks) > settings.max_tokens:
        chunks, reason = chunks[: settings.max_tokens], "length"
    finish: FinishReason = "length" if reason == "length" else "stop"
    return Reply("".join(chunks), "demo", (), asked, len(chunks), 0.0, finish_reason=finish), chunks


def _named(tools: Sequence[Tool], messages: Sequence[Message]) -> Tool | None:
    if not messages or messages[-1].role != "user":
        return None
    words = set(re.findall(r"[\w.-]+", messages[-1].content))
    return next((tool for tool in tools if tool.name in words or f"{tool.name}." in words), None)


def _random(messages: Sequence[Message], seed: int | None) -> Random:
    from random import Random

    # A text as seed gives the same sequence in every process and Python version.
    return Random("\n".join([str(seed), *(f"{message.role}: {message.content}" for message in messages)]))


def _formed(messages: Sequence[Message], settings: Settings) -> str:
    import json

    from llmspell_bridges.llm.sample import sample
    from llmspell_core.schemas.steps import TooCostly, bounded

    words = _topics(messages[-1].content if messages else "")
    try:
        with bounded(_STEPS):
            return json.dumps(sample(settings.schema, _random(messages, settings.seed), words), ensure_ascii=False)
    except (TooCostly, ValueError, OverflowError, RecursionError):
        return "I am the demo model of llmspell, and this schema is beyond me."


def _text(messages: Sequence[Message], seed: int | None) -> str:
    random = _random(messages, seed)
    last = messages[-1] if messages else Message("user")
    if last.role == "tool":
        return f"I am the demo model of llmspell. The tool answered: {last.content}"
    topics = _topics(last.content)
    said = [random.choice(_OPENINGS).format(topic=topics[0])]
    turn = sum(message.role == "user" for message in messages)
    if turn > 1:
        said.append(f"This is message {turn} of our conversation.")
    said += (_sentence(template, topics, random) for template in random.sample(_SENTENCES, 3))
    return " ".join(said)


def _topics(prompt: str) -> list[str]:
    words = dict.fromkeys(word.lower() for word in _WORD.findall(prompt))
    return [word for word in words if word not in _COMMON][:6] or ["silence"]


def _sentence(template: str, topics: list[str], random: Random) -> str:
    topic = random.choice(topics)
    quality = random.choice(_QUALITIES)
    made = template.format(
        topic=topic,
        other=random.choice([other for other in (*topics, *_COMPANIONS) if other != topic]),
        quality=quality,
        a_quality=f"{'an' if quality == 'honest' else 'a'} {quality}",
        long=random.choice(_TIMES),
    )
    return made[0].upper() + made[1:]


def _stopped(text: str, stop: tuple[str, ...]) -> str:
    ends = [text.find(mark) for mark in stop if mark and mark in text]
    return text[: min(ends)] if ends else text


def _arguments(schema: Mapping[str, Any], prompt: str) -> dict[str, Any]:
    """Return arguments that fit a tool's schema, taken from the prompt where it has some: quoted texts and numbers."""
    properties = schema.get("properties") or {}
    required = schema.get("required") or list(properties)
    texts, numbers = _QUOTED.findall(prompt), _NUMBER.findall(prompt)
    return {name: _argument(properties.get(name) or {}, prompt, texts, numbers) for name in required}


def _argument(schema: Mapping[str, Any], prompt: str, texts: list[str], numbers: list[str]) -> Any:
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if schema.get("enum"):
        return next((option for option in schema["enum"] if str(option) in prompt), schema["enum"][0])
    kind = schema.get("type", "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "integer":
            return int(float(numbers.pop(0))) if numbers else schema.get("minimum", 1)
        case "number":
            return float(numbers.pop(0)) if numbers else schema.get("minimum", 1.0)
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return _arguments(schema, prompt)
        case "null":
            return None
    return texts.pop(0) if texts else prompt
