"""plugins.py: what is installed is found, and what is broken is named with cause and cure."""

from __future__ import annotations

import datetime
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pluggy
import pytest

from llmspell_core import entrypoints, hookspecs, inspection, plugins
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BrokenPlugin, Denied, NotInstalled
from llmspell_core.hookspecs import hookimpl
from llmspell_core.testing import FakeEngine

Install = Callable[..., None]

BRIDGE = """
from llmspell_core.bridge import Bridge, Handle, expose
from llmspell_core.hookspecs import hookimpl

class Got(Handle):
    @expose
    def two() -> int: ...

class Made(Bridge):
    name = "{name}"

    @expose
    def one(self) -> int:
        return 1

@hookimpl
def llmspell_bridges():
    return [Made]
"""

HOOK = """
from llmspell_core.hookspecs import hookimpl
@hookimpl
def llmspell_{}(): return [{}]
"""

SETTINGS = (
    "type('Settings', (dict,), {'__required_keys__': (), '__optional_keys__': (), '__annotations__': {'x': any}})"
)
DEF = "def one(self) -> int:"
FAULTS = (
    (("@expose", "@expose(needs=3)"), "UsageError: @expose(needs=...) takes a text"),
    (("@expose", "@expose\n    @property"), "UsageError: @expose marks methods of an object"),
    (("@expose", "@expose\n    def two(self): ...\n    @staticmethod\n    @expose"), "greet.one is a staticmethod"),
    (("@expose", "@expose\n    def two(self): ...\n    @property\n    @expose"), "greet.one is a property"),
    (("self", ""), "greet.one takes no `self`"),
    (("self", "it: int"), "greet.one takes no `self`"),
    (("return 1", "yield 1"), "greet.one yields and is no `async def`"),
    ((DEF, "def oneMore(self) -> int:"), "greet.oneMore is not in snake_case"),
    ((DEF, "def _one(self) -> int:"), "greet._one is not in snake_case"),
    ((DEF, "def one(self, x: 'Made') -> int:"), "greet.one takes x: Made, and nothing makes one"),
    ((DEF, "def one(self) -> 'Nowhere':"), "annotations of greet.one cannot be read"),
    (("@expose", "@expose(secret='pasword')"), "has no parameter pasword, which is said to be secret"),
    (("@expose", "@expose(needs='read:{path}')"), "greet.one needs names path"),
    (
        ("@expose", "@expose\n    def two(self): ...\n    @expose(aliases='Two')"),
        "two methods that some language calls Two",
    ),
    (("@expose", "def __init__(self): ...\n    @expose"), "Made(context) cannot be called"),
    (("@expose", "aliases = 'hi'\n    @expose"), "its aliases are 'hi'"),
    (("@expose", "settings = {}\n    @expose"), "Made.settings is {}"),
    (("@expose", f"settings = {SETTINGS}\n    @expose"), "nothing can be checked by Made.settings"),
    ((DEF, "def one(self) -> Got:"), "Got.two takes no `self`"),
)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution of one module into a folder of its own on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def add(distribution: str, group: str, name: str, source: str, version: str = "1.0") -> None:
        module = f"{distribution.replace('-', '_')}_plugin"
        info = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"# ours\n[llmspell.{group}]\n{name} = {module}\n")
        (tmp_path / f"{module}.py").write_text(source)
        entrypoints.forget()

    yield add
    entrypoints.forget()
    for name in set(sys.modules) - before:
        if name.endswith("_plugin"):
            del sys.modules[name]


def reported(group: str, name: str) -> plugins.PluginReport:
    return next(row for row in inspection.report() if (row.entry.group, row.entry.name) == (group, name))


def test_names_are_read_without_importing(install: Install) -> None:
    install("some-dist", "bridges", "greet", "raise RuntimeError('imported')")
    assert "greet" in plugins.bridge_names()
    entry = plugins.entry_points("bridges")["greet"]
    assert (entry.distribution, entry.version, entry.module) == ("some-dist", "1.0", "some_dist_plugin")


def test_a_bridge_is_loaded_by_name(install: Install) -> None:
    install("some-dist", "bridges", "greet", BRIDGE.format(name="greet"))
    assert plugins.bridge_class("greet").name == "greet"
    assert reported("bridges", "greet").ok


def test_what_is_not_installed_is_named_with_what_is(install: Install) -> None:
    install("some-dist", "bridges", "greet", "")
    with pytest.raises(NotInstalled, match=r"no bridge named 'greeet' is installed \(installed: .*greet"):
        plugins.bridge_class("greeet")


@pytest.mark.parametrize(
    ("group", "source", "cause"),
    [
        ("bridges", "import no_such_module", "No module named 'no_such_module'"),
        ("bridges", "1 / 0", "ZeroDivisionError"),
        ("bridges", "x = 1", "has no hook implementation llmspell_bridges()"),
        ("bridges", "def llmspell_bridges(): return []", "is no hook implementation"),
        ("bridges", BRIDGE.format(name="other"), "offers no bridge of that name"),
        ("bridges", BRIDGE.format(name="greet").replace("@expose", ""), "exposes no method"),
        ("bridges", BRIDGE.format(name="greet").replace("(Bridge)", ""), "no subclass of llmspell_core.bridge.Bridge"),
        ("bridges", BRIDGE.format(name="greet").replace("return [Made]", "return 1 / 0"), "ZeroDivisionError"),
        ("engines", "x = 1", "has no hook implementation llmspell_engines()"),
        ("commands", "x = 1", "has no hook implementation llmspell_commands()"),
        ("converters", "x = 1", "has no hook implementation llmspell_converters()"),
        ("converters", HOOK.format("converters", "3"), "3 is no object of a subclass of Converter"),
        ("hooks", HOOK.format("befor", ""), "there is no hook llmspell_befor"),
        ("bridges", "1 / 0", "some_dist_plugin.py:1)"),
        ("bridges", HOOK.format("bridges", "oops"), "some_dist_plugin.py:4)"),
        ("bridges", BRIDGE.format(name="great"), "it offers 'great' (Made)"),
    ],
)
def test_a_broken_plugin_is_reported_with_cause_and_cure(install: Install, group: str, source: str, cause: str) -> None:
    install("some-dist", group, "greet", source)
    row = reported(group, "greet")
    assert not row.ok
    assert cause in (row.cause or "")
    assert row.cure


def test_a_broken_plugin_does_not_hide_the_others(install: Install) -> None:
    install("bad-dist", "bridges", "bad", "1 / 0")
    install("good-dist", "bridges", "good", BRIDGE.format(name="good"))
    assert plugins.bridge_class("good").name == "good"
    assert reported("bridges", "good").ok


@pytest.mark.parametrize(("change", "cause"), FAULTS)
def test_what_no_language_could_call_is_told_with_the_method_and_a_cure(
    install: Install, change: tuple[str, str], cause: str
) -> None:
    install("some-dist", "bridges", "greet", BRIDGE.format(name="greet").replace(*change))
    with pytest.raises(BrokenPlugin, match=re.escape(cause)) as raised:
        inspection.prove_bridge(plugins.bridge_class("greet"))
    assert raised.value.cure


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"binding_name": lambda name: 1 / 0}, "Wrong.binding_name failed: ZeroDivisionError: division by zero ("),
        ({"binding_name": lambda name: None}, "Wrong.binding_name has returned None, and no name"),
        ({"declare": lambda api: 1 / 0}, "Wrong.declare failed: ZeroDivisionError"),
        ({"declare": lambda api: ["text"]}, "Wrong.declare has returned ['text'], and no text by file name"),
        ({"declare": lambda api: {"file": None}}, "Wrong.declare has returned {'file': None}, and no text"),
    ],
)
def test_what_an_engine_does_not_declare_is_told(change: dict[str, Callable[..., object]], cause: str) -> None:
    wrong = type("Wrong", (FakeEngine,), {name: staticmethod(function) for name, function in change.items()})
    with pytest.raises(BrokenPlugin, match=re.escape(cause)):
        inspection.prove_engine(wrong)


def test_the_report_proves_bridges(install: Install) -> None:
    install("some-dist", "bridges", "greet", BRIDGE.format(name="greet").replace("return 1", "yield 1"))
    assert (reported("bridges", "greet").cause or "").startswith("greet.one yields")


def test_two_distributions_that_offer_one_name_clash(install: Install) -> None:
    install("one-dist", "bridges", "greet", BRIDGE.format(name="greet"))
    install("two-dist", "bridges", "greet", BRIDGE.format(name="greet"))
    with pytest.raises(BrokenPlugin, match=r"one-dist and two-dist both offer it; uninstall all but one"):
        plugins.bridge_class("greet")
    assert reported("bridges", "greet").cause == "one-dist and two-dist both offer it"


def test_a_converter_of_a_plugin_comes_before_the_built_in_ones(install: Install) -> None:
    install(
        "some-dist",
        "converters",
        "mine",
        "import datetime\n"
        "from llmspell_core.converter import Converter\n"
        "from llmspell_core.hookspecs import hookimpl\n"
        "class Days(Converter):\n"
        "    def handles(self, kind): return kind is datetime.date\n"
        "    def to_script(self, value): return value.toordinal()\n"
        "    def from_script(self, value, kind):\n"
        "        if not isinstance(value, int): raise ValueError(f'must be a day, not {value!r}')\n"
        "        return kind.fromordinal(value)\n"
        "@hookimpl\n"
        "def llmspell_converters(): return [Days()]\n",
    )
    from llmspell_core.runner import Runner

    with Runner(engines={"fake": FakeEngine}, bridges={"calendar": Calendar}, isolation="inline") as runner:
        spell = "def main(p):\n    return (yield call('calendar', 'tomorrow', {}))"
        assert runner.cast(spell.format(2), engine="fake").unwrap() == 3
        assert "'x'" in str(runner.cast(spell.format("'x'"), engine="fake").error)


class Calendar(Bridge):
    name = "calendar"

    @expose
    def tomorrow(self, day: datetime.date) -> datetime.date:
        assert isinstance(day, datetime.date)
        return day + datetime.timedelta(days=1)


def test_broken_converters_are_left_out_with_a_warning(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("some-dist", "converters", "mine", "1 / 0")
    with caplog.at_level(logging.WARNING, "llmspell"):
        assert plugins.converters()
    assert "converters 'mine' are left out" in caplog.text


def test_hooks_around_a_cast_are_called(install: Install) -> None:
    assert plugins.hooks() is None
    install(
        "some-dist",
        "hooks",
        "mine",
        "from llmspell_core.hookspecs import hookimpl\n"
        "@hookimpl\n"
        "def llmspell_before_spell(params): params['hooked'] = True\n",
    )
    from llmspell_core.runner import Runner

    with Runner(engines={"fake": FakeEngine}, bridges={}, isolation="inline") as runner:
        assert runner.cast("def main(p):\n    return p\n    yield", engine="fake").value == {"hooked": True}


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("from llmspell_core.hookspecs import hookimpl\n@hookimpl\ndef llmspell_before_spell(wand): pass\n", "wand"),
        ("import wands\n", "No module named 'wands'"),
    ],
)
def test_nothing_runs_past_installed_hooks_that_are_broken(install: Install, module: str, said: str) -> None:
    """They may be there to refuse."""
    install("some-dist", "hooks", "mine", module)
    from llmspell_core.runner import Runner

    with Runner(engines={"fake": FakeEngine}, bridges={}, isolation="inline") as runner:
        with pytest.raises(BrokenPlugin, match=said) as raised:
            runner.cast("def main(p):\n    return p\n    yield", engine="fake")
        assert "mine" in str(raised.value)


class Misspelt:
    @hookimpl
    def llmspell_befor(self, action: object) -> None: ...


class Unmarked:
    def llmspell_before(self, action: object) -> None: ...


class Awaited:
    @hookimpl
    async def llmspell_before(self, action: object) -> None: ...


class AtOnce:
    @hookimpl
    def llmspell_around(self, action: object, proceed: object) -> None: ...


class Wanting:
    @hookimpl
    def llmspell_before(self, act: object) -> None: ...


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        (Misspelt(), r"'Misspelt' .*no hook llmspell_befor; did you mean 'llmspell_before'\?"),
        (Unmarked(), r"'Unmarked' .*llmspell_before is not marked as a hook; mark it with @hookimpl"),
        (Awaited(), r"'Awaited' .*llmspell_before .*; make it a plain `def`"),
        (AtOnce(), r"'AtOnce' .*llmspell_around .*; make it an `async def`"),
        (Wanting(), r"'Wanting' .*'act'.*; llmspell_core.hookspecs has what each hook is given"),
        (Awaited, r"'Awaited' .*is a class; hand over an object: Awaited\(\)"),
        (object(), r"'object' .* has no hook; define one of llmspell_core.hookspecs"),
    ],
)
def test_a_hook_that_would_not_be_called_is_refused(plugin: object, said: str) -> None:
    with pytest.raises(BrokenPlugin, match=said):
        plugins.hooks([plugin])


def test_a_hook_around_a_spell_that_fails_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    from llmspell_core.runner import Runner

    heard = []

    class Failing:
        @hookimpl
        def llmspell_before_spell(self, params: dict[str, object]) -> None:
            raise RuntimeError("before")

        @hookimpl
        def llmspell_after_spell(self) -> None:
            raise RuntimeError("after")

    class Counting:
        @hookimpl
        def llmspell_before_spell(self, run_id: str) -> None:
            heard.append(run_id)
            if len(heard) > 1:
                raise Denied("once is enough")

        @hookimpl
        def llmspell_after_spell(self, result: object) -> None:
            heard.append("ended")

    with Runner(
        engines={"fake": FakeEngine}, bridges={}, isolation="inline", plugins=[Counting(), Failing()]
    ) as runner:
        spell = "def main(p):\n    return 7\n    yield"
        assert runner.cast(spell, engine="fake").unwrap() == 7
        assert len(heard) == 2
        assert isinstance(runner.cast(spell, engine="fake").error, Denied)
    assert caplog.text.count("llmspell_before_spell of") == caplog.text.count("llmspell_after_spell of") == 2


def test_a_hook_that_gives_no_watcher_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    from llmspell_core.runner import Runner

    class Failing:
        @hookimpl
        def llmspell_watcher(self) -> object:
            raise RuntimeError("no screen")

    class Mistaken:
        @hookimpl
        def llmspell_watcher(self) -> object:
            return "watcher"

    with Runner(
        engines={"fake": FakeEngine}, bridges={}, isolation="inline", plugins=[Failing(), Mistaken()]
    ) as runner:
        assert runner.cast("def main(p):\n    return 7\n    yield", engine="fake").unwrap() == 7
    assert "no screen" in caplog.text
    assert "has returned 'watcher', which is no Watcher" in caplog.text


def test_our_marks_are_the_ones_that_pluggy_leaves() -> None:
    def hook() -> None: ...
    def other() -> None: ...

    assert hookspecs.hookimpl(hook).llmspell_impl == pluggy.HookimplMarker("llmspell")(other).llmspell_impl  # type: ignore[attr-defined]
    assert hookspecs.hookspec(hook).llmspell_spec == _defaults(pluggy.HookspecMarker("llmspell")(other).llmspell_spec)  # type: ignore[attr-defined]


def _defaults(options: dict[str, object]) -> dict[str, object]:
    return {name: options[name] for name in ("firstresult", "historic", "warn_on_impl")}


def test_every_hook_says_what_it_is_for() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    hooks = [name for name in vars(hookspecs) if name.startswith("llmspell_")]
    assert 5 <= len(hooks) < 12
    for name in hooks:
        assert (getattr(hookspecs, name).__doc__ or "").startswith(("Return", "Called")), name
