"""What is told of a spell that is not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.bridge import Bridge, expose
from llmspell_core.checking import Check, examine
from llmspell_core.spells import Manifest, Spell
from llmspell_core.testing import FakeEngine
from llmspell_core.uses import UNKNOWN, Missing, Use, Uses

if TYPE_CHECKING:
    from collections.abc import Sequence


class Store(Bridge):
    """Keep things."""

    name = "store"

    @expose(aliases=("fetch",), needs="read:{path}")
    def get(self, path: str, *, deep: bool = False) -> str:
        """Return a thing."""
        return path

    @expose(needs=("net:{url}", "run:"))
    def send(self, *, url: str = "http://default.com") -> None:
        """Send a thing."""

    @expose(needs="state:{scope}:{keys}")
    def drop(self, keys: list[str], *, scope: str = "run") -> None:
        """Drop things."""

    @expose
    def size(self) -> int:
        """Return how many there are."""
        return 0


class Asker(Bridge):
    """Asks by itself."""

    name = "asker"
    asks = ("llm",)

    @expose
    def go(self) -> None:
        """Go."""


class Reads(FakeEngine):
    """Tells what it was told."""

    found: Uses | None = None

    def uses(self, spell: Spell, bridges: Sequence[str], known: Sequence[str]) -> Uses | None:
        return self.found


@pytest.fixture(autouse=True)
def bridges(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = {"store": Store, "asker": Asker}
    monkeypatch.setattr("llmspell_core.plugins.bridge_names", lambda: sorted(classes))
    monkeypatch.setattr("llmspell_core.plugins.bridge_class", lambda name: classes[name])


SOURCE = "def main(params):\n    yield\n"


def check(*uses: Use, missing: tuple[Missing, ...] = (), permissions: tuple[str, ...] = (), **more: Any) -> Check:
    engine = Reads()
    engine.found = Uses(uses, missing)
    return examine(Spell(SOURCE, "a.fake", Manifest(permissions=permissions, **more)), engine)


def use(method: str, *arguments: Any, bridge: str = "store", line: int = 1) -> Use:
    return Use(bridge, method, arguments, "a.fake", line)


def needed(*uses: Use) -> list[tuple[str, bool]]:
    return [(need.capability, need.known) for need in check(*uses).needs]


def kinds(check: Check) -> list[str]:
    return [finding.kind for finding in check.findings]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (use("get", "a/b"), [("read:a/b", True)]),
        (use("fetch", "a", {"deep": True}), [("read:a", True)]),
        (use("get", UNKNOWN), [("read:*", False)]),
        (Use("store", "get", None, "a.fake", 1), [("read:*", False)]),
        (use("send", {"url": "https://x.com/y"}), [("net:x.com:443", True), ("run:", True)]),
        (use("send"), [("net:default.com:80", True), ("run:", True)]),
        (use("send", UNKNOWN), [("net:*", False), ("run:", True)]),
        (use("drop", ["a", "b"]), [("state:run:a", True), ("state:run:b", True)]),
        (use("drop", ["a", UNKNOWN], {"scope": "shared"}), [("state:shared:*", False)]),
        (use("size"), []),
        (use("go", bridge="asker"), [("llm:*", False)]),
        (use("get", "a\0b"), []),
    ],
)
def test_a_use_needs_what_its_method_says_with_what_is_written(made: Use, found: list[tuple[str, bool]]) -> None:
    assert needed(made) == found


def test_what_is_used_and_not_asked_for_is_wrong_and_what_is_asked_for_and_not_used_is_told() -> None:
    told = check(use("get", "data/a"), use("get", "other"), permissions=("read:data", "env:HOME"))
    assert [(f.kind, f.wrong) for f in told.findings] == [("not_asked", True), ("not_used", False)]
    assert "store.get uses 'read:other'" in told.findings[0].message
    assert "'env:HOME'" in told.findings[1].message
    assert not told.ok
    assert check(use("get", "data/a"), permissions=("read:data",)).findings == ()


def test_what_standard_grants_need_not_be_asked_for() -> None:
    told = check(use("drop", ["a"]), use("go", bridge="asker"))
    assert (told.ok, told.findings, told.flags) == (True, (), ())


def test_a_set_of_the_manifest_asks_too() -> None:
    told = check(use("get", "data/a"), permission_sets={"data": ("read:data",)})
    assert (told.ok, told.sets) == (True, {"data": ("read:data",)})


def test_the_flags_grant_what_is_used_and_no_more_than_is_asked_for() -> None:
    told = check(use("get", "a,b"), use("get", "a,b"), use("send", {"url": "https://x.com"}))
    assert told.flags == ("--allow-read=a,,b", "--allow-net=x.com:443", "--allow-run")
    assert check(use("get", UNKNOWN), use("get", "a")).flags == ("--allow-read",)
    assert check(use("get", UNKNOWN), permissions=("read:data",)).flags == ("--allow-read=data",)


def test_what_there_is_not_is_told_with_the_nearest() -> None:
    told = check(
        use("x", bridge="stor"), use("gte"), Use("store", "", None, "a.fake", 3), missing=(Missing("b", "a.fake", 4),)
    )
    assert [(f.kind, f.line) for f in told.findings] == [
        ("missing_module", 4),
        ("unknown_bridge", 1),
        ("unknown_method", 1),
        ("unclear", 3),
    ]
    assert "did you mean 'store'" in told.findings[1].message
    assert "did you mean 'get'" in told.findings[2].message


def test_a_permission_that_is_none_is_wrong() -> None:
    assert kinds(check(permissions=("a b:c",))) == ["permission"]


def test_what_is_wrong_with_any_file_is_told() -> None:
    modules = {"lib/b.fake": "def main(:\n", "c.fake": SOURCE, "d.json": '{"a":\n1,}'}
    told = examine(Spell("x = (", "a.fake", modules=modules), Reads())
    assert {(f.kind, f.file, f.line) for f in told.findings if f.kind == "syntax"} == {
        ("syntax", "a.fake", 1),
        ("syntax", "lib/b.fake", 1),
        ("syntax", "d.json", 2),
    }


def test_an_engine_that_cannot_tell_what_is_used_is_said_to() -> None:
    told = examine(Spell(SOURCE, "a.fake", Manifest(permissions=("net",))), FakeEngine())
    assert (told.ok, kinds(told), told.asks) == (True, ["not_inferred"], ("net",))
    assert "the engine 'fake' cannot tell" in told.findings[0].message
