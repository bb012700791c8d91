"""How names are spelled: ``chat_session`` of the host is ``chat-session`` here."""

from __future__ import annotations

__all__ = ["binding_name", "host_name"]


def binding_name(name: str) -> str:
    """Return what the host's name is called in this language."""
    return name.replace("_", "-")


def host_name(name: str) -> str:
    """Return the host's name of what a script calls by this one."""
    return name.replace("-", "_")
