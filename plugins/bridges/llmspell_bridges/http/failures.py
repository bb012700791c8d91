"""The errors of requests over the web, as spells see them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from llmspell_core.errors import Denied, ProviderError
from llmspell_core.policy import flag

__all__ = ["HttpFailed", "NotPublic", "Reason"]

Reason: TypeAlias = Literal["bad_request", "connect", "dns", "network", "not_installed", "redirects", "timeout", "tls"]


class HttpFailed(ProviderError):
    """A request got no answer; ``data`` is ``{url, reason}``. An answer of any status is no failure.

    :param url: what was asked for, without its query
    """

    def __init__(self, url: str, reason: Reason, problem: str) -> None:
        self.url, self.reason = url, reason
        self.data = {"url": url, "reason": reason}
        super().__init__(f"{url}: {problem}")


class NotPublic(Denied):
    """A host leads to an address that is not of the public internet, and the grant does not name it."""

    def __init__(self, host: str, address: str, kind: str, capability: str) -> None:
        self.host, self.address, self.capability = host, address, capability
        self.data = {"capability": capability, "flag": flag(capability)}
        at = f"{host!r} is at {address}, " if host != address else f"{address} is "
        super().__init__(f"{at}a {kind} address, which has to be granted by name; grant it with {flag(capability)}")
