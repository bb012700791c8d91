from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from llmspell_bridges.llm.bridge import LlmBridge

from llmspell_core.bridge import Context
from llmspell_core.budget import Budget, Purse
from llmspell_core.spells import Spell
from llmspell_core.values import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import ModuleType

_T = TypeVar("_T")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no test see or send a key of whoever runs it."""
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LLMSPELL_HOME", str(tmp_path / "home"))


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, _T]], _T]:
    """Run a coroutine to its end, with a guard against waiting for good."""
    return lambda coroutine: asyncio.run(asyncio.wait_for(coroutine, 60))


@pytest.fixture
def context() -> Callable[..., Context]:
    """Make a run's context."""

    def make(model: str | None = "demo", budget: Budget | None = None, **options: Any) -> Context:
        settings = {"demo_pause": 0, "retries": 0, **options}
        return Context("run-1", Spell("", "test.spell"), model, settings, Purse(budget))

    return make


@pytest.fixture
def llm(context: Callable[..., Context]) -> Callable[..., LlmBridge]:
    """Make an llm bridge."""
    return lambda model="demo", **options: LlmBridge(context(model, **options))


@pytest.fixture
def function() -> Callable[[Callable[..., Any]], Function]:
    """Make a script's function out of a Python one."""

    def make(called: Callable[..., Any]) -> Function:
        async def invoke(_: int, args: tuple[Any, ...]) -> Any:
            result = called(*args)
            return await result if asyncio.iscoroutine(result) else result

        return Function(1, invoke)

    return make


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """Return the package of the fake servers."""
    name = "llmspell_bridges_tests_fake_models"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "fake_models" / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def unused_url() -> str:
    """Return an address that nobody listens at."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@pytest.fixture(scope="session")
def kept_stores() -> ModuleType:
    """Return the module of the stores that values are kept in."""
    name = "llmspell_bridges_tests_kept_stores"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("kept_stores.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def web() -> Iterator[Any]:
    """Serve the web on loopback."""
    name = "llmspell_bridges_tests_web"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("web.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.Web() as server:
        yield server


@pytest.fixture
def ring() -> Iterator[Any]:
    """Put a keyring in memory in the place of the system's; ``kept`` has what is in it."""
    keyring = pytest.importorskip("keyring")
    backend = pytest.importorskip("keyring.backend")

    class Ring(backend.KeyringBackend):  # type: ignore[misc,name-defined]
        priority = 1

        def __init__(self) -> None:
            self.kept: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)
