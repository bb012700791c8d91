"""What proves who asks: sent with requests, and never read by a spell."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from typing import TypedDict

from llmspell_bridges.auth.failures import NoCredential, NotForServer
from llmspell_core.bridge import Handle, expose

__all__ = ["Credential", "CredentialRecord", "Dropped", "Proof", "check_server"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Proof:
    """What is added to a request.

    :param headers: by name
    :param query: added to the URL
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: dict[str, str] = field(default_factory=dict, repr=False)


class CredentialRecord(TypedDict):
    """What a spell may know of a credential.

    :param kind: ``bearer``, ``basic`` or ``api_key``; ``dropped`` where a run goes on after that
    :param name: what it is called: of a provider its name
    :param hosts: the servers that it is sent to; nil when the spell gave it and may send it to any
    """

    kind: str
    name: str
    hosts: list[str] | None


class Credential(Handle):
    """Proves who asks; pass it as the option ``auth`` of a request."""

    def __init__(self, kind: str, name: str, proof: Proof, hosts: tuple[str, ...] | None) -> None:
        self.kind, self.name, self.hosts = kind, name, hosts
        self._proof = proof

    @expose
    def describe(self) -> CredentialRecord:
        """Return what it is and where it is sent; never the secret itself."""
        return CredentialRecord(kind=self.kind, name=self.name, hosts=None if self.hosts is None else list(self.hosts))

    async def proof_for(self, url: str) -> Proof:
        """Return what to add to a request; :raises NotForServer: when it belongs to other servers."""
        check_server(self.name, url, self.hosts)
        return self._proof

    def secrets(self) -> list[str]:
        """Return what of it nobody may be told, in each way that it is sent."""
        found = [*self._proof.query.values()]
        for _, value in self._proof.headers:
            if value.startswith("Basic "):
                name_and_password = b64decode(value.removeprefix("Basic ")).decode()
                found.append(name_and_password.partition(":")[2])
            found.append(value.removeprefix("Bearer ").removeprefix("Basic "))
        return found

    def kept(self) -> dict[str, object]:
        """Return all of it, to be put where secrets are kept."""
        rows = [list(row) for row in self._proof.headers]
        return {"kind": self.kind, "headers": rows, "query": self._proof.query}

    @classmethod
    def of_kept(cls, name: str, kept: dict[str, object], hosts: tuple[str, ...]) -> Credential:
        """Return what was kept."""
        rows, query = kept["headers"], kept["query"]
        assert isinstance(rows, list)
        assert isinstance(query, dict)
        return cls(str(kept["kind"]), name, Proof(tuple((row[0], row[1]) for row in rows), query), hosts)


class Dropped(Credential):
    """A credential that was kept when a run loaded it, and is not when the run goes on; only who uses it is told."""

    def __init__(self, name: str) -> None:
        super().__init__("dropped", name, Proof(), ())

    async def proof_for(self, url: str) -> Proof:
        """:raises NoCredential: always."""
        raise NoCredential(self.name, f"it was dropped since the run loaded it, and {url} is not to go without")

    def kept(self) -> dict[str, object]:
        """:raises NoCredential: always."""
        raise NoCredential(self.name, "it was dropped since the run loaded it")


def check_server(name: str, url: str, hosts: tuple[str, ...] | None) -> None:
    """Pass over a URL that a credential may be sent to.

    :param hosts: as in ``net:``, without or with a port; None for any
    :raises NotForServer: when it is another server, or could be read on its way there
    """
    if hosts is None:
        return
    from urllib.parse import urlsplit

    from llmspell_core.scopes import host_and_port, host_covers

    host, port = host_and_port(url)
    at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if not any(host_covers(rule, at) for rule in hosts):
        raise NotForServer(name, at, hosts, f"it belongs to {', '.join(hosts)}")
    if urlsplit(url).scheme != "https" and host not in _LOOPBACK:
        raise NotForServer(name, at, hosts, "the connection is not encrypted; use https")
