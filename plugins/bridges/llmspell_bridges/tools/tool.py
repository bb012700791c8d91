"""What a tool is."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.tools.failures import BadName, TooWordy
from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from llmspell_bridges.guardrails.rails import Rail
    from llmspell_bridges.structured.schema import Schema

__all__ = ["Run", "Tool"]

Run: TypeAlias = Callable[[dict[str, Any]], Awaitable[Any]]
"""Does what a tool does, with arguments that fit its schema."""
_MOST_SAID = 10_000
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@fact
class Tool(Fact):
    """Something that can be called by name, with arguments that fit a schema.

    :param run: does it
    :param output: what its result has to fit
    :param timeout: seconds after which it is stopped
    :param permissions: the capabilities that a call needs, with arguments in braces: ``read:{path}``
    :param destructive: it changes what cannot be changed back
    :param requires_confirmation: each call has to be allowed, as that of a destructive one, by ``tool:NAME``
    :param rails: what the arguments and the result of each call have to keep
    :param built_in: it came with llmspell
    :param outward: what it does must not be done twice: it asks the world, and neither the spell nor other tools
    """

    name: str
    description: str
    schema: Schema
    run: Run
    version: str = "1.0.0"
    category: str = "general"
    tags: tuple[str, ...] = ()
    output: Schema | None = None
    timeout: float | None = None
    permissions: tuple[str, ...] = ()
    destructive: bool = False
    requires_confirmation: bool = False
    rails: tuple[Rail, ...] = ()
    built_in: bool = False
    outward: bool = False

    def checked(self) -> Tool:
        """Return the tool.

        :raises BadName: when model providers would refuse its name
        :raises TooWordy: when more is said of it than a model should read
        """
        if not _NAME.fullmatch(self.name):
            raise BadName(self.name)
        if sum(map(len, (self.description, self.version, self.category, *self.tags))) > _MOST_SAID:
            raise TooWordy(self.name, _MOST_SAID)
        return self

    @property
    def confirmed(self) -> bool:
        """True when each call needs the capability ``tool:NAME``."""
        return self.destructive or self.requires_confirmation

    def record(self) -> dict[str, Any]:
        """Return what spells see of it."""
        return {
            "name": self.name,
            "description": self.description,
            "version": self.version,
            "category": self.category,
            "tags": list(self.tags),
            "schema": self.schema.source,
            "output_schema": self.output.source if self.output is not None else None,
            "timeout": self.timeout,
            "permissions": list(self.permissions),
            "destructive": self.destructive,
            "requires_confirmation": self.requires_confirmation,
            "built_in": self.built_in,
        }

    def mcp(self) -> dict[str, Any]:
        """Return its description in the shape of the Model Context Protocol."""
        made = {
            "name": self.name,
            "description": self.description,
            "inputSchema": self.schema.source,
            "annotations": {"destructiveHint": self.destructive},
        }
        return made if self.output is None else made | {"outputSchema": self.output.source}
