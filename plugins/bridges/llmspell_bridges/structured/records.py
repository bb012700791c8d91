"""The records that spells get from the structured bridge."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

__all__ = ["ChangeRecord", "ProblemRecord", "Validation"]


class ProblemRecord(TypedDict):
    """What is wrong with data, and where.

    :param path: where, as ``$.a.b[3]``
    """

    path: str
    message: str


class Validation(TypedDict):
    """Whether data fits a schema, and what is wrong where it does not."""

    valid: bool
    errors: list[ProblemRecord]


class ChangeRecord(TypedDict):
    """What differs at one path between two schemas.

    :param before: what the first has there; nil when it has nothing
    :param after: what the second has there; nil when it has nothing
    """

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any
    after: Any
