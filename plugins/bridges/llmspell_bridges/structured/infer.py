"""The schema that examples suggest."""

from __future__ import annotations

from typing import Any

from llmspell_bridges.missing import LibraryMissing
from llmspell_core.errors import CallError

__all__ = ["inferred"]


def inferred(examples: list[Any]) -> dict[str, Any]:
    """Return the narrowest schema that the library finds for all of the examples."""
    try:
        from genson import SchemaBuilder, SchemaGenerationError
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "tools") from None
    builder = SchemaBuilder(schema_uri=None)
    try:
        for example in examples:
            builder.add_object(example)
    except SchemaGenerationError as error:
        raise CallError(f"a schema speaks of nil, booleans, numbers, text, lists and maps alone: {error}") from error
    made: dict[str, Any] = builder.to_schema()
    return made
