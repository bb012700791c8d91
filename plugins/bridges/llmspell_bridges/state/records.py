"""The records that spells get from the bridge state."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

__all__ = ["ArtifactRecord", "Blob", "DifferenceRecord", "PastRecord", "StepRecord"]


class PastRecord(TypedDict):
    """What was kept under a key.

    :param time: since when, Unix seconds
    :param until: when it was replaced, dropped or gone
    """

    value: Any
    version: int
    time: float
    until: float


class StepRecord(TypedDict):
    """What a value was at one time.

    :param steps: how many steps ago: what ``undo`` takes
    :param change: how it came about: ``set $.a``
    :param time: when, Unix seconds
    """

    steps: int
    change: str
    time: float
    value: Any


class DifferenceRecord(TypedDict):
    """What differs at one place between two values.

    :param path: where, as ``$.a.b[0]``
    :param before: what the first has there; nil when it has nothing
    :param after: what the second has there; nil when it has nothing
    """

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class ArtifactRecord(TypedDict):
    """What is known of an artifact.

    :param size: its bytes
    """

    name: str
    media_type: str
    size: int


class Blob(ArtifactRecord):
    """An artifact with its data.

    :param data: text or bytes, as it was given
    """

    data: str | bytes
