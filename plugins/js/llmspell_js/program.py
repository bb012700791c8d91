"""A spell as a program: each of its files wrapped as one expression, lines kept."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from llmspell_core.engine import Program
from llmspell_core.errors import SpellSyntaxError
from llmspell_js.names import mark_of, parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_core.spells import Spell
    from llmspell_js.syntax import Checker

__all__ = ["build", "clean"]

_NEEDS_MODULES = re.compile(r"(?:^|[;}*/])[ \t]*(?:import|export)\b|\bimport\s*[.(]", re.MULTILINE)
_SILENT = re.compile(r"\b(?:async|catch|finally|throw|Promise|timeout|token)\b|\bpromise\s*\.\s*await\b|\bawait\s*:")
_ENDINGS = (".js", ".mjs", ".cjs", ".json")


def build(spell: Spell, checker: Checker, *, covered: bool = False) -> Program:
    """Return the program.

    :param covered: whether each statement is to tell that it runs
    :raises SpellSyntaxError: when its entry, or a file that it declares to import, is wrong
    """
    sources = {name: clean(text) for name, text in _scripts(spell).items()}
    for name, text in sources.items():
        _check_characters(name, text)
    kinds = {name: _kind(name, text, name == spell.file, checker) for name, text in sources.items()}
    wrong = dict(_wrong(sources, kinds, checker))
    sound = {name: text for name, text in sources.items() if name not in wrong}
    wanted = covered or _wants_rewriting(sound, kinds)
    files = _rewritten(sound, kinds, checker, wrong, covered=covered) if wanted else {}
    if wrong:
        _refuse(spell.file, sources, kinds, wrong)
    for name, text in sources.items():
        files.setdefault(name, _failing(wrong[name]) if name in wrong else _wrapped(kinds[name], text))
    return Program(spell.file, files, covered)


def _scripts(spell: Spell) -> dict[str, str]:
    beside = {name: text for name, text in spell.modules.items() if name.endswith(_ENDINGS)}
    return {**beside, spell.file: spell.source}


def clean(source: str) -> str:
    """Return the source with line breaks of one kind, and without what is no JavaScript before its first line."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return f"//{source[2:]}" if source.startswith("#!") else source


def _check_characters(name: str, text: str) -> None:
    """:raises SpellSyntaxError: when a text has what is no character, as JSON of a model's may spell it."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise SpellSyntaxError("a lone surrogate, which is no Unicode character", name, line) from None


def _kind(name: str, source: str, is_entry: bool, checker: Checker) -> str:
    script = "plain" if is_entry else "script"
    if name.endswith(".json"):
        return "json"
    if name.endswith(".cjs"):
        return script
    if name.endswith(".mjs"):
        return "module"
    if _NEEDS_MODULES.search(source):
        from llmspell_js.modules import is_module

        return "module" if is_module(source) else script
    waits = not is_entry and "await" in source and not checker.accepts(script, source)
    return "module" if waits and checker.accepts("module", source) else script


def _check(checker: Checker, kind: str, source: str, file: str) -> None:
    if kind != "json":
        checker.check(kind, source, file)
        return
    try:
        json.loads(source)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise SpellSyntaxError(f"not JSON: {error}", file, line) from error


def _wrong(
    sources: Mapping[str, str], kinds: Mapping[str, str], checker: Checker
) -> Iterator[tuple[str, SpellSyntaxError]]:
    for name, text in sources.items():
        try:
            _check(checker, kinds[name], text, name)
        except SpellSyntaxError as error:
            yield name, error


def _refuse(
    entry: str, sources: Mapping[str, str], kinds: Mapping[str, str], wrong: Mapping[str, SpellSyntaxError]
) -> None:
    """Raise what is wrong with a file that the spell cannot do without."""
    from llmspell_js.links import declared_files

    for name in declared_files(entry, sources, kinds):
        if name in wrong:
            raise wrong[name]


def _wants_rewriting(sources: dict[str, str], kinds: dict[str, str]) -> bool:
    return any(
        kinds[name] == "module" or (kinds[name] != "json" and (_SILENT.search(text) or _NEEDS_MODULES.search(text)))
        for name, text in sources.items()
    )


def _rewritten(
    sources: dict[str, str],
    kinds: dict[str, str],
    checker: Checker,
    wrong: dict[str, SpellSyntaxError],
    *,
    covered: bool,
) -> dict[str, str]:
    from llmspell_js.modules import rewrite
    from llmspell_js.silent import Unwatchable, may_catch

    files = {}
    scripts = {name: text for name, text in sources.items() if kinds[name] != "json"}
    mark = mark_of(scripts.values())
    for name, change in rewrite(scripts, kinds, covered=covered).items():
        text = "" if isinstance(change, Unwatchable) else _wrapped(kinds[name], change.source, change.head, mark)
        text = _counted(text, mark) if text and covered else text
        if text and checker.parses(text):
            files[name] = text
        elif kinds[name] == "module":
            problem = f"{name}:1: the module is too unusual to be run; write its imports and exports more plainly"
            wrong[name] = SpellSyntaxError(problem, name, 1)
        elif may_catch(sources[name]):
            problem = "too unusual for a source that catches errors; write it more plainly, and comments as // or /* */"
            wrong[name] = SpellSyntaxError(problem, name, getattr(change, "line", 1))
        elif covered:
            wrong[name] = SpellSyntaxError("too unusual to tell which lines run; write it more plainly", name, 1)
    return files


def _wrapped(kind: str, source: str, head: str = "", mark: str = "$$") -> str:
    """Return the file as an array literal; its first line holds the source's first line."""
    if kind == "json":
        return f'["json",{json.dumps(source)}]'
    if kind == "module":
        return f'["module",{head}{source}\n}}}}]'
    prefix = "async function" if kind == "plain" else "function"
    return f'["{kind}",{prefix}({parameters(mark)}){{"use strict";{{{source}\n}}}}]'


def _counted(file: str, mark: str) -> str:
    """Return a file that was wrapped with one item more: what its statements write to, a byte for each line."""
    return f"(({mark}ran)=>{file[:-1]},{mark}ran])(new Uint8Array({file.count(chr(10)) + 2}))"


def _failing(error: SpellSyntaxError) -> str:
    """Return what stands for a wrong file: whoever requires it gets the error."""
    return json.dumps(["wrong", {"kind": error.kind, "message": str(error), "line": error.line}])
