"""The records that spells pass to the auth bridge and get from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from llmspell_core.values import ScriptValue

__all__ = [
    "AuthSession",
    "Authorization",
    "AuthorizeOptions",
    "MetadataRecord",
    "OAuthOptions",
    "PolicyRule",
    "TokenStatus",
    "Verdict",
    "VerifiedToken",
    "VerifyOptions",
]


class OAuthOptions(TypedDict, total=False):
    """Who asks an authorization server, and which.

    :param provider: the name of one that the caller has set up; then the spell says only ``scopes``,
        ``hosts`` and ``redirect_uri``
    :param issuer: the server's own name, a URL; all else about it is discovered there
    :param client_id: what the server calls the client
    :param client_secret: what proves that; a public client has none
    :param scopes: what is asked for
    :param redirect_uri: where the server sends the person back to
    :param authorize_url: where a person allows it, if not discovered
    :param token_url: where tokens come from, if not discovered
    :param revoke_url: where tokens are given back, if not discovered
    :param jwks_url: where the keys are that sign identity tokens, if not discovered
    :param auth_method: how the secret is sent: ``client_secret_basic``, unless said to be ``client_secret_post`` or
        ``none``
    :param audience: the service that the token is for, where the server wants to know
    :param hosts: the only servers that the token is sent to
    """

    provider: str
    issuer: str
    client_id: str
    client_secret: str
    scopes: list[str]
    redirect_uri: str
    authorize_url: str
    token_url: str
    revoke_url: str
    jwks_url: str
    auth_method: Literal["client_secret_basic", "client_secret_post", "none"]
    audience: str
    hosts: list[str]


class AuthorizeOptions(TypedDict, total=False):
    """What a person is asked to allow.

    :param scopes: what is asked for, if not what ``oauth2`` was told
    :param redirect_uri: where the server sends the person back to, if not what ``oauth2`` was told
    :param prompt: ``login``, ``consent``, ``select_account`` or ``none``
    :param login_hint: who the person is thought to be
    """

    scopes: list[str]
    redirect_uri: str
    prompt: str
    login_hint: str


class Authorization(TypedDict):
    """Where a person allows what is asked for.

    :param url: what to open
    :param state: what the server sends back, so that its answer can be told from others
    """

    url: str
    state: str


class TokenStatus(TypedDict):
    """What a spell may know of a token.

    :param valid: whether there is one that has not expired
    :param grant: how it was got: ``authorization_code`` or ``client_credentials``; nil before
    :param scopes: what it allows, as far as the server said
    :param expires_at: Unix seconds; nil when the server did not say
    :param refreshable: whether another can be had without a person
    :param claims: what the identity token says, verified; nil without one
    """

    valid: bool
    grant: str | None
    scopes: list[str]
    expires_at: float | None
    refreshable: bool
    claims: dict[str, ScriptValue] | None


class MetadataRecord(TypedDict):
    """What an authorization server says of itself; nil where it does not.

    :param issuer: its name
    :param authorize_url: where a person allows what is asked for
    :param token_url: where tokens come from
    :param revoke_url: where they are given back
    :param jwks_url: where its keys are
    :param scopes: what can be asked for
    """

    issuer: str
    authorize_url: str | None
    token_url: str | None
    revoke_url: str | None
    jwks_url: str | None
    scopes: list[str] | None


class VerifyOptions(TypedDict, total=False):
    """What a token has to say.

    :param algorithms: how it may be signed; all that fit the key when left out
    :param issuer: who made it
    :param audience: for whom
    :param subject: about whom
    :param leeway: seconds that clocks may differ, 0 when left out
    :param require: the claims that it must have, ``exp`` when left out
    """

    algorithms: list[str]
    issuer: str
    audience: str
    subject: str
    leeway: float
    require: list[str]


class VerifiedToken(TypedDict):
    """What a token says.

    :param header: how it is signed
    :param claims: what it says
    """

    header: dict[str, ScriptValue]
    claims: dict[str, ScriptValue]


class AuthSession(TypedDict):
    """Somebody who has proved who they are, until it expires.

    :param id: what they show to be known again; a secret of theirs
    :param subject: who they are
    :param data: what belongs to the session
    :param created_at: Unix seconds
    :param expires_at: Unix seconds
    """

    id: str
    subject: str
    data: ScriptValue
    created_at: float
    expires_at: float


@dataclass(frozen=True)
class PolicyRule:
    """Allows or denies; what is left out covers everything.

    :param effect: ``allow`` or ``deny``; a denial wins
    :param actions: what is done; ``*`` stands for anything
    :param resources: what it is done to; ``*`` stands for anything
    :param roles: who does it must have one of them
    :param when: claims of who does it, each with the value that it must have, or a list of those it may have
    """

    effect: Literal["allow", "deny"]
    actions: list[str] | None = None
    resources: list[str] | None = None
    roles: list[str] | None = None
    when: dict[str, ScriptValue] | None = None


class Verdict(TypedDict):
    """What a policy says.

    :param allowed: whether it may be done
    :param rule: the number of the rule that decided, from 1; nil when none covers it
    :param reason: why, in words
    """

    allowed: bool
    rule: int | None
    reason: str
