"""The bridge ``auth``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from llmspell_bridges.auth import policies, providers
from llmspell_bridges.auth.credential import Credential, Proof
from llmspell_bridges.auth.failures import NoSuchPolicy, TooManySecrets
from llmspell_bridges.auth.oauth2 import OAuth2, Surroundings
from llmspell_bridges.auth.records import (
    AuthSession,
    MetadataRecord,
    OAuthOptions,
    PolicyRule,
    Verdict,
    VerifiedToken,
    VerifyOptions,
)
from llmspell_bridges.auth.settings import AuthSettings
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument
from llmspell_core.present import spelled
from llmspell_core.values import ScriptValue

if TYPE_CHECKING:
    from llmspell_bridges.auth.sessions import Sessions
    from llmspell_core.bridge import Context

__all__ = ["AuthBridge"]

KeyLike: TypeAlias = str | bytes | dict[str, ScriptValue]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_MOST_SECRETS, _LONGEST_SECRET = 100, 8192
_MOST_POLICIES, _MOST_RULES = 100, 1000


class AuthBridge(Bridge):
    """Prove to servers who asks, and find out who asks oneself.

    A credential is a handle: a spell passes it as the option ``auth`` of a request of ``http`` and can never read it.
    One that comes from the environment or the keyring is sent to the servers that it belongs to and to no other. What
    is secret is taken out of errors, records, logs and of what servers send back. Authorization servers are asked under
    the same policy as ``http`` asks, encrypted unless they are on this machine.
    """

    name = "auth"
    settings = AuthSettings
    asks = ("auth", "net")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._around: Surroundings | None = None
        self._policies: dict[str, list[PolicyRule]] = {}
        self._given = 0

    async def close(self) -> None:
        """Close every connection."""
        if self._around is not None:
            await self._around.wire.close()

    @expose(needs="auth:{provider}")
    async def from_env(self, provider: str) -> Credential:
        """Return the credential that the caller's environment, or key file, or keyring has for a provider.

        :param provider: ``openai``, ``anthropic``, ``google``, ``github``, ``gitlab``, ``huggingface``, or one that the
            caller has set up
        """
        import asyncio

        found = providers.find(provider, self._settings)
        secret = await asyncio.to_thread(providers.read, found)
        made = providers.credential(found, secret)
        for part in made.secrets():
            self.context.secrets.add(part)
        return made

    @expose(secret="token")
    def bearer(self, token: str, *, hosts: list[str] | None = None) -> Credential:
        """Return a credential that sends a token.

        :param token: the token
        :param hosts: the only servers that it is sent to
        """
        self._note("auth.bearer", "token", token)
        return self._made("bearer", providers.proof_of("bearer", _word("auth.bearer", "token", token)), hosts)

    @expose(secret="password")
    def basic(self, username: str, password: str, *, hosts: list[str] | None = None) -> Credential:
        """Return a credential that sends a name and a password.

        :param username: the name
        :param password: what belongs to it
        :param hosts: the only servers that it is sent to
        """
        if ":" in username:
            raise BadArgument("auth.basic", 1, "username", "may have no colon: it ends there")
        self._note("auth.basic", "password", password)
        made = self._made("basic", providers.proof_of("basic", f"{username}:{password}"), hosts)
        for part in made.secrets():
            self.context.secrets.add_own(part)
        return made

    @expose(secret="key")
    def api_key(
        self, key: str, *, header: str = "X-API-Key", query: str | None = None, hosts: list[str] | None = None
    ) -> Credential:
        """Return a credential that sends a key.

        :param key: the key
        :param header: the header that it goes into
        :param query: the field of the URL's query that it goes into, instead of a header
        :param hosts: the only servers that it is sent to
        """
        self._note("auth.api_key", "key", key)
        proof = (
            Proof((), {query: key})
            if query
            else providers.proof_of("api_key", _word("auth.api_key", "key", key), header)
        )
        _checked(proof)
        return self._made("api_key", proof, hosts)

    @expose(secret="client_secret")
    async def oauth2(self, **options: Unpack[OAuthOptions]) -> OAuth2:
        """Return access by OAuth 2; it has a token once ``complete`` or ``client_credentials`` has got one."""
        from llmspell_bridges.auth.setting_up import client_of, hosts_of, server_of

        name = options.get("provider")
        if name is not None:
            self.context.require(f"auth:{name}", "oauth2")
        client, configured = client_of(options, self._settings)
        hosts = hosts_of(options, configured)
        if configured is None:
            self._note("auth.oauth2", "client_secret", client.secret or "")
        else:
            self.context.secrets.add(client.secret)
        server = await server_of(options if configured is None else configured, self._surroundings().wire)
        return OAuth2(name or client.id, server, client, hosts, self._surroundings())

    @expose
    async def discover(self, issuer: str) -> MetadataRecord:
        """Return what an authorization server says of itself.

        :param issuer: its own name, a URL
        """
        from llmspell_bridges.auth.server import discover

        found = await discover(issuer, self._surroundings().wire)
        return MetadataRecord(
            issuer=issuer,
            authorize_url=found.authorize_url,
            token_url=found.token_url,
            revoke_url=found.revoke_url,
            jwks_url=found.jwks_url,
            scopes=None if found.scopes is None else list(found.scopes),
        )

    @expose
    async def apply(self, request: dict[str, ScriptValue], credential: Credential | OAuth2) -> ScriptValue:
        """Return a request for ``http.request`` that proves who asks; a token is made sure to be good.

        :param request: what ``http.request`` takes, at least ``url``
        :param credential: who asks
        """
        url = request.get("url")
        if not isinstance(url, str):
            raise BadArgument("auth.apply", 1, "request", "has no 'url'")
        await credential.proof_for(url)
        return {**request, "auth": credential}

    @expose(secret="token")
    def parse_jwt(self, token: str) -> VerifiedToken:
        """Return what a token says. It proves nothing: anybody can write such a token; ``verify_jwt`` tells.

        :param token: the token
        """
        from llmspell_bridges.auth.tokens import parse

        return parse(token)

    @expose(secret=("token", "key"))
    async def verify_jwt(self, token: str, key: KeyLike, **options: Unpack[VerifyOptions]) -> VerifiedToken:
        """Return what a token says, when it is signed with a key and says what it has to.

        How it may be signed is told by the key, never by the token alone. Unsigned tokens are always refused.

        :param token: the token
        :param key: a secret (text or bytes), a key in PEM, a JWK or a set of them (a map), or where they are found:
            ``{jwks_url = ...}`` or ``{issuer = ...}``
        """
        from llmspell_bridges.auth import tokens

        if not 0 <= options.get("leeway", 0) <= 86400:
            raise BadArgument("auth.verify_jwt", None, "leeway", "must be from 0 to 86400 seconds")
        try:
            found = await self._key(token, key)
        except tokens.BadKey as error:
            raise BadArgument("auth.verify_jwt", 2, "key", str(error)) from None
        if isinstance(key, dict) and "issuer" in key and "issuer" not in options:
            options["issuer"] = str(key["issuer"])
        return tokens.verify(token, found, options, self.context.clock())

    @expose(needs="auth:{name}")
    async def save(self, name: str, credential: Credential | OAuth2, *, hosts: list[str] | None = None) -> None:
        """Keep a credential in the system's keyring, for later runs of any spell that is granted its name.

        :param name: what to call it: letters, digits, ``_ . -``
        :param credential: what to keep
        :param hosts: the servers that it may be sent to; needed where it is not bound to any yet
        """
        import asyncio

        from llmspell_bridges.auth import keeping

        await asyncio.to_thread(keeping.save, _named("auth.save", name), credential, hosts)

    @expose(needs="auth:{name}")
    async def load(self, name: str) -> Credential | OAuth2:
        """Return a credential that the system's keyring has.

        :param name: what it is called
        """
        from llmspell_bridges.auth import keeping

        return await keeping.loaded(self.context, _named("auth.load", name), self._surroundings())

    @expose(needs="auth:{name}")
    async def forget(self, name: str) -> bool:
        """Drop a credential from the system's keyring, and tell whether there was one.

        :param name: what it is called
        """
        import asyncio

        from llmspell_bridges.auth import keeping

        return await asyncio.to_thread(keeping.forget, _named("auth.forget", name))

    @expose(needs="state:write:spell:auth/sessions/*")
    async def create_session(self, subject: str, *, data: ScriptValue = None, ttl: float = 3600) -> AuthSession:
        """Return a new session of somebody who has proved who they are; all runs of the spell know it.

        :param subject: who they are
        :param data: what belongs to the session
        :param ttl: seconds until it expires
        """
        if not 0 < ttl <= 366 * 86400:
            raise BadArgument("auth.create_session", None, "ttl", "must be more than 0 and at most a year, in seconds")
        return await (await self._sessions()).create(subject, data, self.context.clock(), ttl)

    @expose(needs="state:read:spell:auth/sessions/*")
    async def get_session(self, id: str) -> AuthSession | None:
        """Return a session, or nil when there is none of that id or it has expired.

        :param id: what its owner shows
        """
        return await (await self._sessions()).get(id)

    @expose(needs="state:write:spell:auth/sessions/*")
    async def end_session(self, id: str) -> bool:
        """End a session, and tell whether there was one.

        :param id: what its owner shows
        """
        return await (await self._sessions()).end(id)

    @expose(redo=True)
    def create_policy(self, name: str, rules: list[PolicyRule]) -> None:
        """Make a policy of the spell's own, for ``check``: who may do what. What no rule allows is refused.

        :param name: what to call it; one of that name is replaced
        :param rules: what is allowed and denied; a denial wins
        """
        if len(rules) > _MOST_RULES or (name not in self._policies and len(self._policies) >= _MOST_POLICIES):
            problem = f"a run has at most {_MOST_POLICIES} policies of {_MOST_RULES} rules each"
            raise BadArgument("auth.create_policy", 2, "rules", problem)
        if policies.size(rules) > policies.MAX_BYTES:
            problem = f"take more than {policies.MAX_BYTES} bytes; make several policies of them"
            raise BadArgument("auth.create_policy", 2, "rules", problem)
        self._policies[name] = rules

    @expose
    def check(self, policy: str, subject: dict[str, ScriptValue], action: str, resource: str = "*") -> Verdict:
        """Tell whether a policy lets somebody do something.

        :param policy: its name
        :param subject: claims about them, as a verified token has; ``roles`` are theirs
        :param action: what they want to do
        :param resource: what they want to do it to
        """
        if policy not in self._policies:
            raise NoSuchPolicy(policy, sorted(self._policies))
        for position, (what, name) in enumerate((("action", action), ("resource", resource)), 3):
            if len(name) > policies.MAX_NAME:
                raise BadArgument("auth.check", position, what, f"has at most {policies.MAX_NAME} characters")
        return policies.decide(self._policies[policy], subject, action, resource)

    @property
    def _settings(self) -> dict[str, Any]:
        found: dict[str, Any] = self.context.options.get("providers") or {}
        return found

    def _surroundings(self) -> Surroundings:
        if self._around is None:
            from llmspell_bridges.auth.keysets import KeySets
            from llmspell_bridges.auth.wire import Wire

            wire, clock = Wire(self.context), self.context.clock
            self._around = Surroundings(wire, KeySets(wire, clock), clock, self.context.secrets.add_own)
        return self._around

    async def _sessions(self) -> Sessions:
        from llmspell_bridges.auth.sessions import Sessions
        from llmspell_bridges.state.scopes import space_of

        return Sessions(await space_of(self.context.of("state"), "spell"))

    def _made(self, kind: str, proof: Proof, hosts: list[str] | None) -> Credential:
        return Credential(kind, kind, proof, None if hosts is None else tuple(hosts))

    def _note(self, function: str, parameter: str, secret: str) -> None:
        self._given += 1
        if self._given > _MOST_SECRETS or len(secret) > _LONGEST_SECRET:
            problem = f"a spell may pass {_MOST_SECRETS} secrets of at most {_LONGEST_SECRET} characters; use one again"
            raise TooManySecrets(function, parameter, problem)
        self.context.secrets.add_own(secret)

    async def _key(self, token: str, key: KeyLike) -> Any:
        from llmspell_bridges.auth import tokens
        from llmspell_bridges.auth.failures import BadToken

        if isinstance(key, dict) and ("jwks_url" in key or "issuer" in key):
            return await self._surroundings().keys.key(await self._jwks_url(key), token)
        if isinstance(key, dict) and "keys" in key:
            found = tokens.pick(tokens.keys_of(key), token)
            if found is None:
                raise BadToken("key", "the key set has not one key that fits")
            return found
        return tokens.key_of(key)

    async def _jwks_url(self, key: dict[str, ScriptValue]) -> str:
        if "jwks_url" in key:
            return str(key["jwks_url"])
        from llmspell_bridges.auth.failures import OAuthFailed
        from llmspell_bridges.auth.server import discover

        found = await discover(str(key["issuer"]), self._surroundings().wire)
        if found.jwks_url is None:
            raise OAuthFailed(
                "no_url", f"the server {found.issuer!r} does not say where its keys are; pass {spelled('jwks_url')!r}"
            )
        return found.jwks_url


def _named(function: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadArgument(function, 1, "name", f"has 1 to 64 letters, digits, _ . and -; not {name[:80]!r}")
    return name


def _word(function: str, parameter: str, secret: str) -> str:
    if not secret or not secret.isascii() or not secret.isprintable():
        raise BadArgument(function, 1, parameter, "must be printable ASCII text, or no header can hold it")
    return secret


def _checked(proof: Proof) -> None:
    from llmspell_bridges.http.messages import BadHeader, checked_headers

    try:
        checked_headers(dict(proof.headers))
    except BadHeader as error:
        raise BadArgument("auth.api_key", None, "header", str(error)) from None
