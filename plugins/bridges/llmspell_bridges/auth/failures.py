"""The errors of proving who asks, as spells see them."""

from __future__ import annotations

from llmspell_core.errors import BadArgument, CallError, Denied, ProviderError, SpellFailed, closest
from llmspell_core.present import spelled

__all__ = [
    "BadToken",
    "NoCredential",
    "NoSuchPolicy",
    "NotForServer",
    "OAuthFailed",
    "TooManySecrets",
    "UnknownProvider",
]


class UnknownProvider(CallError):
    """Nobody has said what proves who asks that provider."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        hint = closest(name, known) or f"; there are {', '.join(known)}"
        super().__init__(f"no provider named {name[:60]!r} is known{hint}; the setting 'providers' of auth adds others")


class NoCredential(CallError):
    """A credential is not there; the message says where it was looked for."""

    kind = "no_credential"

    def __init__(self, name: str, cure: str) -> None:
        self.name = name
        self.data = {"name": name}
        super().__init__(f"there is no credential for {name!r}; {cure}")


class NotForServer(Denied):
    """A credential that the spell may use and not read belongs to other servers; ``data`` is ``{host, hosts}``."""

    def __init__(self, name: str, host: str, hosts: tuple[str, ...], problem: str) -> None:
        self.name, self.host, self.hosts = name, host, hosts
        self.data = {"host": host, "hosts": list(hosts)}
        super().__init__(f"the credential {name!r} is not sent to {host}: {problem}")


class OAuthFailed(ProviderError):
    """An authorization server refused, or answered what it may not; ``data`` is ``{error, description, status}``.

    :param error: the server's own word, as ``invalid_grant``, or one of ours
    """

    kind = "oauth"

    def __init__(self, error: str, problem: str, *, description: str = "", status: int | None = None) -> None:
        self.error, self.description, self.status = error, description, status
        self.data = {"error": error, "description": description, "status": status}
        super().__init__(problem)


class BadToken(SpellFailed):
    """A token proves nothing; ``data`` is ``{reason, claim}``.

    :param reason: ``malformed``, ``algorithm``, ``key``, ``signature``, ``expired``, ``early`` or ``claim``
    :param claim: which one, where one is wrong
    """

    kind = "token"

    def __init__(self, reason: str, problem: str, claim: str | None = None) -> None:
        self.reason, self.problem, self.claim = reason, problem, claim
        self.data = {"reason": reason, "claim": claim}
        super().__init__(f"the token is refused: {problem}")


class NoSuchPolicy(CallError):
    """No policy of that name was made in this run."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        hint = closest(name, known) or f"; make it with {spelled('create_policy')}"
        super().__init__(f"no policy is named {name[:60]!r}{hint}")


class TooManySecrets(BadArgument):
    """A spell handed over more secrets, or a longer one, than can be looked for in all that is told of the run."""

    def __init__(self, function: str, parameter: str, problem: str) -> None:
        super().__init__(function, None, parameter, problem)
