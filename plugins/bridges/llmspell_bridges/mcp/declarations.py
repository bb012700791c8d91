"""Declarations of what spells can call, those that words are found in, written in a language by its engine."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from llmspell_core import plugins
from llmspell_core.apidoc import read_api
from llmspell_core.engine import Feature
from llmspell_core.errors import PluginError
from llmspell_core.library import LIBRARY
from llmspell_core.stubs import (
    Api,
    FunctionOf,
    HandleApi,
    IteratorOf,
    ListOf,
    MapOf,
    Method,
    Module,
    Named,
    Record,
    Type,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from llmspell_core.bridge import Bridge
    from llmspell_core.policy import Policy

__all__ = ["declarations"]

_MOST = 8
_EVERYWHERE = ("a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to", "with")


async def declarations(query: str, engine: str, policy: Policy) -> str:
    """Return what is found, best first, or an overview of all when nothing is asked for.

    :param policy: methods that it never allows are left out, servers that it allows are asked for their tools
    """
    from llmspell_bridges.mcp.connected import connected_tools

    known = plugins.engine_class(engine)
    library = LIBRARY if Feature.LIBRARY in known.info.features else ()
    api = _granted(read_api([*_bridges(), *library]), policy)
    words = [word for word in query.lower().split() if word not in _EVERYWHERE]
    if not words:
        return _overview(api, known.binding_name)
    records, problems = await connected_tools(policy)
    ranked = sorted(_ranked(api, words), key=lambda row: -row[0])[:_MOST]
    # A method of many records that has but one of the words would hide those that are meant.
    chosen = {(module, method) for rank, module, method in ranked if rank * 3 > ranked[0][0]}
    tools = [record for record in records if _rank(words, record.name, record.doc)][:_MOST]
    found = _part(api, chosen, tools)
    text = _written(engine, found, words) or "nothing is found; try other words, or none"
    return "\n".join([text, *problems])


def _bridges() -> list[type[Bridge]]:
    found: dict[type[Bridge], None] = {}
    for name in plugins.bridge_names():
        try:
            found[plugins.bridge_class(name)] = None
        except PluginError:
            continue  # `llmspell plugins` tells of it; the others work
    return list(found)


def _granted(api: Api, policy: Policy) -> Api:
    """Return the api without the methods that need what is granted in no case."""
    kinds = {rule.kind for rule in policy.grants}

    def is_granted(method: Method) -> bool:
        return "*" in kinds or all(need.partition(":")[0] in kinds for need in method.needs)

    modules = (replace(m, methods=tuple(filter(is_granted, m.methods))) for m in api.modules)
    return replace(api, modules=tuple(module for module in modules if module.methods))


def _overview(api: Api, binding_name: Callable[[str], str]) -> str:
    def row(module: Module) -> str:
        about = module.doc.partition("\n")[0]
        names = dict.fromkeys(binding_name(each.name) for each in module.methods)
        return f"{binding_name(module.name)}: {about} ({', '.join(names)})"

    return "\n".join(map(row, api.modules))


def _ranked(api: Api, words: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield rank, module and method of whatever has the words, in itself or in the methods of what it returns."""
    handles = {handle.name: handle for handle in api.handles}
    for module in api.modules:
        for method in module.methods:
            rank = _rank(
                words, f"{module.name}.{' '.join((method.name, *method.aliases))}", f"{module.doc} {method.doc}"
            )
            for name in _names(method.result):
                rank += (
                    sum(_rank(words, each.name, each.doc) for each in handles[name].methods) if name in handles else 0
                )
            if rank:
                yield rank, module.name, method.name


def _rank(words: list[str], name: str, doc: str) -> int:
    return sum(4 * (word in name.lower()) + (word in doc.lower()) for word in words)


def _part(api: Api, chosen: set[tuple[str, str]], tools: list[Record]) -> Api:
    """Return the chosen methods with all records and handles that they lead to."""
    modules = [
        replace(module, methods=tuple(method for method in module.methods if (module.name, method.name) in chosen))
        for module in api.modules
    ]
    modules = [module for module in modules if module.methods]
    known: dict[str, Record | HandleApi] = {record.name: record for record in api.records}
    known |= {handle.name: handle for handle in api.handles}
    reached: dict[str, Record | HandleApi] = {}
    todo = [name for module in modules for name in _names_of(module.methods)]
    while todo:
        name = todo.pop()
        if name not in known or name in reached:
            continue
        each = reached[name] = known[name]
        todo += (
            _names_of(each.methods) if isinstance(each, HandleApi) else (n for f in each.fields for n in _names(f.type))
        )
    records = [each for each in reached.values() if isinstance(each, Record)]
    handles = [each for each in reached.values() if isinstance(each, HandleApi)]
    return Api(tuple(modules), tuple(handles), (*records, *tools))


def _names_of(methods: Iterable[Method]) -> Iterator[str]:
    for method in methods:
        yield from _names(method.result)
        for parameter in (*method.params, *method.options):
            yield from _names(parameter.type)


def _names(kind: Type) -> Iterator[str]:
    """Yield the names in a type."""
    if isinstance(kind, Named):
        yield kind.name
    elif isinstance(kind, (ListOf, MapOf, IteratorOf)):
        yield from _names(kind.item)
        if isinstance(kind, IteratorOf) and kind.handle:
            yield kind.handle
    elif isinstance(kind, FunctionOf | Union):
        inner = (*kind.params, kind.result) if isinstance(kind, FunctionOf) else kind.options
        for each in inner:
            yield from _names(each)


def _written(engine: str, api: Api, words: list[str]) -> str:
    """Return declarations as the engine writes them; of what the language itself has, what the words are found in."""
    written, bare = (_lines(plugins.engine_class(engine).declare(each)) for each in (api, Api((), (), ())))
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(written, bare, strict=False)))
    own = [(_rank(words, "", block), block) for block in "\n".join(written[:common]).split("\n\n")]
    best = sorted((each for each in own if each[0]), key=lambda each: -each[0])[:_MOST]
    return "\n\n".join([*(block for _, block in best), "\n".join(written[common:])]).strip()


def _lines(files: dict[str, str]) -> list[str]:
    return next(text for name, text in files.items() if not name.endswith(".json")).splitlines()
