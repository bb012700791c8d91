"""What callers may set for the bridge ``auth``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["AuthSettings", "CredentialSetting"]


class CredentialSetting(TypedDict, total=False):
    """Where a credential comes from, and where it may go.

    :param env: the variable of the environment that has it
    :param hosts: the hosts that it may be sent to
    :param scheme: how it is sent: ``bearer``, ``basic`` or ``api_key``
    :param header: of ``api_key``
    """

    env: str
    hosts: list[str]
    scheme: str
    header: str


class AuthSettings(TypedDict, total=False):
    """What callers may set.

    :param providers: by name
    """

    providers: dict[str, CredentialSetting]
