"""The bridge ``spell``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmspell_bridges.spell.cache import Cache
from llmspell_bridges.spell.failures import NoFolder, NotHere
from llmspell_bridges.spell.records import ContextRecord, InfoRecord, ProgressRecord, RunRecord, StepRecord
from llmspell_bridges.spell.settings import SpellSettings
from llmspell_bridges.spell.shown import Form
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, ConversionError
from llmspell_core.values import Function, ScriptValue

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["SpellBridge"]

Kind: TypeAlias = Literal["any", "string", "number", "integer", "boolean", "list", "map"]


class SpellBridge(Bridge):
    """What the spell says of itself, what it is told, what is done at its end, and the spells that it runs.

    Functions for the end run as the last part of the spell, within its limits: those for a good or a bad end, in the
    order in which they were given, then those that clean up, the last first. Each runs whatever becomes of the others;
    their first error fails a spell that had not failed. Where a limit, the budget's end or a cancellation stops the
    spell, none of its code runs any more, and so none of them.
    """

    name = "spell"
    roles = ("_package",)
    settings = SpellSettings

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        # Spells have a method of the name `context`, which the attribute would hide.
        self._run = context
        del self.context

    @expose
    def info(self) -> InfoRecord:
        """Return what the spell's manifest says."""
        spell = self._run.spell
        manifest = spell.manifest
        limits = manifest.limits
        return InfoRecord(
            name=manifest.name,
            version=manifest.version,
            description=manifest.description,
            entry=spell.file,
            engine=manifest.engine,
            parameters=None if manifest.parameters is None else _plain(manifest.parameters),
            permissions=[*manifest.permissions],
            limits=limits if limits is None or isinstance(limits, str) else dict(limits),
            dependencies=dict(manifest.dependencies),
            plugins=dict(manifest.plugins),
            tests=[*manifest.tests],
        )

    @expose
    def context(self) -> ContextRecord:  # type: ignore[override]  # the object's own is the run's, see above
        """Return the run that the spell is in."""
        run, spell = self._run, self._run.spell
        manifest = spell.manifest
        return ContextRecord(
            run=run.run_id,
            name=self._called,
            version=manifest.version,
            file=spell.file,
            model=run.model,
            now=run.clock(),
            usage=run.usage,
        )

    @expose
    def params(self, name: str, default: ScriptValue = None, type: Kind = "any") -> ScriptValue:
        """Return a parameter of the spell, or the default where it is not given.

        :param name: of the parameter
        :param default: what it is when it is not given
        :param type: what it must be; text that stands for such a value is read
        """
        raise NotHere("params")

    @expose
    def output(self, data: ScriptValue, format: Form = "text") -> str:
        """Print data and a line end, and return what was printed.

        :param data: any value
        :param format: ``text``, ``json``, ``yaml``, ``csv``, or ``table`` for a list of maps
        """
        from llmspell_bridges.spell.shown import shown

        return shown(data, format)

    @expose
    def progress(self, done: float, total: float | None = None, note: str = "") -> None:
        """Tell whoever waits for the spell how far it is.

        :param done: how much is done
        :param total: how much there is; nothing when that is not known
        :param note: what is being done
        """
        if not 0 <= done < float("inf"):
            raise BadArgument("spell.progress", 1, "done", f"must be a number from 0 on, not {done!r}")
        if total is not None and not 0 < total < float("inf"):
            raise BadArgument("spell.progress", 2, "total", f"must be a number above 0, not {total!r}")
        told = ProgressRecord(run=self._run.run_id, spell=self._called, done=done, total=total, note=note[:200])
        self._run.points.tell(told)
        if (listener := self._run.options.get("on_progress")) is not None:
            listener(told)

    @expose
    async def include(self, path: str) -> ScriptValue:
        """Return what is in a file of the spell's folder: what code returns or exports, data of JSON, or text.

        Code runs the first time it is included or required. Nothing outside the folder is read, and no hidden file.

        :param path: from the spell's folder, as ``prompts/first.txt``
        """
        import asyncio

        from llmspell_core.sources import read_within

        home = self._run.spell.folder
        if home is None:
            raise NoFolder(path)
        text = await asyncio.to_thread(read_within, home, path)
        if not path.endswith(".json"):
            return text
        try:
            data: ScriptValue = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConversionError(f"{path} is not JSON: {error}") from error
        return data

    @expose
    def library(self, name: str, functions: dict[str, Function]) -> dict[str, Function]:
        """Make functions a module that the spell's other files can require by its name, and return them.

        :param name: of the module
        :param functions: by their names
        """
        raise NotHere("library")

    @expose
    async def run(
        self,
        name: str,
        params: dict[str, Any] | None = None,
        *,
        allow: list[str] | None = None,
        model: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - a spell says it
        full: bool = False,
    ) -> ScriptValue | RunRecord:
        """Run another spell, in whatever language, and return what it returns; its error is raised.

        It never has more than this spell: no capability, limit or dollar. What it spends, this one spends.

        :param name: of a dependency or a spell that is found, or a path in the spell's folder, as ``./parts/a.js``
        :param params: its parameters
        :param allow: the only capabilities that it has of this spell's; all of them when left out
        :param model: its model; this spell's when left out
        :param timeout: seconds
        :param full: return ``{value, output, run, usage, seconds}``: what it printed, its run and what it spent too
        """
        from llmspell_bridges.spell.children import cast

        result = await cast(self._run, name, params or {}, allow=allow, model=model, timeout=timeout)
        if not full:
            return result.value  # type: ignore[no-any-return]  # whatever the spell returned
        return RunRecord(
            value=result.value,
            output=result.output,
            run=result.run_id,
            usage=result.usage,
            seconds=round(result.duration, 6),
        )

    @expose
    async def compose(
        self,
        steps: list[str | Function | StepRecord],
        *,
        input: ScriptValue = None,
        mode: Literal["sequence", "parallel"] = "sequence",
    ) -> ScriptValue:
        """Run several spells and functions, each with the value of the one before, and return the last one's value.

        A spell has that value as its parameter ``input``, a function as its argument. In ``parallel`` all have the
        same ``input``, run at once, and the list of their values is returned; the first error stops the others.

        :param steps: names, paths, functions, or maps ``{run, params, allow}``
        :param input: what the first one is given
        :param mode: ``sequence`` or ``parallel``
        """
        from llmspell_bridges.spell.children import compose

        value: ScriptValue = await compose(self._run, steps, input, at_once=mode == "parallel")
        return value

    @expose
    def config(self, key: str | None = None, default: ScriptValue = None) -> ScriptValue:
        """Return a setting of the spell: what the user says, else what the manifest's ``config`` says.

        :param key: of the setting; all of them when left out
        :param default: what it is when neither says anything
        """
        settings = self._run.options.get("config", {}).get(self._run.spell.manifest.name, {})
        every = {**_plain(self._run.spell.manifest.config), **settings}
        value: ScriptValue = every if key is None else every.get(key, default)
        return value

    @expose
    def cache(self, key: str, value: ScriptValue = None, ttl: float | None = None) -> ScriptValue:
        """Keep a value for later runs of the spell by the same host, or return what is kept; nothing when that is gone.

        :param key: names the value
        :param value: what to keep; left out, what is kept is returned
        :param ttl: seconds to keep it
        """
        owner = (__name__, self._run.spell.home or self._run.spell.file, self._called)
        kept: Cache = self._run.shared.get(owner, Cache)
        now = self._run.clock()
        if value is None:
            found: ScriptValue = kept.get(key, now)
            return found
        if ttl is not None and not ttl > 0:
            raise BadArgument("spell.cache", 3, "ttl", f"must be seconds above 0, not {ttl!r}")
        _refuse_objects(value)
        kept.set(key, value, None if ttl is None else now + ttl)
        return value

    @expose
    def on_start(self, f: Function) -> None:
        """Call a function with the parameters, now: the spell has started when its code runs.

        :param f: the function
        """
        raise NotHere("on_start")

    @expose
    def on_complete(self, f: Function) -> None:
        """Have a function called with the spell's value when it ends well.

        :param f: the function
        """
        raise NotHere("on_complete")

    @expose
    def on_error(self, f: Function) -> None:
        """Have a function called with the error when the spell fails; it fails all the same.

        :param f: the function
        """
        raise NotHere("on_error")

    @expose
    def on_cleanup(self, f: Function) -> None:
        """Have a function called when the spell ends, well or not.

        :param f: the function
        """
        raise NotHere("on_cleanup")

    @expose
    def resource(self, name: str, functions: dict[str, Function]) -> ScriptValue:
        """Return what the function ``create`` makes, and have ``cleanup`` called with it when the spell ends.

        What was made last is cleaned up first. A name that is there already gives what was made for it.

        :param name: of the resource
        :param functions: ``create`` and ``cleanup``
        """
        raise NotHere("resource")

    @property
    def _called(self) -> str:
        spell = self._run.spell
        return spell.manifest.name or spell.file


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _refuse_objects(value: Any) -> None:
    from llmspell_bridges.state.scopes import refuse_objects

    refuse_objects(value)
