"""YAML text, read by PyYAML with its safe tags alone: nothing in a text can make an object."""

from __future__ import annotations

from functools import cache
from typing import Any

from llmspell_bridges.data.bounds import MAX_VALUES
from llmspell_bridges.data.failures import NotReadable
from llmspell_core.errors import ConversionError, LimitExceeded
from llmspell_core.values import MAX_DEPTH

__all__ = ["read", "write"]


def read(text: str) -> Any:
    """Return the value of a text of one document; times stay text, and keys are text as they are written."""
    import yaml

    loader = _loader()
    try:
        _look_over(yaml, text, loader)
        return yaml.load(text, loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ": ".join(part for part in (error.context, error.problem) if part)
        raise _not_yaml(problem, mark) from None
    except yaml.reader.ReaderError as error:
        raise NotReadable("yaml", f"the character {error.character!r} may not stand in it") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotReadable("yaml", str(error) or type(error).__name__) from None


def write(value: Any, *, pretty: bool) -> str:
    """Return the text of a value, an item or a field on each line: YAML has this one way."""
    import yaml

    try:
        text = str(yaml.dump(value, Dumper=_dumper(), allow_unicode=True, sort_keys=False, default_flow_style=False))
    except yaml.YAMLError as error:
        raise ConversionError(f"YAML has no form for it: {error}") from None
    # What follows a scalar that stands alone.
    return f"{text[:-5]}\n" if text.endswith("\n...\n") else text


def _look_over(yaml: Any, text: str, loader: Any) -> None:
    """Pass over a text that is not too deep; reading it is recursive, and looking at its events is not."""
    depth = 0
    for events, event in enumerate(yaml.parse(text, loader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _not_yaml(f"it nests deeper than {MAX_DEPTH} levels", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if events > 2 * MAX_VALUES:
            raise _too_much()


def _not_yaml(problem: str, mark: Any) -> NotReadable:
    return NotReadable("yaml", problem, mark.line + 1 if mark else None, mark.column + 1 if mark else None)


def _too_much() -> LimitExceeded:
    return LimitExceeded("data_values", MAX_VALUES, f"the YAML holds more than {MAX_VALUES} values; read it in parts")


@cache
def _loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # made where it is needed
        """Reads what a spell can have: text for times, text for keys."""

        def flatten_mapping(self, node: Any) -> None:
            """Merge what ``<<`` names; merging merged maps doubles them each time."""
            super().flatten_mapping(node)
            if len(node.value) > MAX_VALUES // 50:
                raise _too_much()

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
            self.flatten_mapping(node)
            made = {}
            for key, item in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.constructor.ConstructorError(None, None, "a map's key must be text", key.start_mark)
                made[key.value] = self.construct_object(item, deep=True)
            return made

        def construct_yaml_map(self, node: Any) -> Any:
            made: dict[str, Any] = {}
            yield made
            made.update(self.construct_mapping(node))

        def construct_yaml_set(self, node: Any) -> Any:
            made: list[str] = []
            yield made
            made.extend(self.construct_mapping(node))

        def construct_pairs(self, node: Any) -> Any:
            """Return ``!!omap`` and ``!!pairs`` as the list of maps that they are written as."""
            made: list[Any] = []
            yield made
            made.extend(self.construct_sequence(node, deep=True))

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
        for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_constructor("tag:yaml.org,2002:map", Loader.construct_yaml_map)
    Loader.add_constructor("tag:yaml.org,2002:set", Loader.construct_yaml_set)
    Loader.add_constructor("tag:yaml.org,2002:omap", Loader.construct_pairs)
    Loader.add_constructor("tag:yaml.org,2002:pairs", Loader.construct_pairs)
    return Loader


@cache
def _dumper() -> Any:
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # made where it is needed
        """Writes each part where it appears, and text that a reader might take for a time in quotes."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    return Dumper
