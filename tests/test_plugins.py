"""plugins.py: what is installed is found, and what is broken is named with cause and cure."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pluggy
import pytest

from llmspell_core import entrypoints, hookspecs, plugins
from llmspell_core.errors import BrokenPlugin, NotInstalled

Install = Callable[..., None]

BRIDGE = """
from llmspell_core.bridge import Bridge, expose
from llmspell_core.hookspecs import hookimpl

class Made(Bridge):
    name = "{name}"

    @expose
    def one(self) -> int:
        return 1

@hookimpl
def llmspell_bridges():
    return [Made]
"""


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
    return next(row for row in plugins.report() if (row.entry.group, row.entry.name) == (group, name))


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
        ("bridges", "def llmspell_bridges(): return []", "has no hook implementation"),
        ("bridges", BRIDGE.format(name="other"), "offers no bridge of that name"),
        ("bridges", BRIDGE.format(name="greet").replace("@expose", ""), "exposes no method"),
        ("bridges", BRIDGE.format(name="greet").replace("(Bridge)", ""), "no subclass of llmspell_core.bridge.Bridge"),
        ("bridges", BRIDGE.format(name="greet").replace("return [Made]", "return 1 / 0"), "ZeroDivisionError"),
        ("engines", "x = 1", "has no hook implementation llmspell_engines()"),
        ("commands", "x = 1", "has no hook implementation llmspell_commands()"),
        ("converters", "x = 1", "has no hook implementation llmspell_converters()"),
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
        "    def from_script(self, value, kind): return kind.fromordinal(value)\n"
        "@hookimpl\n"
        "def llmspell_converters(): return [Days()]\n",
    )
    import datetime

    from llmspell_core.converter import Converters

    assert Converters(plugins.converters()).to_script(datetime.date(1, 1, 2), "$") == 2


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
    from llmspell_core.testing import FakeEngine

    with Runner(engines={"fake": FakeEngine}, bridges={}, isolation="inline") as runner:
        assert runner.cast("def main(p):\n    return p\n    yield", engine="fake").value == {"hooked": True}


def test_a_hook_that_does_not_fit_the_contract_is_left_out(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install(
        "some-dist",
        "hooks",
        "mine",
        "from llmspell_core.hookspecs import hookimpl\n@hookimpl\ndef llmspell_before_spell(wand): pass\n",
    )
    with caplog.at_level(logging.WARNING, "llmspell"):
        plugins.hooks()
    assert "hooks 'mine' are left out" in caplog.text


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
