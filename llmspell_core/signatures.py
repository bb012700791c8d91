"""How a script's arguments become a Python call: read once from the function, checked at each call.

Positional parameters take arguments in order; keyword-only ones are the fields of one trailing map. A nil for a
parameter that has a default, and does not itself take nil, means "left out".
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NotRequired, Required, Unpack, get_args, get_origin, get_type_hints

from llmspell_core.arguments import Readers, kind_of, letters, no_readers
from llmspell_core.errors import BadArgument, BrokenPlugin, meant
from llmspell_core.intake import MISSING, Parameter
from llmspell_core.present import spelled
from llmspell_core.values import Handle

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Signature", "kind_of", "option_fields"]


class Signature:
    """The parameters of an exposed method.

    :param readers: what converters read; all else is pydantic's
    """

    def __init__(self, name: str, function: Callable[..., Any], readers: Readers = no_readers) -> None:
        self.name, self._readers = name, readers
        self.is_async = inspect.iscoroutinefunction(function)
        self.may_wait = self.is_async and _may_wait(function)
        self.gives_handles = False
        self.positional: list[Parameter] = []
        self.options: dict[str, Parameter] = {}
        self.variadic: Parameter | None = None
        self._read(function)
        # An option may come in the spelling of the script's language: maxTokens is max_tokens.
        self._spellings = {letters(name): parameter for name, parameter in self.options.items()}
        self._simple = not self.options and self.variadic is None

    def bind(self, args: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return checked positional and keyword arguments.

        :raises BadArgument: naming function, position, parameter and what was wrong
        """
        positional = self.positional
        if self._simple and len(args) == len(positional):
            try:
                return [
                    p.check(value, self.name, i + 1) if value is not None else self._nil(p, i + 1)
                    for i, (p, value) in enumerate(zip(positional, args, strict=True))
                ], {}
            except BadArgument as error:
                raise self._by_name(error, args) from None
        options: dict[str, Any] = {}
        if self.options and args and self._is_options(args):
            options = args[-1] or {}
            args = args[:-1]
        return self._bind_positional(args), self._bind_options(options)

    def named(self, positional: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        """Return bound arguments by parameter name; an option that was left out is left out here too."""
        named = {parameter.name: value for parameter, value in zip(self.positional, positional, strict=False)}
        if self.variadic is not None:
            named[self.variadic.name] = positional[len(self.positional) :]
        return named | options

    def unnamed(self, arguments: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return positional and keyword arguments for what :meth:`named` returned."""
        positional = [arguments[parameter.name] for parameter in self.positional]
        if self.variadic is not None:
            positional += arguments[self.variadic.name]
        return positional, {name: arguments[name] for name in self.options if name in arguments}

    def checked_again(self, arguments: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
        """Return what hooks have left of arguments by name, what they have changed checked as a script's are.

        :raises BadArgument: as :meth:`bind` does
        """
        if arguments.keys() == before.keys() and all(arguments[name] is before[name] for name in before):
            return arguments
        known = {parameter.name: parameter for parameter in self.positional} | self.options
        left: dict[str, Any] = {}
        for name, value in arguments.items():
            if name in before and before[name] is value:
                left[name] = value
            elif self.variadic is not None and name == self.variadic.name:
                left[name] = [self.variadic.check(item, self.name, None) for item in value]
            elif name not in known:
                raise BadArgument(self.name, None, name, f"is unknown{meant(name, known)}; a hook has put it there")
            else:
                takes_nil = value is None and known[name].takes_nil
                left[name] = None if takes_nil else known[name].check(value, self.name, None)
        for place, parameter in enumerate(self.positional, 1):
            if parameter.name not in left:
                left[parameter.name] = self._nil(parameter, place)
        return left

    def prove(self) -> None:
        """:raises BrokenPlugin: when the annotation of a parameter can be no argument's."""
        for parameter in (*self.positional, *self.options.values(), self.variadic):
            if parameter is not None:
                parameter.prove(self.name)

    def defaults(self) -> dict[str, Any]:
        """Return what options that are left out stand for."""
        return {name: parameter.default for name, parameter in self.options.items()}

    def _read(self, function: Callable[..., Any]) -> None:
        try:
            hints = get_type_hints(function, include_extras=True)
        except Exception as error:
            cause = f"the annotations of {self.name} cannot be read: {error}"
            cure = "import or define the names in its module, at run time"
            raise BrokenPlugin("bridge", self.name.partition(".")[0], cause, cure) from error
        self.gives_handles = _is_handle(hints.get("return"))
        parameters = list(inspect.signature(function).parameters.values())[1:]
        for parameter in parameters:
            hint = hints.get(parameter.name, MISSING)
            made = Parameter(parameter.name, hint, parameter.default, self._readers)
            if parameter.kind is parameter.KEYWORD_ONLY:
                self.options[parameter.name] = made
            elif parameter.kind is parameter.VAR_POSITIONAL:
                self.variadic = made
            elif parameter.kind is parameter.VAR_KEYWORD:
                self.options.update(_unpacked(made.annotation, self._readers))
            else:
                self.positional.append(made)

    def _is_options(self, args: list[Any]) -> bool:
        last = args[-1]
        place = len(args) - 1
        if place >= len(self.positional):
            return (last is None or type(last) is dict) and (self.variadic is None or _are_options(last, self.options))
        parameter = self.positional[place]
        if type(last) is not dict or (parameter.default is MISSING and self.positional):
            return False
        return not parameter.takes_anything and not parameter.takes_map

    def _bind_positional(self, args: list[Any]) -> list[Any]:
        bound: list[Any] = []
        for i, parameter in enumerate(self.positional):
            if i < len(args) and args[i] is not None:
                try:
                    bound.append(parameter.check(args[i], self.name, i + 1))
                except BadArgument as error:
                    raise self._by_name(error, args) from None
            else:
                bound.append(self._nil(parameter, i + 1, given=i < len(args)))
        rest = args[len(self.positional) :]
        if rest and self.variadic is None:
            if all(item is None for item in rest):
                return bound
            raise BadArgument(self.name, len(self.positional) + 1, "too many", self._too_many(rest[0]))
        for i, item in enumerate(rest):
            assert self.variadic is not None
            bound.append(self.variadic.check(item, self.name, len(self.positional) + i + 1))
        return bound

    def _nil(self, parameter: Parameter, position: int | None, *, given: bool = True) -> Any:
        if given and parameter.takes_nil:
            return None
        if parameter.default is not MISSING:
            return parameter.default
        if parameter.takes_nil:
            return None
        raise BadArgument(self.name, position, parameter.name, "is missing")

    def _by_name(self, error: BadArgument, args: list[Any]) -> BadArgument:
        """Return an error, with the cure where a map by name was given for what comes in order."""
        names = [parameter.name for parameter in self.positional]
        wrong = args[error.position - 1] if error.position and error.position <= len(args) else None
        given = {letters(name) for name in wrong} if type(wrong) is dict else set()
        if not given.intersection(map(letters, names)):
            return error
        problem = f"{error.problem}; arguments come in order: {', '.join(map(spelled, names))}"
        return BadArgument(error.function, error.position, error.parameter, problem)

    def _too_many(self, extra: Any) -> str:
        """Return what is wrong with an argument for which there is no parameter."""
        most, given, names = len(self.positional), kind_of(extra), ", ".join(map(spelled, self.options))
        if not most and names:
            return f"takes one map of options, which {given} is not: {names}"
        if not most:
            return f"takes none, and {given} is one"
        words = "argument" if most == 1 else "arguments"
        problem = f"takes at most {most} {words}, and {given} is one more"
        return f"{problem}; the last may be a map of options: {names}" if names else problem

    def _bind_options(self, given: dict[str, Any]) -> dict[str, Any]:
        bound: dict[str, Any] = {}
        for name, value in given.items():
            parameter = self.options.get(name) or self._spellings.get(letters(name))
            if parameter is None:
                hint = meant(name, self.options) or f"; there are {', '.join(map(spelled, self.options))}"
                raise BadArgument(self.name, None, name, f"is unknown{hint}")
            if value is not None or (parameter.default is MISSING and parameter.takes_nil):
                bound[parameter.name] = parameter.check(value, self.name, None) if value is not None else None
        for name, parameter in self.options.items():
            if name not in bound and parameter.default is MISSING:
                raise BadArgument(self.name, None, name, "is missing")
        return bound


def _may_wait(function: Callable[..., Any]) -> bool:
    """Tell whether a coroutine function has any place to suspend at; one without runs to its end at once."""
    import dis

    waits = {"GET_AWAITABLE", "GET_ANEXT", "BEFORE_ASYNC_WITH", "SEND", "YIELD_VALUE"}
    code = inspect.unwrap(function).__code__ if hasattr(inspect.unwrap(function), "__code__") else None
    return code is None or any(step.opname in waits for step in dis.get_instructions(code))


def _is_handle(annotation: Any) -> bool:
    """Tell whether what is annotated may be a handle, or hold one."""
    if get_origin(annotation) is None and isinstance(annotation, type):
        return issubclass(annotation, Handle)
    return any(map(_is_handle, get_args(annotation)))


def option_fields(annotation: Any) -> dict[str, tuple[Any, bool]]:
    """Return the options that ``**options: Unpack[...]`` of a TypedDict stands for: annotation, and whether needed."""
    fields = get_args(annotation)[0] if get_origin(annotation) is Unpack else None
    if fields is None:
        return {}
    hints = get_type_hints(fields, include_extras=True).items()
    # What a class knows of its keys leaves out the marks of annotations that are text.
    marks = {Required: True, NotRequired: False}
    return {
        name: (
            get_args(hint)[0] if get_origin(hint) in marks else hint,
            marks.get(get_origin(hint), name in fields.__required_keys__),
        )
        for name, hint in hints
    }


def _unpacked(annotation: Any, readers: Readers) -> dict[str, Parameter]:
    return {
        name: Parameter(name, hint, MISSING if needed else None, readers)
        for name, (hint, needed) in option_fields(annotation).items()
    }


def _are_options(value: Any, options: dict[str, Parameter]) -> bool:
    names = {letters(name) for name in options}
    return type(value) is dict and bool(value) and all(letters(name) in names for name in value)
