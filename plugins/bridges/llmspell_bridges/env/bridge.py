"""The bridge ``env``."""

from __future__ import annotations

import os
import re

from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import Denied
from llmspell_core.policy import flag

__all__ = ["EnvBridge", "Secret"]

_SECRET = re.compile(
    r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|AUTH|PRIVATE|SESSION|COOKIE|_PAT\b|_DSN\b", re.IGNORECASE
)


class Secret(Denied):
    """A variable that looks like a secret is read only where it is granted by name."""

    def __init__(self, name: str) -> None:
        self.name, capability = name, f"env:{name}"
        self.data = {"capability": capability, "flag": flag(capability)}
        super().__init__(
            f"env.get needs {capability!r}, which looks like a secret; grant it by name with {flag(capability)}"
        )


class EnvBridge(Bridge):
    """Read environment variables that the caller granted; what looks like a secret has to be granted by its name."""

    name = "env"

    @expose(needs="env:{name}")
    def get(self, name: str, *, default: str | None = None) -> str | None:
        """Return the value of an environment variable, or nil when it is not set.

        :param name: the variable
        :param default: what to return when it is not set
        """
        if self._is_secret(name) and not self.context.policy.names(f"env:{name}"):
            self.context.guard.refused(f"env:{name}", "looks like a secret and is not granted by name", self.name)
            raise Secret(name)
        return os.environ.get(name, default)

    def _is_secret(self, name: str) -> bool:
        if _SECRET.search(name):
            return True
        from llmspell_bridges.llm.keys import configured_variables

        return name in configured_variables(self.context.of("llm").options)
