"""The :class:`~llmspell_core.stubs.Api` of bridges, read from their signatures and docstrings."""

from __future__ import annotations

import inspect
from dataclasses import replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, get_args, get_overloads

from llmspell_core.annotations import resolved
from llmspell_core.apitypes import ANY, TypeReader, field_docs
from llmspell_core.bridge import Bridge, Handle, exposed_methods, needs_of
from llmspell_core.docstrings import Docstring, read_docstring
from llmspell_core.signatures import option_fields
from llmspell_core.stubs import Api, HandleApi, Method, Module, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["handles_of", "read_api"]


def read_api(bridges: Iterable[type[Bridge]]) -> Api:
    """Return what the bridges offer, with every record and handle class that their methods lead to.

    A method with ``typing.overload`` variants is there once for each of them, under the same name.
    """
    types = TypeReader()
    modules = [
        _module(list(group), types)
        for _, group in groupby(sorted(bridges, key=lambda bridge: bridge.name), lambda bridge: bridge.name)
    ]
    handles = list(_handles(types))
    return Api(
        tuple(modules),
        tuple(sorted(handles, key=lambda handle: handle.name)),
        tuple(types.records[name] for name in sorted(types.records)),
    )


def handles_of(bridge: type[Bridge]) -> list[type[Handle]]:
    """Return the classes of handles that a bridge's methods lead to."""
    types = TypeReader()
    _module([bridge], types)
    for _ in _handles(types):
        pass
    return list(types.handles)


def _module(bridges: list[type[Bridge]], types: TypeReader) -> Module:
    """Return the module of the bridges of one name; of methods of one name, those of the last bridge that has them."""
    methods: dict[str, list[Method]] = {}
    for bridge in bridges:
        found = list(_methods(bridge, types))
        methods |= {method.name: [each for each in found if each.name == method.name] for method in found}
    doc = "\n\n".join(read_docstring(bridge.__doc__).text for bridge in bridges)
    aliases = tuple(alias for bridge in bridges for alias in bridge.aliases)
    return Module(bridges[0].name, doc, tuple(chain(*methods.values())), aliases)


def _handles(types: TypeReader) -> Iterator[HandleApi]:
    """Yield the handle classes met so far, and those that their methods lead to."""
    done: set[type[Handle]] = set()
    while todo := [cls for cls in types.handles if cls not in done]:
        for cls in todo:
            done.add(cls)
            item = types.item(cls) if cls.iterable else None
            methods = (method for method in _methods(cls, types) if item is None or method.name != "next")
            yield HandleApi(types.handles[cls], read_docstring(cls.__doc__).text, tuple(methods), item)


def _methods(owner: type, types: TypeReader) -> Iterator[Method]:
    names: dict[Callable[..., Any], list[str]] = {}
    at_once = getattr(owner, "at_once", False)
    for name, function in exposed_methods(owner).items():
        # What is a word of Python's is declared with an underscore after it.
        names.setdefault(function, []).append(name.rstrip("_") if at_once else name)
    for function, (first, *others) in names.items():
        doc = read_docstring(function.__doc__)
        for variant in get_overloads(function) or [function]:
            method = _method(first, tuple(others), doc, variant, owner, types)
            waits = not at_once or inspect.iscoroutinefunction(function)
            yield replace(method, needs=needs_of(function), waits=waits)


def _method(
    name: str, aliases: tuple[str, ...], doc: Docstring, function: Callable[..., Any], owner: type, types: TypeReader
) -> Method:
    hints = resolved(function)
    params: list[Parameter] = []
    options: list[Parameter] = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            options += _unpacked(hints.get(parameter.name, Any), owner, types)
            continue
        variadic = parameter.kind is parameter.VAR_POSITIONAL
        read = Parameter(
            parameter.name.rstrip("_"),
            types.read(hints.get(parameter.name, Any), owner, given=True),
            parameter.default is parameter.empty and not variadic,
            doc.params.get(parameter.name, ""),
            variadic,
        )
        (options if parameter.kind is parameter.KEYWORD_ONLY else params).append(read)
    result = types.read(hints["return"], owner) if "return" in hints else ANY
    return Method(name, aliases, doc.text, tuple(params), tuple(options), result, doc.returns)


def _unpacked(annotation: Any, owner: type, types: TypeReader) -> Iterator[Parameter]:
    fields = option_fields(annotation)
    docs = field_docs(get_args(annotation)[0]) if fields else {}
    for name, (hint, needed) in fields.items():
        yield Parameter(name, types.read(hint, owner, given=True), needed, docs.get(name, ""))
