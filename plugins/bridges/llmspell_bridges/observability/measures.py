"""What is measured: instruments, measurements, and health checks, as they are made known to whoever exports them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["OTHER", "Check", "Checked", "Instrument", "Labels", "Measurement"]

Labels: TypeAlias = tuple[str, ...]
"""The values of an instrument's labels, in their order; an empty one stands for none."""
OTHER = "(other)"
"""The value of all labels of what is not told apart."""


@dataclass(frozen=True)
class Instrument:
    """What is measured.

    :param name: in the words of OpenTelemetry, with dots
    :param labels: the names of what tells its series apart
    :param buckets: the upper bounds that a histogram counts by
    """

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    description: str = ""
    unit: str = ""
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """One measurement: what is added to a counter or a gauge, or recorded by a histogram.

    :param sets: the gauge has this value from now on
    """

    instrument: Instrument
    amount: float
    labels: Labels = ()
    sets: bool = False


@dataclass(frozen=True)
class Checked:
    """Whether something is well.

    :param detail: what is said of it
    """

    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class Check:
    """A health check of a run that goes on; it is told of again, without ``ask``, when it does no more.

    :param ask: finds out, on the run's event loop; it may be called from any thread
    """

    run: str
    name: str
    ask: Callable[[float], Checked] | None
