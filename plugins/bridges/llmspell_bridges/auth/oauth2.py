"""Access to a server by OAuth 2: a token that is got, refreshed and sent, and never read by a spell."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Unpack

from llmspell_bridges.auth.credential import Proof, check_server
from llmspell_bridges.auth.failures import BadToken, NoCredential, OAuthFailed
from llmspell_bridges.auth.records import Authorization, AuthorizeOptions, TokenStatus
from llmspell_core.bridge import Handle, expose
from llmspell_core.present import spelled

if TYPE_CHECKING:
    from asyncio import Lock, Task
    from collections.abc import Callable, Mapping

    from llmspell_bridges.auth.flow import Client, Pending, Token
    from llmspell_bridges.auth.keysets import KeySets
    from llmspell_bridges.auth.server import Server
    from llmspell_bridges.auth.wire import Wire

__all__ = ["OAuth2", "Surroundings"]

_MOST_PENDING = 20
_LONGEST_TOKEN = 65_536
"""Characters of what a server gives; what is longer is refused, so nobody looks for it in what is told of the run."""


class Surroundings:
    """What a run has for its tokens: the way to servers, their keys, the clock, and where secrets are noted."""

    def __init__(
        self, wire: Wire, keys: KeySets, clock: Callable[[], float], note: Callable[[str | None], None]
    ) -> None:
        self.wire, self.keys, self.clock, self.note = wire, keys, clock, note


class OAuth2(Handle):
    """Gets tokens from an authorization server; pass it as the option ``auth`` of a request.

    A token that is about to expire is replaced before it is sent, where that needs no person.
    """

    def __init__(
        self, name: str, server: Server, client: Client, hosts: tuple[str, ...] | None, around: Surroundings
    ) -> None:
        self.name, self.hosts = name, hosts
        self._server, self._client, self._around = server, client, around
        self._pending: dict[str, Pending] = {}
        self._token: Token | None = None
        self._claims: dict[str, Any] | None = None
        self._lock: Lock | None = None
        self._renewal: Task[None] | None = None
        self.keep: Callable[[], None] | None = None
        """Writes it down where it is kept; a server that replaces refresh tokens takes each one only once."""

    @expose
    def authorize(self, **options: Unpack[AuthorizeOptions]) -> Authorization:
        """Return where a person allows what is asked for; ``complete`` takes the URL that they are sent back to.

        The code that comes back is of use to this handle alone (PKCE).
        """
        from llmspell_bridges.auth.flow import ask_person, narrowed

        client = narrowed(self._client, options.get("scopes"), options.get("redirect_uri"))
        more = {"prompt": options.get("prompt"), "login_hint": options.get("login_hint")}
        url, state, pending = ask_person(self._server, client, self._around.clock(), more)
        if len(self._pending) >= _MOST_PENDING:
            self._pending.pop(next(iter(self._pending)))
        self._pending[state] = pending
        return Authorization(url=url, state=state)

    @expose(secret="url")
    async def complete(self, url: str) -> TokenStatus:
        """Get a token for what a person has allowed, and return what is known of it.

        :param url: the whole URL that the person was sent back to
        """
        from llmspell_bridges.auth.flow import answer_of, token_request

        code, asked = answer_of(url, self._server, self._pending, self._around.clock())
        self._around.note(code)
        self._around.note(asked.verifier)
        fields = {"code": code, "redirect_uri": asked.redirect_uri, "code_verifier": asked.verifier}
        answer = await token_request(self._server, self._client, self._around.wire, "authorization_code", **fields)
        claims = await self._identity(answer.get("id_token"), asked.nonce)
        async with self._locked():
            await self._take(answer, "authorization_code")
            self._claims = claims
        return self.status()

    @expose(redo=True)
    async def client_credentials(self, *, scopes: list[str] | None = None) -> TokenStatus:
        """Get a token for the client itself, without a person, and return what is known of it.

        :param scopes: what is asked for, if not what ``oauth2`` was told
        """
        from llmspell_bridges.auth.flow import narrowed

        async with self._locked():
            self._client = narrowed(self._client, scopes, None)
            await self._by_client()
        return self.status()

    @expose
    async def refresh(self) -> TokenStatus:
        """Replace the token, however long it would be good for, and return what is known of the new one."""
        await self._renewed()
        return self.status()

    @expose
    async def revoke(self) -> bool:
        """Forget the token, and give it back where the server has a place for that; return whether it has."""
        from llmspell_bridges.auth.flow import revoke

        async with self._locked():
            token, self._token, self._claims = self._token, None, None
            if token is None:
                return False
            await self._keep()
            hint, text = ("refresh_token", token.refresh) if token.refresh else ("access_token", token.access)
            return await revoke(self._server, self._client, self._around.wire, text, hint)

    @expose
    def status(self) -> TokenStatus:
        """Return what is known of the token; never the token itself."""
        token, now = self._token, self._around.clock()
        return TokenStatus(
            valid=token is not None and (token.expires_at is None or now < token.expires_at),
            grant=None if token is None else token.grant,
            scopes=[] if token is None else list(token.scopes),
            expires_at=None if token is None else token.expires_at,
            refreshable=token is not None and (token.refresh is not None or token.grant == "client_credentials"),
            claims=self._claims,
        )

    async def proof_for(self, url: str) -> Proof:
        """Return what to add to a request, with a token that is good; :raises NotForServer: for other servers."""
        check_server(self.name, url, self.hosts)
        if self._known().is_fresh(self._around.clock()):
            return self._proof()
        await self._renewed()
        return self._proof()

    def kept(self) -> dict[str, Any]:
        """Return all of it, to be put where secrets are kept."""
        token = None if self._token is None else asdict(self._token)
        return {"kind": "oauth2", "server": asdict(self._server), "client": asdict(self._client), "token": token}

    @classmethod
    def of_kept(cls, name: str, kept: Mapping[str, Any], hosts: tuple[str, ...], around: Surroundings) -> OAuth2:
        """Return what was kept."""
        from llmspell_bridges.auth.flow import Client, Token
        from llmspell_bridges.auth.server import Server

        made = cls(name, Server(**_tuples(kept["server"])), Client(**_tuples(kept["client"])), hosts, around)
        made._token = None if kept["token"] is None else Token(**_tuples(kept["token"]))
        for secret in (made._client.secret, *((made._token.access, made._token.refresh) if made._token else ())):
            around.note(secret)
        return made

    def _known(self) -> Token:
        if self._token is None:
            raise NoCredential(self.name, f"get a token first, by authorize() or {spelled('client_credentials')}()")
        return self._token

    def _proof(self) -> Proof:
        return Proof((("Authorization", f"Bearer {self._known().access}"),))

    def _locked(self) -> Lock:
        import asyncio

        self._lock = self._lock or asyncio.Lock()
        return self._lock

    async def _renewed(self) -> None:
        """Wait until the token is replaced, once for all who wait.

        It goes on though whoever asked is cancelled: a refresh token is good for one request, and what the server
        answers to that is the only way on.
        """
        import asyncio

        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.get_running_loop().create_task(self._renew())
            self._renewal.add_done_callback(_heed)
        await asyncio.shield(self._renewal)

    async def _renew(self) -> None:
        before = self._known()
        async with self._locked():
            # Somebody may have got another one meanwhile.
            if self._token is before:
                await self._exchange(before)

    async def _exchange(self, token: Token) -> None:
        from llmspell_bridges.auth.flow import token_request

        if token.refresh is not None:
            fields = {"refresh_token": token.refresh}
            try:
                answer = await token_request(self._server, self._client, self._around.wire, "refresh_token", **fields)
            except OAuthFailed as failure:
                if failure.error == "invalid_grant":
                    self._token = None
                    await self._keep()
                raise
            await self._take(answer, token.grant)
        elif token.grant == "client_credentials":
            await self._by_client()
        else:
            problem = "the token cannot be replaced: the server gave no refresh token; begin with authorize() again"
            raise OAuthFailed("expired", problem)

    async def _by_client(self) -> None:
        from llmspell_bridges.auth.flow import token_request

        fields = {"scope": " ".join(self._client.scopes) or None, "audience": self._client.audience}
        answer = await token_request(self._server, self._client, self._around.wire, "client_credentials", **fields)
        await self._take(answer, "client_credentials")

    async def _take(self, answer: Mapping[str, Any], grant: str) -> None:
        from llmspell_bridges.auth.flow import redeem

        for name in ("access_token", "refresh_token", "id_token"):
            if isinstance(said := answer.get(name), str) and len(said) <= _LONGEST_TOKEN:
                self._around.note(said)
        self._token = redeem(answer, grant, self._client.scopes, self._around.clock(), self._token)
        await self._keep()

    async def _keep(self) -> None:
        import asyncio

        if self.keep is not None:
            await asyncio.to_thread(self.keep)

    async def _identity(self, token: Any, nonce: str | None) -> dict[str, Any] | None:
        """Return what an identity token says, when it is signed by the server and meant for this question."""
        from llmspell_bridges.auth import tokens

        if not isinstance(token, str) or self._server.jwks_url is None:
            return None
        key = await self._around.keys.key(self._server.jwks_url, token)
        wanted: Any = {"audience": self._client.id, "require": ["exp", "iat", "sub"], "leeway": 30}
        if self._server.issuer is not None:
            wanted["issuer"] = self._server.issuer
        claims = tokens.verify(token, key, wanted, self._around.clock())["claims"]
        # A token without one may be of another sign-in, put in this one's place.
        if nonce is not None and claims.get("nonce") != nonce:
            raise BadToken("claim", "its claim 'nonce' is not what was asked with", "nonce")
        return dict(claims)


def _heed(renewal: Task[None]) -> None:
    """Look at the error of what nobody may wait for any more."""
    if not renewal.cancelled():
        renewal.exception()


def _tuples(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
