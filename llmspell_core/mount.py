"""What one run can call: its bridges, each made when first touched, and the handles it was given."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from llmspell_core import plugins
from llmspell_core.arguments import letters
from llmspell_core.bridge import Bridge, Context, exposed_methods, needs_of, redo_of, secret_of
from llmspell_core.errors import BrokenPlugin, CallError, ConversionError, UnknownBridge, UnknownMethod, UsageError
from llmspell_core.facts import Fact, Record, fact, record
from llmspell_core.guard import capabilities, parameters_of
from llmspell_core.points import Passing
from llmspell_core.present import spelled
from llmspell_core.values import Handle, HandleRef

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmspell_core.bridge import Redo
    from llmspell_core.signatures import Signature

__all__ = ["Method", "Mount", "signatures_of"]


@fact
class Method(Fact):
    """A method ready to be called: the bound function, how its arguments are read, and the handle it belongs to.

    :param needs: the capabilities that a call needs, with parameters in braces
    :param redo: whether a call is made again when an interrupted run goes on
    :param unhooked: a call of it passes no point
    :param secret: the parameters, and fields of them, that nobody is shown
    """

    function: Callable[..., Any]
    signature: Signature
    handle: int | None = None
    needs: tuple[str, ...] = ()
    redo: Redo = False
    unhooked: bool = False
    secret: tuple[str, ...] = ()

    def is_redone(self, positional: list[Any], options: dict[str, Any]) -> bool:
        """Tell whether a call with such arguments is made again when an interrupted run goes on."""
        if not callable(self.redo):
            return self.redo
        return self.redo(self.signature.defaults() | self.signature.named(positional, options))


@record
class _Held(Record):
    handle: Handle
    busy: int = 0
    released: bool = False


class Mount:
    """The bridges and handles of a run.

    :param classes: the bridges to mount by name, or None for all that are installed
    """

    def __init__(self, context: Context, classes: Mapping[str, type[Bridge]] | None) -> None:
        self._context, self._classes = context, None if classes is None else _by_all_names(classes)
        self._bridges: dict[str, Bridge] = {}
        self._methods: dict[tuple[str | int, str], Method] = {}
        self._held: dict[int, _Held] = {}
        self._numbers: dict[int, int] = {}
        self._last = 0
        self._expected: deque[int] = deque()
        self.points, self.background = context.points, context.background
        self._sent: set[int] = set()
        names = plugins.bridge_names() if self._classes is None else sorted(self._classes)
        self.names = tuple(name for name in names if not name.startswith("_"))

    def method(self, target: str | int, name: str) -> Method:
        """Return a bridge's or handle's method; :raises UnknownBridge, UnknownMethod, BrokenPlugin: what is wrong."""
        try:
            return self._methods[target, name]
        except KeyError:
            made = self._methods[target, name] = self._find(target, name)
            return made

    def admit(self, method: Method, arguments: dict[str, Any]) -> None:
        """Do nothing if the run may make a call with arguments by name; :raises Denied: naming what it lacks."""
        signature = method.signature
        bridge, _, name = signature.name.partition(".")
        for capability in capabilities(method.needs, signature.defaults() | arguments):
            self._context.guard.require(capability, bridge, name)

    async def call(self, method: Method, positional: list[Any], options: dict[str, Any], *, again: bool = False) -> Any:
        """Make a call past the hooks at ``bridge_call``; it is admitted with the arguments that they leave.

        :param again: it was made before the run was interrupted: it was admitted, and nobody who watches is told
        """
        signature = method.signature
        given = signature.named(positional, options)
        if not self.points.hooked:
            action = self.points.begin("bridge_call", signature.name, given, None, method.secret)
            with Passing(self.points, action):
                if method.needs:
                    self.admit(method, given)
                made = method.function(*positional, **options)
                action.result = await made if signature.is_async else made
                return action.result

        async def do(arguments: dict[str, Any]) -> Any:
            left = signature.checked_again(arguments, given)
            if method.needs and not again:
                self.admit(method, left)
            args, named = (positional, options) if left is arguments else signature.unnamed(left)
            made = method.function(*args, **named)
            return await made if signature.is_async else made

        return await self.points.act("bridge_call", signature.name, given, do, secret=method.secret, again=again)

    def passes_as(self, name: str) -> str:
        """Return the name by which calls pass the hooks that are called by another, as any language writes it.

        ``storage.readJson`` is ``fs.read_json``. ``*`` stands for any text; what a handle's class is called is left as
        it is, as nobody knows of it before there is one.

        :raises CallError: when no call ever passes by that name, and which was meant
        """
        bridge, _, method = name.partition(".")
        if "*" in bridge or bridge[:1].isupper():
            return name
        cls, own = self._class_of(bridge)
        if cls.unhooked:
            raise CallError(f"calls of {own} pass no hooks, and nothing stands in their place")
        return f"{own}.{_passing(cls, own, method)}"

    def ref(self, handle: Handle) -> HandleRef:
        """Return how the handle travels, numbered on first use."""
        number, expected = self._numbers.get(id(handle)), self._expected.popleft() if self._expected else None
        if number is None:
            number = self._numbers[id(handle)] = expected or self._last + 1
            self._last = max(self._last, number)
            self._held[number] = _Held(handle)
        # A call that it was let go of with may have it come back.
        self._held[number].released = False
        self._sent.add(number)
        return HandleRef(number, type(handle).__name__, handle.iterable)

    def number(self, numbers: Sequence[int], last: int) -> None:
        """Give the handles that travel next these numbers, as they had them before, and new ones only beyond a last."""
        self._expected, self._last = deque(numbers), max(self._last, last)

    def handle(self, ref: HandleRef) -> Handle:
        """Return the handle that a script handed back."""
        held = self._held.get(ref.id)
        if held is None:
            raise ConversionError("the handle is not of this run, or was released")
        return held.handle

    def enter(self, method: Method) -> None:
        """Note that a call on a handle begins: the handle stays open until :meth:`leave`."""
        self.hold(method.handle)

    def leave(self, method: Method) -> Handle | None:
        """Note that a call has ended; return the handle if it can be closed now."""
        return self.let_go(method.handle)

    def hold(self, number: int | None) -> None:
        """Keep a handle open, also when the script releases it, until :meth:`let_go`."""
        if number is not None and number in self._held:
            self._held[number].busy += 1

    def let_go(self, number: int | None) -> Handle | None:
        """Keep a handle open no longer; return it if it can be closed now."""
        held = self._held.get(number) if number is not None else None
        if held is None:
            return None
        held.busy -= 1
        return self._drop(number, held) if held.released and not held.busy else None

    def stepped(self) -> None:
        """Note that the session was fed: handles sent from now on are newer than what it releases."""
        self._sent.clear()

    def release(self, number: int) -> Handle | None:
        """Drop a handle that the script let go of; return it if it can be closed now."""
        held = self._held.get(number)
        if held is None or number in self._sent:
            return None
        held.released = True
        return None if held.busy else self._drop(number, held)

    def closing(self) -> list[Any]:
        """Return what has a ``close`` of its own to be called at the end, and forget everything.

        Handles come first, then bridges, then what bridges have in common.
        """
        ending: list[Handle | Bridge] = [held.handle for held in self._held.values()]
        ending += self._bridges.values()
        self._held, self._bridges, self._methods, self._numbers = {}, {}, {}, {}
        own = [item for item in ending if type(item).close not in (Handle.close, Bridge.close)]
        return [*own, *self._context.run.closing()]

    def _drop(self, number: int | None, held: _Held) -> Handle:
        assert number is not None
        del self._held[number]
        del self._numbers[id(held.handle)]
        for key in [key for key in self._methods if key[0] == number]:
            del self._methods[key]
        return held.handle

    def _find(self, target: str | int, name: str) -> Method:
        if not isinstance(target, int):
            return self._of_bridge(target, name)
        owner = self.handle(HandleRef(target))
        function, signature, needs, redo = _signature(type(owner), type(owner).__name__, name)
        bound = getattr(owner, function)
        return Method(bound, signature, target, needs, redo, owner.unhooked, secret_of(bound))

    def _is_role(self, target: str) -> bool:
        return target.startswith("_") and target in (
            plugins.bridge_entries() if self._classes is None else self._classes
        )

    def _of_bridge(self, target: str, name: str) -> Method:
        """Return a bridge's method; the bridge itself is made when a call was admitted."""
        cls, own = self._class_of(target)
        function, signature, needs, redo = _signature(cls, own, name)

        def first(*args: Any, **options: Any) -> Any:
            if own not in self._bridges:
                context = self._context.of(own)
                _check_names(cls, context.options)
                self._bridges[own] = cls(context)
            made = replace(method, function=getattr(self._bridges[own], function))
            self._methods[target, name] = made
            return made.function(*args, **options)

        method = Method(first, signature, None, needs, redo, cls.unhooked, secret_of(getattr(cls, function)))
        return method

    def _class_of(self, target: str) -> tuple[type[Bridge], str]:
        """Return the bridge of that name, and its own name; :raises UnknownBridge, BrokenPlugin: what is wrong."""
        if target not in self.names and not self._is_role(target):
            raise UnknownBridge(target, self.names)
        cls = plugins.bridge_class(target) if self._classes is None else self._classes[target]
        plugins.check_bridge(cls)
        return cls, cls.name if target in (*cls.aliases, *cls.roles) else target


def _check_names(cls: type[Bridge], given: Mapping[str, Any]) -> None:
    """:raises UsageError: naming a setting that a bridge does not have, where it says which it has."""
    if cls.settings is None:
        return
    known = cls.settings.__required_keys__ | cls.settings.__optional_keys__
    for name in given:
        if name not in known:
            raise UsageError(
                f"the bridge {cls.name!r} has no setting {name!r}, and has {', '.join(sorted(known))}; "
                f"correct it in the runner's options, or leave it out"
            )


def _by_all_names(classes: Mapping[str, type[Bridge]]) -> dict[str, type[Bridge]]:
    others = {
        name: cls for cls in classes.values() for name in (*getattr(cls, "aliases", ()), *getattr(cls, "roles", ()))
    }
    return {**others, **classes}


def _signature(owner: type, label: str, name: str) -> _Read:
    signatures = signatures_of(owner, label)
    if name not in signatures:
        raise UnknownMethod(label, name, list(signatures))
    return signatures[name]


def _passing(cls: type[Bridge], own: str, method: str) -> str:
    """Return the name that a bridge's method, or each of those that a text with ``*`` stands for, passes by."""
    read = signatures_of(cls, own)
    if "*" in method:
        from fnmatch import filter as matching

        if matching({function for function, *_ in read.values()}, method):
            return method
        raise CallError(f"no method of {own} is named like {method!r}; it has {', '.join(map(spelled, sorted(read)))}")
    wanted = letters(method)
    known = next((function for name, (function, *_) in read.items() if letters(name) == wanted), None)
    return known or _signature(cls, own, method)[0]


_Read: TypeAlias = "tuple[str, Signature, tuple[str, ...], Redo]"
_read: WeakKeyDictionary[type, dict[str, _Read]] = WeakKeyDictionary()


def signatures_of(owner: type, label: str) -> dict[str, _Read]:
    """Return, by every name that spells may use, a method's own name, its signature, its needs and its redoing."""
    if owner not in _read:
        from llmspell_core.exposure import check_methods
        from llmspell_core.signatures import Signature

        check_methods(owner, label)
        made: dict[Any, _Read] = {}
        found: dict[str, _Read] = {}
        for name, function in exposed_methods(owner).items():
            if function not in made:
                signature, needs = Signature(f"{label}.{function.__name__}", function, _reader), needs_of(function)
                _check_needs(signature, needs)
                made[function] = function.__name__, signature, needs, redo_of(function)
            found[name] = made[function]
        _read[owner] = found
    return _read[owner]


def _reader(kind: type) -> Callable[[Any, type], Any] | None:
    from llmspell_core.converter import Converters

    return Converters(plugins.converters()).reader(kind)


def _check_needs(signature: Signature, needs: tuple[str, ...]) -> None:
    """:raises BrokenPlugin: when ``needs`` of a method speaks of parameters that it does not have."""
    known = {*signature.options, *(p.name for p in (*signature.positional, signature.variadic) if p is not None)}
    if unknown := parameters_of(needs) - known:
        cause = f"what {signature.name} needs names {', '.join(sorted(unknown))}, which is no parameter of it"
        raise BrokenPlugin("bridge", signature.name.partition(".")[0], cause, "name a parameter in the braces")
