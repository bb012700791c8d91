"""YAML as people write it for llmspell: no aliases, tags or dates, no key twice, only true and false are booleans."""

from __future__ import annotations

import re
from typing import Any

import yaml

__all__ = ["Loader"]


class Loader(yaml.SafeLoader):
    """Reads what stands in the text, and nothing that a few lines could make many of."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return a node; :raises yaml.MarkedYAMLError: for an alias or a tag."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs lack it
        # A few aliases cost a line each and may stand for gigabytes.
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(None, None, "aliases are not allowed; write the value out", event.start_mark)
        if getattr(event, "tag", None) is not None:
            problem = f"the tag {event.tag} is not allowed; leave it out"
            raise yaml.MarkedYAMLError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a map; :raises yaml.MarkedYAMLError: when a field is given twice, or its name is no text."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "the name of a field is text", key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"{key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        made = super().construct_mapping(node, deep)
        return {str(name): value for name, value in made.items()}


_LEFT_OUT = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag not in _LEFT_OUT]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
