"""Drive a session on a cassette: what it has answers to is not asked, and what is asked is kept on it.

Calls that may wait go through the cassette. Those that never wait, that return handles or are made again when a run
goes on, and those that are given functions are made, for they work in memory or call the spell itself; what such a
call asks a model or does to the world (:meth:`llmspell_core.bridge.Context.once`) goes through the cassette. While a
test answers in the place of something, calls are made, so that they get there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_core.crossing import error_value
from llmspell_core.drive import Drive
from llmspell_core.errors import ConversionError, LimitExceeded, LlmspellError
from llmspell_core.present import in_call
from llmspell_core.protocol import Reject, Resolve
from llmspell_core.values import Function, HandleRef
from llmspell_core.veils import secret_texts, veiled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_core.bridge import Once
    from llmspell_core.journal.cassette import Cassette
    from llmspell_core.mount import Method
    from llmspell_core.points import Points
    from llmspell_core.protocol import Call, Inbox

__all__ = ["Taping", "taped"]


class Taping(Drive):
    """Answers calls from a cassette, and keeps on it what others come to.

    :param names: what calls are called on the cassette, by their numbers; filled here
    """

    def __init__(self, *args: Any, cassette: Cassette, names: dict[int, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._cassette, self._names = cassette, names
        self._asked: dict[int, dict[str, Any]] = {}

    async def _call(self, call: Call, plain: bool) -> None:
        found = None if self._mount.points.faked else self._found(call, plain)
        if found is None:
            await super()._call(call, plain)
            return
        method, positional, options = found
        self._learn(call)
        name = self._names[call.id] = method.signature.name
        arguments = self._arguments(method, positional, options)
        if arguments is None:
            await super()._call(call, plain)
            return
        try:
            answer = self._cassette.find(name, arguments)
            if answer is not None:
                self._bounds.call(len(self._flight))
                self._mount.admit(method, method.signature.named(positional, options))
                self._replies.resolve(call.id, answer.outcome())
                return
        except LimitExceeded:
            raise
        except LlmspellError as error:
            self._replies.reject(call.id, error, name)
            return
        self._asked[call.id] = arguments
        await super()._call(call, plain)

    async def _next(self) -> Inbox:
        inbox = await super()._next()
        for event in inbox.events:
            if isinstance(event, Resolve | Reject) and event.id in self._asked:
                self._keep(event, self._asked.pop(event.id))
        return inbox

    def _arguments(self, method: Method, positional: list[Any], options: dict[str, Any]) -> dict[str, Any] | None:
        """Return the arguments of a call as the cassette has them; None for a call that does not go through it."""
        signature = method.signature
        if not signature.may_wait or signature.gives_handles or method.is_redone(positional, options):
            return None
        given = signature.named(positional, options)
        for text in secret_texts(given, method.secret):
            self._cassette.hide(text)
        given = veiled(given, method.secret)
        usual = signature.defaults()
        try:
            lowered, _ = self._crossing.lower(
                {name: value for name, value in given.items() if name not in usual or value != usual[name]}
            )
        except ConversionError:
            return None
        return None if _holds(lowered, (Function, HandleRef)) else lowered

    def _learn(self, call: Call) -> None:
        """Have the cassette know what an exported run has of the bridge or handle that is called."""
        owner = call.target
        if isinstance(owner, int):
            owner = type(self._mount.handle(HandleRef(owner))).__name__
        for each in self._cassette.recorded(owner):
            try:
                method = self._mount.method(call.target, each.method)
                if each.args is None:
                    self._cassette.learn_once(method.signature.name, str(each.key), each.done)
                    continue
                arguments = self._arguments(method, *method.signature.bind(self._crossing.adopt(list(each.args))))
            except LlmspellError:
                continue  # what needed handles of that run, or is not called so any more
            if arguments is not None:
                self._cassette.learn(method.signature.name, arguments, each.done)

    def _keep(self, event: Resolve | Reject, arguments: dict[str, Any]) -> None:
        name = self._names[event.id]
        if isinstance(event, Reject):
            self._cassette.keep(name, arguments, event.error, ok=False)
        elif not _holds(event.value, (HandleRef,)):
            self._cassette.keep(name, arguments, event.value, ok=True)


def taped(once: Once | None, cassette: Cassette, names: dict[int, str], points: Points) -> Once:
    """Return what does things once, on a cassette.

    :param once: does what the cassette has no answer to; None for just doing it
    :param names: what calls are called on the cassette
    :param points: those of the run
    """

    async def really(key: str, do: Callable[[], Awaitable[Any]]) -> Any:
        # Also what a cassette answers is written down: a run that goes on makes the call again, and has no cassette.
        return await (do() if once is None else once(key, do))

    async def through(key: str, do: Callable[[], Awaitable[Any]]) -> Any:
        if points.faked:
            return await really(key, do)
        within = names.get(in_call.get(), "")
        answer = cassette.find_once(within, key)
        if answer is not None:

            async def played() -> Any:
                return answer.outcome()

            return await really(key, played)
        try:
            value = await really(key, do)
        except LlmspellError as error:
            cassette.keep_once(within, key, error_value(error, within), ok=False)
            raise
        cassette.keep_once(within, key, value, ok=True)
        return value

    return through


def _holds(value: Any, kinds: tuple[type, ...]) -> bool:
    if type(value) is list:
        return any(_holds(item, kinds) for item in value)
    if type(value) is dict:
        return any(_holds(item, kinds) for item in value.values())
    return isinstance(value, kinds)
