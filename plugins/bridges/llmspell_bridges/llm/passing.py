"""A model's request on its way past the hooks that stand at ``llm``.

Its arguments are ``{messages, options, tools}``: messages as :class:`~llmspell_bridges.llm.models.Message`, the options
that were given, and the names of the tools; with ``schema`` where the answer is to fit one, and ``embed`` where vectors
of the messages' texts are asked for. Its result is a :class:`~llmspell_bridges.llm.models.Reply`; a hook may answer
with a text alone, or with ``{error: {reason, message}}`` for a model that fails. What spells' hooks leave are maps;
they are read as what they stand for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from llmspell_bridges.llm.failures import ProviderFailed, Reason
from llmspell_bridges.llm.models import Message, Model, PreparedStream, Reply, Settings, Tool
from llmspell_bridges.llm.records import Options
from llmspell_core.errors import CallError, Cancelled

if TYPE_CHECKING:
    import asyncio

    from llmspell_core.points import Points

__all__ = ["Asked", "Passing", "as_conversation", "as_reply", "used"]


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
        given = arguments.get("options") or {}
        options = self.options if given == self.options.given() else _read(Options, given)
        messages = as_conversation(arguments.get("messages"))
        return replace(self, messages=messages, options=options, schema=arguments.get("schema"))


def as_reply(came: Any, model: str) -> Reply:
    """Return what came of a request as a reply, also where a hook has said but its text, or its fields.

    :raises ProviderFailed: when the hook says that the model fails: ``{error: {reason, message}}``
    """
    if isinstance(came, Reply):
        return came
    if isinstance(came, str):
        return Reply(came, model, cost=0.0)
    if isinstance(came, dict):
        if "error" in came:
            raise _failure(came["error"], model)
        made: Reply = _read(Reply, {"model": model, **came})
        return made
    raise CallError(f"a hook at llm answers with a text or the fields of a reply, not {came!r}")


def _failure(error: Any, model: str) -> ProviderFailed:
    told = {"message": error} if isinstance(error, str) else error
    if not isinstance(told, dict) or told.get("reason", "server") not in get_args(Reason):
        there = ", ".join(get_args(Reason))
        raise CallError(f"a failure that a hook has left at llm is a text, or {{reason, message}}; reasons are {there}")
    more = {name: told[name] for name in ("status", "retry_after") if name in told}
    return ProviderFailed(model, told.get("reason", "server"), str(told.get("message", "the hook says so")), **more)


def used(reply: Reply, requests: int) -> dict[str, Any]:
    """Return what is said of a request once it is known what it used."""
    made = {"requests": requests, "input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens}
    return {**made, "cost": reply.cost, "model": reply.model, "finish_reason": reply.finish_reason}


def as_conversation(value: Any) -> list[Message]:
    """Return messages that a hook has left, also where it has written them as maps."""
    if isinstance(value, list) and all(isinstance(each, Message) for each in value):
        return value
    made: list[Message] = _read(list[Message], value)
    return made


def _read(kind: Any, value: Any) -> Any:
    """Return a value of that kind; :raises CallError: when the hook's is none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(map(str, first["loc"]))
        raise CallError(f"what a hook has left at llm is not right: {path or 'it'}: {first['msg']}") from None


class Passing:
    """A request whose answer is a stream: an action that lasts from before it is made until the stream has ended."""

    def __init__(self, points: Points, model: Model, asked: Asked) -> None:
        self._points, self._model, self.asked = points, model, asked
        self._acting: asyncio.Task[Any] | None = None
        self._open: asyncio.Future[None]
        self._heard: asyncio.Future[Reply]
        self._answer: Reply | None = None
        self._facts: dict[str, Any] = {}

    @classmethod
    async def begun(cls, points: Points, model: Model, asked: Asked) -> Passing:
        """Return a request as the hooks leave it; :raises Denied: when one refuses."""
        made = cls(points, model, asked)
        if points.watched:
            await made._begin()
        return made

    def answered(self) -> PreparedStream | None:
        """Return the answer that a hook has given, or None."""
        return None if self._answer is None else PreparedStream(self._answer, [self._answer.text])

    async def failed(self, error: BaseException) -> None:
        """Note that there is no stream, or no more of it."""
        if self._acting is None or self._acting.done():
            return
        import asyncio

        self._heard.set_exception(error if isinstance(error, Exception) else Cancelled("the request was cancelled"))
        await asyncio.wait([self._acting])
        if not self._acting.cancelled():
            self._acting.exception()  # asked for, so that it is not reported as lost

    async def ended(self, reply: Reply, error: Exception | None, requests: int) -> Reply:
        """Return the answer as the hooks leave it, when its stream has ended.

        :param error: why it ended early, if it did
        """
        if self._acting is None or self._acting.done():
            return reply
        self._facts = used(reply, requests)
        if error is not None:
            await self.failed(error)
            return reply  # the error is raised where the stream is read
        self._heard.set_result(reply)
        return as_reply(await self._acting, self._model.name)

    async def _begin(self) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        self._open, self._heard = loop.create_future(), loop.create_future()
        facts = {"stream": True}
        acting = loop.create_task(self._points.act("llm", self._model.name, self.asked.arguments(), self._do, facts))
        try:
            await asyncio.wait([self._open, acting], return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            acting.cancel()
            raise
        if acting.done():
            self._answer = as_reply(acting.result(), self._model.name)
        else:
            self._acting = acting

    async def _do(self, arguments: dict[str, Any]) -> Reply:
        if self._open.done():
            raise CallError("a stream is handed out as it comes, so no hook can have it made again; call without one")
        self.asked = self.asked.left(arguments)
        self._open.set_result(None)
        try:
            return await self._heard
        finally:
            self._points.note(**self._facts)
