"""What callers may set for the bridge ``state``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["StateSettings"]


class StateSettings(TypedDict, total=False):
    """What callers may set.

    :param url: of the store in which values outlive the run: ``sqlite:///FILE``, ``redis://HOST:PORT/0``
    :param namespace: keeps apart what several applications have in one store
    :param max_bytes: that are kept in a scope, and that all values of a run have which ``create`` made
    :param max_keys: that are kept in a scope
    :param history: how many former values of a key are remembered
    """

    url: str
    namespace: str
    max_bytes: int
    max_keys: int
    history: int
