"""The bridge ``guardrails``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack

from llmspell_bridges.guardrails.attached import Attached, Names, attached, rails_of
from llmspell_bridges.guardrails.handle import Guardrail, ScriptRail
from llmspell_bridges.guardrails.pii import Kind
from llmspell_bridges.guardrails.rails import Chain
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument
from llmspell_core.values import Function

if TYPE_CHECKING:
    from llmspell_bridges.guardrails.rails import Rail, Side

__all__ = ["GuardrailsBridge", "Preset", "PresetOptions"]

On: TypeAlias = Literal["input", "output", "both"]
Preset: TypeAlias = Literal["banned_words", "json_schema", "max_size", "message_count", "pii", "required_keys"]
_SIDES: dict[str, tuple[Side, ...]] = {"input": ("input",), "output": ("output",), "both": ("input", "output")}


class PresetOptions(TypedDict, total=False):
    """What a ready-made rule is told; each takes only its own.

    :param on: which values it looks at, both when left out
    :param keys: of ``required_keys``: the keys
    :param min: of ``message_count``: the least messages
    :param max: of ``message_count`` the most messages, of ``max_size`` the most bytes
    :param words: of ``banned_words``: the words
    :param kinds: of ``pii``: what is looked for, everything when left out
    :param action: of ``pii``: whether the value is refused, or what was found is taken out
    :param schema: of ``json_schema``: the schema
    """

    on: On
    keys: list[str]
    min: int
    max: int
    words: list[str]
    kinds: list[Kind]
    action: Literal["refuse", "redact"]
    schema: dict[str, Any]


class GuardrailsBridge(Bridge):
    """Make rules that what goes to models, agents and tools, and what comes back, has to keep.

    A call takes them by its option ``guardrails``; a value that breaks one is an error of kind ``guardrail``.
    """

    name = "guardrails"

    @expose
    def create(self, name: str, fn: Function, *, on: On = "both") -> Guardrail:
        """Return a rule that a function keeps.

        It is called with the value and with ``input`` or ``output``: what a model is asked, as a list of
        ``{role, content}``, and its answer, text or data; the arguments of a tool, and its result. False, or a text
        that is the reason, refuses the value; a map with the key ``value`` puts that in its place; anything else lets
        it pass.

        :param name: what errors call it, and what calls may name it by
        :param fn: the function
        :param on: which values it looks at
        """
        return self._known(ScriptRail(name, _SIDES[on], fn))

    @expose
    def preset(self, name: Preset, **options: Unpack[PresetOptions]) -> Guardrail:
        """Return a ready-made rule.

        :param name: which
        """
        from llmspell_bridges.guardrails.presets import PRESETS

        made = PRESETS[name]
        sides = _SIDES[options.pop("on", "both")]
        known = {
            parameter: p for parameter, p in inspect.signature(made).parameters.items() if p.kind is p.KEYWORD_ONLY
        }
        for option in options:
            if option not in known:
                problem = f"is none of the preset {name!r}; it has {', '.join(known)}"
                raise BadArgument("guardrails.preset", None, option, problem)
        for option, parameter in known.items():
            if parameter.default is parameter.empty and option not in options:
                raise BadArgument("guardrails.preset", None, option, f"is missing; the preset {name!r} needs it")
        return self._known(made(name, sides, **options))

    @expose
    def chain(self, list: Attached, *, fail_fast: bool = True, name: str = "chain") -> Guardrail:
        """Return a rule that is several, one after the other.

        :param list: the rules, or their names
        :param fail_fast: stop at the first that is broken; else all are looked at, and told of together
        :param name: what calls may name it by
        """
        return self._known(Chain(name, attached(self.context, list), fail_fast=fail_fast))

    @expose
    def list(self) -> Names:
        """Return the names of the rules of this run."""
        return sorted(rails_of(self.context))

    def _known(self, rail: Rail) -> Guardrail:
        made = rails_of(self.context)[rail.name] = Guardrail(rail)
        return made
