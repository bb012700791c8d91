"""The records that spells pass to the http bridge and get from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, TypedDict

from llmspell_bridges.auth.credential import Credential
from llmspell_bridges.auth.oauth2 import OAuth2
from llmspell_core.values import ScriptValue

__all__ = ["Auth", "CallOptions", "ResponseRecord"]

# The records have fields of the name `bytes`.
_Bytes: TypeAlias = bytes


@dataclass(frozen=True)
class Auth:
    """Who asks; either ``bearer``, or ``username`` and ``password``.

    :param bearer: a token
    :param username: a name
    :param password: what belongs to the name
    """

    bearer: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str = field(default="", repr=False)


class CallOptions(TypedDict, total=False):
    """How a request is made.

    :param headers: headers by name
    :param query: what is added to the URL's query, by name; of a list each item
    :param body: what is sent
    :param json: a value that is sent as JSON, instead of a body
    :param timeout: seconds for all of it, 30 when left out
    :param retries: how many times more to ask when the server is busy or out of reach, 0 when left out
    :param auth: who asks, also as the bridge ``auth`` made it; it is not sent on when a server redirects to another
    :param bytes: return the body as bytes, not as text
    """

    headers: dict[str, str]
    query: dict[str, ScriptValue]
    body: str | _Bytes
    json: ScriptValue
    timeout: float
    retries: int
    auth: Auth | Credential | OAuth2
    bytes: bool


class ResponseRecord(TypedDict):
    """An answer.

    :param status: 200 and the like
    :param ok: whether the status is from 200 to 299
    :param url: of the server that answered, after all redirects
    :param headers: by name, in small letters
    :param text: the body; nil when bytes were asked for
    :param bytes: the body; nil when bytes were not asked for
    :param json: the value that the body holds, when the answer says that it is JSON and it is
    """

    status: int
    ok: bool
    url: str
    headers: dict[str, str]
    text: str | None
    bytes: _Bytes | None
    json: ScriptValue
