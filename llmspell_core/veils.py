"""What is secret in the arguments of a call, as its bridge declares, and how they are shown without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from llmspell_core.arguments import letters
from llmspell_core.bridge import parameter_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmspell_core.signatures import Signature

__all__ = ["VEIL", "secret_texts", "veiled", "veiled_args"]

VEIL = "***"
"""What is shown in the place of a secret."""
_PROOF = (
    r"(?:x-(?:amz|goog)-)?(?:signature|credential|security-token)|(?:x-)?api[_-]?key|key|(?:client[_-]?)?secret"
    r"|(?:(?:access|auth|id|refresh|session)[_-]?)?token|auth|sig|password|passwd|pwd"
)
"""What parameters of a query are called that prove who asks."""
_IN_QUERY = re.compile(rf"(?<=[?&])({_PROOF})=([^&#\s]+)", re.IGNORECASE)
_NAMED = re.compile(_PROOF, re.IGNORECASE)


def veiled(arguments: Mapping[str, Any], secret: Sequence[str]) -> dict[str, Any]:
    """Return arguments by name with all that is secret in them hidden; names of fields stay.

    :param secret: names of parameters, and of fields of maps: ``headers.authorization``, however it is written;
        ``url?`` is what in the query of a URL, or in a map, is called as what proves who asks is
    """
    shown = dict(arguments)
    for path in secret:
        name, value = parameter_of(path), shown.get(parameter_of(path))
        if name == path:
            if value is not None:
                shown[name] = _veiled(value)
        elif isinstance(value, dict):
            shown[name] = {key: _veiled(item) if _is(key, path) else item for key, item in value.items()}
        elif isinstance(value, str) and path.endswith("?"):
            shown[name] = _IN_QUERY.sub(rf"\1={VEIL}", value)
    return shown


def secret_texts(arguments: Mapping[str, Any], secret: Sequence[str]) -> Iterator[str]:
    """Yield the texts that :func:`veiled` hides."""
    for path in secret:
        value = arguments.get(parameter_of(path))
        if parameter_of(path) == path:
            yield from _texts(value)
        elif isinstance(value, dict):
            for key, item in value.items():
                if _is(key, path):
                    yield from _texts(item)
        elif isinstance(value, str) and path.endswith("?"):
            for found in _IN_QUERY.finditer(value):
                yield unquote_plus(found[2])


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


def _is(key: Any, path: str) -> bool:
    if not isinstance(key, str):
        return False
    return bool(_NAMED.fullmatch(key)) if path.endswith("?") else key.lower() == path.partition(".")[2]


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
