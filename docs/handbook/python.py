"""The pages of the Python API, read from signatures and docstrings of what is public."""

from __future__ import annotations

import ast
import inspect
import re
from enum import Enum
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from llmspell_core.docstrings import read_docstring
from llmspell_core.facts import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["python_pages"]

_MODULES = {
    "runner": ("runner", "spells", "limits", "policy", "budget", "isolation.pool"),
    "bridge": ("bridge", "converter", "hookspecs", "actions", "points"),
    "engine": ("engine", "protocol", "values", "wire", "testing"),
    "errors": ("errors", "telling"),
}
_TITLES = {
    "runner": ("Casting spells", "What a program that casts spells uses; [embedding](../../embedding.md) explains it."),
    "bridge": ("Bridges, converters, hooks", "What authors of [plugins](../../plugins.md) use."),
    "engine": ("Engines", "What authors of [engines](../../guides/engine.md) use."),
    "errors": ("Errors", "What can go wrong, and under which kind a spell sees it."),
}
_LISTED = re.compile(r"^(`.+`)\n {4}(.+(?:\n {4}.+)*)", re.MULTILINE)
_TRIED = re.compile(r"^>>> .*(?:\n\S.*)*", re.MULTILINE)
_DRAWN = re.compile(r"^ {4}\S.*(?:\n {4}.*)*|^\S.*\n\|--.*(?:\n\S.*|\n\| .*)*", re.MULTILINE)
_RAISES = re.compile(r"^:raises (\w+): *(.*(?:\n {2,}.*)*)", re.MULTILINE)
_PARTS = ("llmspell_core.stage",)
_PLAIN = (str, int, float, bool, type(None))


def python_pages() -> dict[str, str]:
    """Return a page for each kind of reader."""
    return {f"python/{name}.md": _page(name) for name in _MODULES}


def _page(name: str) -> str:
    title, lead = _TITLES[name]
    return "\n\n".join(
        [f"# {title}", lead, *(part for module in _MODULES[name] for part in _module(f"llmspell_core.{module}"))]
    )


def _module(name: str) -> Iterator[str]:
    module = import_module(name)
    yield f"## {name}"
    yield _prose(_doc(module))
    assigned = dict(_assigned(ast.parse(inspect.getsource(module)).body))
    for public in _public(module):
        value = getattr(module, public)
        if public in assigned:
            yield from (f"### {public}", *assigned[public])
        elif inspect.isclass(value):
            yield from _class(public, value)
        elif inspect.isfunction(value):
            yield from _function(public, value, "###")


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names of constants and types, with what they stand for and what is said of them below."""
    for node, below in pairwise([*body, ast.Pass()]):
        if isinstance(node, ast.If):
            yield from _assigned(node.body)  # what type checkers see
        elif isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            name, value = ast.unparse(target), node.value
            is_quoted = isinstance(node, ast.AnnAssign) and isinstance(value, ast.Constant)
            code = f"```python\n{name} = {value.value if is_quoted else ast.unparse(value)}\n```"
            told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and below.value.value
            yield name, (code, _prose(told)) if isinstance(told, str) else (code,)


def _public(module: Any) -> list[str]:
    hooks = [name for name, value in vars(module).items() if hasattr(value, "llmspell_spec")]
    return [*module.__all__, *hooks]


def _class(name: str, cls: type) -> Iterator[str]:
    yield f"### {name}"
    base = next((base.__name__ for base in cls.__bases__ if base.__module__.startswith("llmspell")), "")
    known = () if issubclass(cls, BaseException | Enum) else _arguments(cls)
    if issubclass(cls, Record):
        # Records take their fields by a signature that they share, or, where many were made, by one without types.
        known = tuple(f"{name}: {_annotation(kind)}" for name, kind in inspect.get_annotations(cls).items())
    yield f"```python\nclass {name}{_call(known) or (f'({base})' if base else '')}\n```"
    yield from _told(_doc(cls))
    if issubclass(cls, Enum):
        yield "\n".join(f"- `{member.name}`: `{member.value}`" for member in cls)
    for member, value in _members(cls):
        function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if inspect.isfunction(function):
            yield from _function(f"{name}.{member}", function, "####")
        elif isinstance(value, property):
            yield from (f"#### {name}.{member}", _prose(_doc(value)))


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield the public members of a class, and those of the parts it is put together from, which have no entry."""
    parts = [base for base in cls.__mro__ if base is cls or base.__module__ in _PARTS]
    found = {name: value for part in reversed(parts) for name, value in vars(part).items()}
    yield from ((name, value) for name, value in found.items() if not name.startswith("_"))


def _function(name: str, function: Any, level: str) -> Iterator[str]:
    yield f"{level} {name}"
    word = "async def" if inspect.iscoroutinefunction(function) else "def"
    result = function.__annotations__.get("return")
    arrow = f" -> {_annotation(result)}" if result is not None else ""
    yield f"```python\n{word} {name.rpartition('.')[2]}{_call(_arguments(function)) or '()'}{arrow}\n```"
    yield from _told(_doc(function))


def _arguments(of: Any) -> tuple[str, ...]:
    try:
        parameters = list(inspect.signature(of).parameters.values())
    except (TypeError, ValueError):
        return ()
    found: list[str] = []
    named = False
    for parameter in parameters:
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not named:
            found.append("*")
        named = named or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        found.append(_argument(parameter))
    return tuple(found)


def _argument(parameter: inspect.Parameter) -> str:
    stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
    stars = "**" if parameter.kind is parameter.VAR_KEYWORD else stars
    kind = "" if parameter.annotation is parameter.empty else f": {_annotation(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return f"{stars}{parameter.name}{kind}"
    default = repr(parameter.default) if type(parameter.default) in _PLAIN else "..."
    return f"{stars}{parameter.name}{kind} = {default}"


def _annotation(kind: Any) -> str:
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


def _call(arguments: tuple[str, ...]) -> str:
    if not arguments:
        return ""
    line = f"({', '.join(arguments)})"
    return line if len(line) < 80 else "(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def _told(source: str) -> Iterator[str]:
    doc = read_docstring(source)
    yield _prose(doc.text)
    if doc.params:
        yield "\n".join(f"- `{name}`: {text}" for name, text in doc.params.items())
    if doc.returns:
        yield f"Returns {doc.returns}"
    for name, text in _RAISES.findall(inspect.cleandoc(source)):
        yield f"Raises `{name}` {read_docstring(' '.join(text.split())).text}"


def _doc(of: Any) -> str:
    """Return the docstring that is its own; what a base class says is told there."""
    own = vars(of).get("__doc__") if inspect.isclass(of) else of.__doc__
    # A dataclass without one is given its signature.
    return "" if not own or (inspect.isclass(of) and own.startswith(f"{of.__name__}(")) else own


def _prose(text: str) -> str:
    """Return a docstring's text as Markdown: what it lists as a list, what it draws or tries as code."""
    told = _LISTED.sub(lambda found: f"- {found[1]}: {' '.join(found[2].split())}", read_docstring(text).text)
    told = _TRIED.sub(lambda found: f"```pycon\n{found[0]}\n```", told)
    return _DRAWN.sub(lambda found: f"```text\n{inspect.cleandoc(found[0])}\n```", told)
