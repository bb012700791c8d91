"""Declarations of what spells can call, those that words are found in, written in a language by its engine."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar

from llmspell_bridges.mcp.ranking import Query
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
_NOTHING = Api((), (), ())
_T = TypeVar("_T")


async def declarations(text: str, engine: str, policy: Policy) -> str:
    """Return what is found, best first, or an overview of all when nothing is asked for.

    :param policy: methods that it never allows are left out, servers that it allows are asked for their tools
    """
    from llmspell_bridges.mcp.connected import connected_tools

    known = plugins.engine_class(engine)
    library = LIBRARY if Feature.LIBRARY in known.info.features else ()
    api = _granted(read_api([*_bridges(), *library]), policy)
    if not (query := Query(text)):
        return _overview(api, known.binding_name)
    connected, problems = await connected_tools(policy)
    methods = _best((rank, (module, method)) for rank, module, method in _ranked(api, query))
    tools = _best((query.rank(record.name, record.doc), record) for record in connected)
    own = _best((query.rank_of_code(block), block) for block in _own(engine))
    # What has but one of the words, and many records, would hide what is meant.
    least = max((rank for rank, _ in (*methods, *tools, *own)), default=0) / 3
    found = _part(api, [each for rank, each in methods if rank > least], [each for _, each in tools])
    parts = [*(block for rank, block in own if rank > least), _written(engine, found)]
    return "\n".join(["\n\n".join(filter(None, parts)) or "nothing is found; try other words, or none", *problems])


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


def _ranked(api: Api, query: Query) -> Iterator[tuple[int, str, str]]:
    """Yield rank, module and method of whatever has the words, in itself or in a method of what it returns."""
    handles = {handle.name: handle for handle in api.handles}
    for module in api.modules:
        for method in module.methods:
            name, doc = " ".join((module.name, method.name, *method.aliases)), f"{module.doc} {method.doc}"
            led_to = [each for name in _names(method.result) if name in handles for each in handles[name].methods]
            yield (
                max(query.rank(name, doc), *(query.rank(each.name, each.doc) for each in led_to), 0),
                module.name,
                method.name,
            )


def _best(rows: Iterable[tuple[int, _T]]) -> list[tuple[int, _T]]:
    """Return the best of what has a rank at all, the best first."""
    return sorted((row for row in rows if row[0]), key=lambda row: -row[0])[:_MOST]


def _part(api: Api, chosen: list[tuple[str, str]], tools: list[Record]) -> Api:
    """Return the chosen methods, the best module first, with all records and handles that they lead to."""
    by_name = {module.name: module for module in api.modules}
    modules = [
        replace(module, methods=tuple(method for method in module.methods if (name, method.name) in chosen))
        for name, module in ((name, by_name[name]) for name in dict.fromkeys(name for name, _ in chosen))
    ]
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


def _own(engine: str) -> list[str]:
    """Return the declarations of what the language itself has."""
    return "\n".join(_lines(plugins.engine_class(engine).declare(_NOTHING))).split("\n\n")


def _written(engine: str, api: Api) -> str:
    """Return declarations as the engine writes them, without those that it writes anyway."""
    written, bare = (_lines(plugins.engine_class(engine).declare(each)) for each in (api, _NOTHING))
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(written, bare, strict=False)))
    return "\n".join(written[common:]).strip()


def _lines(files: dict[str, str]) -> list[str]:
    return next(text for name, text in files.items() if not name.endswith(".json")).splitlines()
