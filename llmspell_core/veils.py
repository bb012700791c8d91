"""What is secret in the arguments of a call, as its bridge declares, and how they are shown without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.arguments import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmspell_core.signatures import Signature

__all__ = ["VEIL", "secret_texts", "veiled", "veiled_args"]

VEIL = "***"
"""What is shown in the place of a secret."""


def veiled(arguments: Mapping[str, Any], secret: Sequence[str]) -> dict[str, Any]:
    """Return arguments by name with all that is secret in them hidden; names of fields stay.

    :param secret: names of parameters, and of fields of maps: ``headers.authorization``, however it is written
    """
    shown = dict(arguments)
    for path in secret:
        name, _, field = path.partition(".")
        value = shown.get(name)
        if not field:
            if value is not None:
                shown[name] = _veiled(value)
        elif isinstance(value, dict):
            shown[name] = {key: _veiled(item) if _is(key, field) else item for key, item in value.items()}
    return shown


def secret_texts(arguments: Mapping[str, Any], secret: Sequence[str]) -> Iterator[str]:
    """Yield the texts that :func:`veiled` hides."""
    for path in secret:
        name, _, field = path.partition(".")
        value = arguments.get(name)
        if not field:
            yield from _texts(value)
        elif isinstance(value, dict):
            for key, item in value.items():
                if _is(key, field):
                    yield from _texts(item)


def veiled_args(signature: Signature, args: Sequence[Any], secret: Sequence[str]) -> tuple[list[Any], list[str]]:
    """Return arguments as they were passed with all that is secret in them hidden, and the texts that were."""
    names = [parameter.name for parameter in signature.positional]
    given, made = dict(zip(names, args, strict=False)), list(args)
    texts = [*secret_texts(given, secret)]
    made[: len(given)] = veiled(given, secret).values()
    if made and isinstance(made[-1], dict):
        spelled = {letters(key): key for key in made[-1]}
        named = {name: spelled[letters(name)] for name in signature.options if letters(name) in spelled}
        passed = {name: made[-1][key] for name, key in named.items()}
        texts += secret_texts(passed, secret)
        made[-1] = made[-1] | {named[name]: value for name, value in veiled(passed, secret).items()}
    return made, texts


def _is(key: Any, field: str) -> bool:
    return isinstance(key, str) and key.lower() == field


def _veiled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _veiled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_veiled(item) for item in value]
    return value if value is None else VEIL


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
