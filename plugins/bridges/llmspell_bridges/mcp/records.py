"""What spells get from servers of the Model Context Protocol, as plain records."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

# What spells pass is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

from llmspell_core.values import ScriptValue  # noqa: TC001 - read where calls are checked

__all__ = [
    "McpAbout",
    "McpArgument",
    "McpMessage",
    "McpPart",
    "McpPrompt",
    "McpResource",
    "McpResult",
    "McpServerRecord",
    "McpTool",
    "content_part",
    "plain",
    "resource_part",
]


class McpServerRecord(TypedDict):
    """A server that the caller has configured.

    :param kind: ``program`` or ``url``
    """

    name: str
    kind: str
    description: str


class McpAbout(TypedDict, total=False):
    """What a server says of itself.

    :param instructions: how to use it, for models
    :param offers: ``tools``, ``resources`` and ``prompts``, as far as it has them
    """

    name: str
    version: str
    instructions: str
    offers: list[str]


class McpTool(TypedDict, total=False):
    """A tool of a server.

    :param server: which server it is of
    :param schema: what its arguments have to fit
    :param output_schema: what its structured result fits
    :param annotations: hints of the server, as ``destructiveHint``; not to be relied on
    """

    name: str
    server: str
    title: str
    description: str
    schema: dict[str, ScriptValue]
    output_schema: dict[str, ScriptValue]
    annotations: dict[str, ScriptValue]


class McpPart(TypedDict, total=False):
    """A part of what a server answers.

    :param type: ``text``, ``image``, ``audio``, ``resource`` or ``resource_link``
    :param data: of an image, a sound, or a resource that is no text
    """

    type: str
    text: str
    data: bytes
    mime_type: str
    uri: str
    name: str


class McpResult(TypedDict):
    """What a tool returned.

    :param text: all its text, a line for each part
    :param structured: its structured result, or nil
    """

    text: str
    content: list[McpPart]
    structured: ScriptValue


class McpResource(TypedDict, total=False):
    """Something that a server lets one read."""

    uri: str
    name: str
    title: str
    description: str
    mime_type: str
    size: int


class McpArgument(TypedDict, total=False):
    """An argument of a prompt."""

    name: str
    description: str
    required: bool


class McpPrompt(TypedDict, total=False):
    """A prompt that a server offers."""

    name: str
    title: str
    description: str
    arguments: list[McpArgument]


class McpMessage(TypedDict):
    """A message of a prompt."""

    role: str
    content: McpPart


def plain(model: Any, *names: str, **renamed: str) -> dict[str, Any]:
    """Return fields of a model of the library that are set.

    :param renamed: fields by what they are called here
    """
    fields = {name: getattr(model, name) for name in names} | {
        name: getattr(model, own) for name, own in renamed.items()
    }
    return {name: value for name, value in fields.items() if value is not None}


def content_part(block: Any) -> dict[str, Any]:
    """Return a block of content as a part; :raises ValueError: when its data is not in base64."""
    if block.type == "text":
        return {"type": "text", "text": block.text}
    if block.type in ("image", "audio"):
        return {"type": block.type, "data": b64decode(block.data, validate=True), "mime_type": block.mime_type}
    if block.type == "resource":
        return {**resource_part(block.resource), "type": "resource"}
    return {"type": "resource_link", **plain(block, "uri", "name", "mime_type")}


def resource_part(contents: Any) -> dict[str, Any]:
    """Return the contents of a resource as a part."""
    made = {"type": "resource", **plain(contents, "uri", "mime_type")}
    if hasattr(contents, "text"):
        return made | {"text": contents.text}
    return made | {"data": b64decode(contents.blob, validate=True)}
