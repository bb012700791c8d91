"""Values that do not change, as spells hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from llmspell_bridges.state.compare import Strategy, differences, merged
from llmspell_bridges.state.failures import telling
from llmspell_bridges.state.paths import at, found, steps_of, written
from llmspell_bridges.state.records import ArtifactRecord, Blob, DifferenceRecord, StepRecord
from llmspell_bridges.state.scopes import Scope
from llmspell_bridges.state.value import Artifact, BadSnapshot, Value
from llmspell_core.bridge import expose
from llmspell_core.errors import CallError, closest
from llmspell_core.values import Function, Handle, ScriptValue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llmspell_bridges.structured.records import Validation
    from llmspell_bridges.structured.schema import Schema
    from llmspell_core.bridge import Context

    Save = Callable[[str, "StateValue", Scope], Awaitable[None]]
else:
    from llmspell_bridges.structured.records import Validation

__all__ = ["Place", "StateValue"]

Place: TypeAlias = str | list[str | int]
"""A path as ``a.b[0]``, the first item being 0, or a list of keys and positions."""
SchemaLike: TypeAlias = bool | dict[str, ScriptValue]


class StateValue(Handle):
    """A value that does not change: what sets something in it returns a new one, which knows what it was before."""

    def __init__(self, context: Context, value: Value, save: Save, schema: Schema | None = None) -> None:
        self._context, self._value, self._save, self._schema = context, value, save, schema

    @expose
    def get(self, path: Place = "", default: ScriptValue = None) -> ScriptValue:
        """Return what is at a place, all of it when none is named.

        :param path: the place: ``address.city``, ``items[0]["a b"]`` (the first is 0), or a list of keys and positions
        :param default: what to return when nothing is there
        """
        with telling("StateValue.get"):
            there: ScriptValue = at(self._value.content, steps_of(path), default)
            return there

    @expose
    def has(self, path: Place) -> bool:
        """Tell whether something is at a place; it may be nil.

        :param path: the place
        """
        with telling("StateValue.has"):
            return bool(found(self._value.content, steps_of(path)))

    @expose
    def keys(self, path: Place = "") -> list[str]:
        """Return the keys of the map at a place, sorted; of what is no map none.

        :param path: the place
        """
        with telling("StateValue.keys"):
            there = at(self._value.content, steps_of(path))
        return sorted(there) if isinstance(there, dict) else []

    @expose
    async def set(self, path: Place, value: ScriptValue) -> StateValue:
        """Return the value with something else at a place; maps on the way there are made.

        :param path: the place; one beyond the last item of a list adds to it
        :param value: what to put there
        """
        with telling("StateValue.set"):
            steps = steps_of(path)
            return await self._became(self._value.put(steps, value, f"set {written(steps)}", self._now))

    @expose
    async def delete(self, path: Place) -> StateValue:
        """Return the value without what is at a place.

        :param path: the place
        """
        with telling("StateValue.delete"):
            steps = steps_of(path)
            return await self._became(self._value.drop(steps, f"delete {written(steps)}", self._now))

    @expose
    async def merge(self, other: ScriptValue, strategy: Strategy | Function = "theirs") -> StateValue:
        """Return what becomes of this value and another; maps are merged key by key.

        :param other: a value, or one that ``create`` made
        :param strategy: what is to be where both differ: the other's (``theirs``), ``ours``, the other's whole map
            (``shallow``), both lists (``append``), both without what is twice (``union``), an error (``fail``), or
            what a function returns that is called with path, ours and theirs
        """
        theirs = other._value.content if isinstance(other, StateValue) else other
        settle: Any = strategy
        if isinstance(strategy, Function):
            function = strategy

            async def settle(steps: tuple[str | int, ...], ours: Any, theirs: Any) -> Any:
                return await function(written(steps), ours, theirs)

        with telling("StateValue.merge"):
            made = await merged(self._value.content, theirs, settle)
            return await self._became(self._value.replace(made, "merge", self._now))

    @expose
    def diff(self, other: ScriptValue) -> list[DifferenceRecord]:
        """Return where another value differs from this one.

        :param other: a value, or one that ``create`` made
        """
        theirs = other._value.content if isinstance(other, StateValue) else other
        return [
            DifferenceRecord(path=written(steps), change=change, before=before, after=after)
            for steps, change, before, after in differences(self._value.content, theirs)
        ]

    @expose
    def history(self) -> list[StepRecord]:
        """Return what the value was, this one first; a hundred steps are remembered."""
        steps = (self._value.step, *reversed(self._value.past))
        return [
            StepRecord(steps=i, change=step.change, time=step.time, value=step.content) for i, step in enumerate(steps)
        ]

    @expose
    def undo(self, steps: int = 1) -> StateValue:
        """Return what the value was before.

        :param steps: how many changes ago
        """
        before = self._value.undo(steps)
        if before is None:
            known = len(self._value.past)
            raise CallError(f"StateValue.undo: {known} changes are remembered, not {steps}; history() tells them")
        return self._of(before)

    @expose
    async def validate(self, schema: SchemaLike | None = None) -> Validation:
        """Tell whether the value fits a schema, and what is wrong where it does not.

        :param schema: a JSON Schema; when left out, the one that it was created with
        """
        from llmspell_bridges.structured.checking import aside
        from llmspell_bridges.structured.schema import Schema

        made = self._schema if schema is None else await aside(Schema, schema)
        if made is None:
            raise CallError("StateValue.validate: no schema was given, here or to state.create; pass one")
        problems = await aside(made.problems, self._value.content)
        errors: Any = [{"path": problem.path, "message": problem.message} for problem in problems]
        return Validation(valid=not errors, errors=errors)

    @expose
    def snapshot(self) -> dict[str, ScriptValue]:
        """Return the value and its artifacts as plain data, for ``restore``."""
        return self._value.snapshot()

    @expose
    async def restore(self, snapshot: dict[str, ScriptValue]) -> StateValue:
        """Return what a snapshot holds, with this value as what it was before.

        :param snapshot: what ``snapshot`` returned
        """
        with telling("StateValue.restore"):
            try:
                restored = self._value.restored(snapshot, self._now)
            except BadSnapshot as bad:
                raise CallError(f"StateValue.restore: {bad}") from bad
            return await self._became(restored)

    @expose
    async def transform(self, f: Function) -> StateValue:
        """Return what a function makes of the value.

        :param f: called with the value; returns what is to come of it
        """
        made = await f(self._value.content)
        with telling("StateValue.transform"):
            return await self._became(self._value.replace(made, "transform", self._now))

    @expose
    async def filter(self, f: Function) -> StateValue:
        """Return the value with those items of its map or list for which a function returns true.

        :param f: called with key and item, of a list with position, the first being 0, and item
        """
        content = self._value.content
        if not isinstance(content, (dict, list)):
            raise CallError("StateValue.filter: only a map or a list has items; use transform")
        items: list[tuple[Any, Any]] = list(content.items() if isinstance(content, dict) else enumerate(content))
        kept = [(key, item) for key, item in items if await f(key, item) not in (None, False)]
        made: Any = dict(kept) if isinstance(content, dict) else [item for _, item in kept]
        with telling("StateValue.filter"):
            return await self._became(self._value.replace(made, "filter", self._now))

    @expose
    async def attach(self, name: str, data: str | bytes, *, media_type: str | None = None) -> StateValue:
        """Return the value with an artifact more, or another of the same name.

        :param name: of the artifact
        :param data: text or bytes
        :param media_type: as ``image/png``; when left out, that of plain text, or of unknown bytes
        """
        media = media_type or ("text/plain" if isinstance(data, str) else "application/octet-stream")
        with telling("StateValue.attach"):
            return await self._became(self._value.attach(name, Artifact(data, media), self._now))

    @expose
    async def detach(self, name: str) -> StateValue:
        """Return the value without an artifact.

        :param name: of the artifact
        """
        self._artifact(name)
        with telling("StateValue.detach"):
            return await self._became(self._value.detach(name, self._now))

    @expose
    def artifacts(self) -> list[ArtifactRecord]:
        """Return what is known of the artifacts, by name."""
        return [
            ArtifactRecord(name=name, media_type=each.media, size=each.size)
            for name, each in sorted(self._value.artifacts.items())
        ]

    @expose
    def artifact(self, name: str) -> Blob:
        """Return an artifact with its data.

        :param name: of the artifact
        """
        found = self._artifact(name)
        return Blob(name=name, media_type=found.media, size=found.size, data=found.data)

    @expose(redo=lambda arguments: arguments.get("scope") == "run")
    async def save(self, key: str, *, scope: Scope = "spell") -> None:
        """Keep the value and its artifacts under a key, for ``state.load``.

        :param key: name to keep it under
        :param scope: for whom: this run, this spell, or all
        """
        await self._save(key, self, scope)

    @property
    def value(self) -> Value:
        """What it holds, for the bridge."""
        return self._value

    @property
    def _now(self) -> float:
        return self._context.clock()

    def _artifact(self, name: str) -> Artifact:
        artifacts = self._value.artifacts
        if name not in artifacts:
            raise CallError(f"the value has no artifact {name!r}{closest(name, artifacts) or '; attach it first'}")
        return artifacts[name]

    async def _became(self, value: Value) -> StateValue:
        """Return a value that came of this one; :raises DoesNotFit: when it does not fit the schema of both."""
        if self._schema is not None:
            await fitting(value.content, self._schema)
        return self._of(value)

    def _of(self, value: Value) -> StateValue:
        return StateValue(self._context, value, self._save, self._schema)


async def fitting(content: Any, schema: Schema) -> None:
    """Do nothing if a value fits a schema; :raises DoesNotFit: when it does not."""
    from llmspell_bridges.structured.checking import aside
    from llmspell_bridges.structured.schema import DoesNotFit

    if problems := await aside(schema.problems, content):
        raise DoesNotFit("the value", problems)
