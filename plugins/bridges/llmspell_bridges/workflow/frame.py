"""What the steps of a running workflow see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.facts import Fact, fact

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNDO", "Frame", "Spot"]

UNDO = "~undo"


class Frame:
    """One workflow that runs: its input, and what its steps have made so far.

    :param key: of the step that it stands for, where it is a part of another
    """

    def __init__(self, name: str, start: Any, params: Mapping[str, Any], key: str = "") -> None:
        self.name, self.start, self.params, self.key = name, start, params, key
        self.outputs: dict[str, Any] = {}
        self.state: dict[str, Any] = {}

    def note(self, name: str, output: Any, save: str | None) -> None:
        """Have the output of a step seen by those after it."""
        if name:
            self.outputs[name] = output
        if save is not None:
            self.state[save] = output


@fact
class Spot(Fact):
    """Where in a run a step is taken.

    :param key: tells it from all other times that this or another step is taken
    :param item: of the list that is gone through, with its number from 1; in a loop the number alone
    """

    frame: Frame
    key: str
    item: Any = None
    number: int | None = None

    @property
    def is_aside(self) -> bool:
        """True for what compensates a step, or stands in the place of one that has failed."""
        return "~" in self.key

    @property
    def undoes(self) -> bool:
        """True for what compensates a step, and all that is in it."""
        return UNDO in self.key

    def below(self, part: object) -> Spot:
        """Return where a part of the step is taken."""
        return Spot(self.frame, f"{self.key}/{part}", self.item, self.number)

    def again(self, attempt: int) -> Spot:
        """Return where another attempt is made."""
        return self if attempt == 1 else Spot(self.frame, f"{self.key}#{attempt}", self.item, self.number)

    def seen(self, given: Any, **more: Any) -> dict[str, Any]:
        """Return what a step sees.

        :param given: its input
        """
        frame = self.frame
        seen = {
            "input": given,
            "start": frame.start,
            "steps": dict(frame.outputs),
            "state": dict(frame.state),
            "params": dict(frame.params),
        }
        if self.number is not None:
            seen |= {"item": self.item, "number": self.number}
        return seen | more
