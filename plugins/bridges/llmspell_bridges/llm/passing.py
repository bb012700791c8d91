"""A model's request on its way past the hooks that stand at ``llm``.

Its arguments are ``{messages, options, tools}``: messages as :class:`~llmspell_bridges.llm.models.Message`, the
options that were given, and the names of the tools; with ``schema`` where the answer is to fit one, and ``embed`` where
vectors of the messages' texts are asked for. Its result is a :class:`~llmspell_bridges.llm.models.Reply`; a hook may
answer with a text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.models import Message, Model, PreparedStream, Reply, Settings, Tool
from llmspell_bridges.llm.records import Options

if TYPE_CHECKING:
    from llmspell_core.points import Action, Points

__all__ = ["Asked", "Passing", "as_reply"]


@dataclass(frozen=True)
class Asked:
    """What a model is asked.

    :param schema: the JSON Schema that the answer is to fit, where the model is told of it
    """

    messages: Sequence[Message]
    options: Options
    tools: Sequence[Tool] = ()
    schema: Mapping[str, Any] | None = None

    @property
    def settings(self) -> Settings:
        """What the model is told beside the messages and the tools."""
        return replace(self.options.settings(), schema=self.schema)

    def arguments(self) -> dict[str, Any]:
        """Return what hooks see of it."""
        names = [tool.name for tool in self.tools]
        seen: dict[str, Any] = {"messages": list(self.messages), "options": self.options.given(), "tools": names}
        return seen if self.schema is None else {**seen, "schema": self.schema}

    def left(self, arguments: Mapping[str, Any]) -> Asked:
        """Return what is asked when hooks have left these arguments."""
        options = Options(**arguments["options"])
        return replace(self, messages=arguments["messages"], options=options, schema=arguments.get("schema"))


def as_reply(came: Reply | str, model: Model) -> Reply:
    """Return what came of a request as a reply, also where a hook has said but its text."""
    return Reply(came, model.name, cost=0.0) if isinstance(came, str) else came


class Passing:
    """A request whose answer is a stream: the hooks see it before it is made, and when the stream has ended.

    :raises Denied: when a hook refuses
    """

    def __init__(self, points: Points, model: Model, asked: Asked) -> None:
        self._points, self._model = points, model
        self._action: Action | None = None
        self.asked = asked
        if not points.watched:
            return
        self._action = points.begin("llm", model.name, asked.arguments())
        if self._action.error is not None:
            points.end(self._action)
        self.asked = asked.left(self._action.arguments)

    def answered(self) -> PreparedStream | None:
        """Return the answer that a hook has given, or None."""
        if self._action is None or not self._action.answered:
            return None
        reply = as_reply(self._action.result, self._model)
        return PreparedStream(reply, [reply.text])

    def failed(self, error: BaseException) -> None:
        """Note that there is no stream."""
        if self._action is None:
            return
        self._action.error = error
        self._points.end(self._action)

    def ended(self, reply: Reply, error: Exception | None) -> Reply:
        """Return the answer as the hooks leave it, when its stream has ended.

        :param error: why it ended early, if it did
        """
        if self._action is None:
            return reply
        self._action.result, self._action.error = reply, error
        try:
            return as_reply(self._points.end(self._action), self._model)
        except BaseException:
            if error is None:
                raise
            return reply  # the error is raised where the stream is read
