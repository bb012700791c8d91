"""A spell that has taken over its VM finds nothing: each way out is tried from inside, and again with its lock open."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmspell_core.errors import NotLocked
from llmspell_core.isolation.filters import KNOWN
from llmspell_core.isolation.layers import layers
from llmspell_core.isolation.lockdown import LAYERS
from llmspell_core.runner import Runner

X86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")
ALL = tuple(LAYERS)
EPERM = 1
REFUSED = {"open": 2, "openat": 257, "stat": 4, "chdir": 80, "unlink": 87, "dup": 32, "sendmsg": 46, "getppid": 110,
           "setitimer": 38, "rt_sigaction": 13, "ioctl": 16, "fcntl": 72, "memfd_create": 319, "io_uring_enter": 426,
           "shmget": 29, "mq_open": 240, "inotify_init": 253, "timer_create": 222, "pkey_mprotect": 329,
           "personality": 135, "prctl": 157, "arch_prctl": 158, "seccomp": 317, "landlock_add_rule": 445}  # fmt: skip


def held_now() -> None:
    missing = {name: state for name, state in layers().items() if state != "held"}
    if missing:
        pytest.skip(f"this machine has not all layers: {missing}")


def test_every_layer_is_reported() -> None:
    assert tuple(layers()) == ALL


def test_a_worker_reports_its_layers(runner: Runner) -> None:
    held_now()
    assert runner.cast("return 1", engine="breakout").unwrap() == 1
    session = runner.processes.opener("breakout", _spell("return 1"), runner.limits)()
    try:
        import asyncio

        from llmspell_core.protocol import Inbox, Start

        asyncio.run(session.astep(Inbox(0.0, (Start({}, 0, ()),))))
        assert session.layers == dict.fromkeys(ALL, "held")
    finally:
        session.close()


@X86
@pytest.mark.parametrize("name", REFUSED)
def test_a_system_call_that_a_worker_does_not_need_is_refused(runner: Runner, name: str) -> None:
    result = runner.cast(f"return syscall({REFUSED[name]}, 0, 0, 0)", engine="breakout")
    assert result.unwrap() == [-1, EPERM]


@X86
@pytest.mark.parametrize("name", KNOWN["x86_64"].deadly)
def test_a_system_call_of_an_attack_kills(runner: Runner, name: str) -> None:
    number = KNOWN["x86_64"].deadly[name]
    result = runner.cast(f"return syscall({number}, 0, 0, 0)", engine="breakout")
    assert result.error is not None
    assert (result.error.kind, result.error.data) == ("crash", {"signal": "SIGSYS"})


@X86
def test_every_other_system_call_is_refused(runner: Runner) -> None:
    known = KNOWN["x86_64"]
    spared = {*known.allowed.values(), *known.deadly.values(), *known.guarded.values()}
    spared |= {335, 336}  # the kernel's own returns from probes: no filter sees them, and elsewhere they are SIGILL
    numbers = [number for number in range(512) if number not in spared]
    source = f"return [n for n in {numbers} if syscall(n, 0, 0, 0, 0, 0, 0) != [-1, {EPERM}]]"
    assert runner.cast(source, engine="breakout").unwrap() == []
    assert len(numbers) > 450


@X86
def test_the_other_calling_convention_kills(runner: Runner) -> None:
    result = runner.cast("return syscall(0x40000000 + 39)", engine="breakout")
    assert result.error is not None
    assert result.error.data == {"signal": "SIGSYS"}


@X86
@pytest.mark.parametrize(
    "call", ["0, 4, 0, 0", "1, 2, 0, 0", "9, 0, 4096, 7, 34, -1, 0", "234, 1, 1, 0", "302, 1, 7, 0"]
)
def test_an_allowed_system_call_is_refused_with_other_arguments(runner: Runner, call: str) -> None:
    """Reading and writing other descriptors, memory to run code in, signals and limits of other processes."""
    assert runner.cast(f"return syscall({call})", engine="breakout").unwrap() == [-1, EPERM]


ESCAPES = {
    "file": ("open('/etc/passwd').read()", {"landlock", "seccomp"}),
    "folder": ("os.listdir('/')", {"landlock", "seccomp"}),
    "new file": ("open(params['canary'], 'w').write('x')", {"landlock", "seccomp", "resources", "identity"}),
    "socket": ("socket.create_connection(('127.0.0.1', params['port'])) and 1", {"landlock", "seccomp"}),
    "process": ("os.waitpid(os.fork() or os._exit(0), 0)[1]", {"resources", "seccomp"}),
    "program": ("os.posix_spawn('/bin/true', ['true'], {}) and 1", {"landlock", "seccomp", "resources"}),
    "kill": ("os.kill(params['host'], 0)", {"landlock", "seccomp", "identity", "capabilities"}),
    "memory of another": ("open(f\"/proc/{params['host']}/mem\", 'rb') and 1",
                          {"landlock", "seccomp", "identity", "capabilities"}),
}  # fmt: skip


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "canary"
    path.write_text("untouched")
    for folder in (path, *list(path.parents)[:3]):
        folder.chmod(0o777)
    return path


def _spell(source: str) -> Any:
    from llmspell_core.spells import Spell

    return Spell(source)


def _params(canary: Path) -> dict[str, Any]:
    return {"canary": str(canary), "port": 1, "host": os.getpid()}


def _attempt(expression: str) -> str:
    head = "params = inbox.events[0].params\ntry:\n"
    return f"{head}    {expression}\n    return 'ESCAPE'\nexcept OSError:\n    return 'held'"


@pytest.mark.parametrize("name", ESCAPES)
def test_no_way_out_is_open(runner: Runner, canary: Path, name: str) -> None:
    expression, _ = ESCAPES[name]
    result = runner.cast(_attempt(expression), engine="breakout", params=_params(canary))
    assert result.value != "ESCAPE"
    assert canary.read_text() == "untouched"


@pytest.mark.parametrize("name", [name for name in ESCAPES if name != "socket"])
def test_each_way_out_is_open_without_its_layers(locked_by: Callable[..., Runner], canary: Path, name: str) -> None:
    """The control: what the test above tries does succeed when nothing bars it."""
    expression, bars = ESCAPES[name]
    result = locked_by(without=tuple(bars)).cast(_attempt(expression), engine="breakout", params=_params(canary))
    assert result.value == "ESCAPE"


def test_a_spell_reaches_no_server(locked_by: Callable[..., Runner], runner: Runner, canary: Path) -> None:
    import socket

    expression, bars = ESCAPES["socket"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        params = _params(canary) | {"port": server.getsockname()[1]}
        opened = locked_by(without=tuple(bars)).cast(_attempt(expression), engine="breakout", params=params)
        locked = runner.cast(_attempt(expression), engine="breakout", params=params)
    assert opened.value == "ESCAPE"
    assert locked.value != "ESCAPE"


@pytest.mark.parametrize("only", ["landlock", "seccomp"])
def test_one_layer_alone_keeps_files_shut(locked_by: Callable[..., Runner], canary: Path, only: str) -> None:
    held_now()
    without = tuple(layer for layer in ALL if layer not in (only, "descriptors", "no_new_privileges"))
    source = _attempt("open('/etc/passwd').read()")
    assert locked_by(without=without).cast(source, engine="breakout", params=_params(canary)).value == "held"


def test_the_environment_is_empty(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMSPELL_CANARY", "secret")
    assert runner.cast("return dict(os.environ)", engine="breakout").unwrap() == {}


def test_no_environment_lies_in_the_workers_memory(
    locked_by: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMSPELL_CANARY", "secret")
    runner = locked_by(without=("landlock", "seccomp", "not_dumpable", "identity"))
    assert runner.cast("return open('/proc/self/environ').read()", engine="breakout").unwrap() == ""


def test_a_worker_has_one_descriptor(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(without=("landlock", "seccomp", "not_dumpable", "identity"))
    found = runner.cast("return json.dumps(os.listdir('/proc/self/fd'))", engine="breakout").unwrap()
    # The second is the one that lists them.
    assert sorted(json.loads(found)) == ["3", "4"] or sorted(json.loads(found)) == ["0", "3"]


def test_a_worker_has_no_privileges(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(without=("landlock", "seccomp", "not_dumpable"))
    status = runner.cast("return open('/proc/self/status').read()", engine="breakout").unwrap()
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(facts["CapEff"], 16) == int(facts["CapPrm"], 16) == 0
    assert facts["NoNewPrivs"] == "1"
    assert "0" not in facts["Uid"].split()


def test_a_worker_without_a_required_layer_reads_no_spell(locked_by: Callable[..., Runner]) -> None:
    runner = locked_by(without=("landlock",), required=("landlock", "seccomp"))
    result = runner.cast("return 1", engine="breakout")
    assert result.error is not None
    assert (result.error.kind, result.error.data) == ("not_locked", {"landlock": "left out"})
    assert result.isolation.missing == {"landlock": "left out"}


def test_strict_runs_no_spell_unless_every_layer_holds(locked_by: Callable[..., Runner]) -> None:
    for layer in LAYERS:
        result = locked_by(without=(layer,), strict=True).cast("return 1", engine="breakout")
        assert isinstance(result.error, NotLocked), layer
        assert result.error.missing[layer] == "left out"


def test_a_result_tells_which_layers_held(locked_by: Callable[..., Runner]) -> None:
    result = locked_by(without=("seccomp",)).cast("return 1", engine="breakout")
    assert (result.value, result.isolation.mode) == (1, "process")
    assert set(result.isolation.layers) == set(LAYERS)
    assert result.isolation.missing == {"seccomp": "left out"}
