"""What fs does with files, and what it refuses, called as the bridge alone."""

from __future__ import annotations

import os
import socket

import pytest
from llmspell_bridges.fs import files as files_module
from llmspell_bridges.fs.bridge import FsBridge
from llmspell_bridges.fs.failures import FileFailed
from llmspell_bridges.llm.keys import KeyStore

from llmspell_core.bridge import Context
from llmspell_core.errors import CallError, Denied, LimitExceeded
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A folder to work in, `box`, beside a file that nobody may see, `secret`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("canary")
    folder = tmp_path / "box"
    folder.mkdir()
    return folder


@pytest.fixture
def fs(box):
    """Make the bridge, by default with all of the box granted."""

    def make(policy: Policy | None = None, **options) -> FsBridge:
        granted = policy or Policy.strict().allow("read:box", "write:box")
        return FsBridge(Context("r", Spell(""), None, options, guard=Guard(granted)))

    return make


def reason(error) -> str:
    return error.value.data["reason"]


def test_text_and_bytes_are_written_and_read(fs, run):
    bridge = fs()
    run(bridge.write("box/a", "grüß\r\n"))
    run(bridge.append("box/a", "dich"))
    assert run(bridge.read("box/a")) == "grüß\r\ndich"
    run(bridge.write("box/a", b"\xff"))
    assert run(bridge.read("box/a", bytes=True)) == b"\xff"
    with pytest.raises(FileFailed, match="'bytes'") as caught:
        run(bridge.read("box/a"))
    assert caught.value.data == {"path": "box/a", "reason": "not_text"}


def test_folders_are_made_listed_and_removed(fs, run, box):
    bridge = fs()
    run(bridge.mkdir("box/b/c", parents=True))
    run(bridge.mkdir("box/b/c", parents=True))
    run(bridge.write("box/b/file", "x"))
    assert run(bridge.list("box/b")) == ["c", "file"]
    assert (run(bridge.exists("box/b/c")), run(bridge.exists("box/b/none")), run(bridge.exists("box/b/file/x"))) == (
        True,
        False,
        False,
    )
    with pytest.raises(FileFailed, match="recursive") as caught:
        run(bridge.delete("box/b"))
    assert reason(caught) == "not_empty"
    assert run(bridge.delete("box/b", recursive=True))
    assert not run(bridge.delete("box/b"))
    assert list(box.iterdir()) == []


def test_stat_tells_kind_size_and_time(fs, run, box):
    run(fs().write("box/a", "four"))
    found = run(fs().stat("box/a"))
    assert (found["kind"], found["size"]) == ("file", 4)
    assert found["modified"] == (box / "a").stat().st_mtime
    assert run(fs().stat("box"))["kind"] == "folder"


def test_json_is_read_and_written(fs, run):
    bridge = fs()
    run(bridge.write_json("box/a.json", {"list": [1, None, "é"], "empty": {}}, indent=2))
    assert run(bridge.read_json("box/a.json")) == {"list": [1, None, "é"], "empty": {}}
    assert run(bridge.read("box/a.json")).startswith('{\n  "list"')
    for text in ("{", "NaN", "[" * 100_000):
        run(bridge.write("box/bad", text))
        with pytest.raises(FileFailed) as caught:
            run(bridge.read_json("box/bad"))
        assert reason(caught) == "not_json"
    for value in (b"bytes", float("nan")):
        with pytest.raises(FileFailed) as caught:
            run(bridge.write_json("box/bad", value))
        assert reason(caught) == "not_json"


def test_patterns_match_names_and_folders_at_any_depth(fs, run, box):
    for path in ("a.txt", "b.md", ".hidden.txt", "x/c.txt", "x/y/d.txt"):
        (box / path).parent.mkdir(parents=True, exist_ok=True)
        (box / path).write_text("")
    (box / "loop").symlink_to(box)
    bridge = fs()
    assert run(bridge.glob("box/*.txt")) == ["box/a.txt"]
    assert run(bridge.glob("box/**/*.txt")) == ["box/a.txt", "box/x/c.txt", "box/x/y/d.txt"]
    assert run(bridge.glob("./box/x/**")) == ["box/x/c.txt", "box/x/y", "box/x/y/d.txt"]
    assert run(bridge.glob("box/.*")) == ["box/.hidden.txt"]
    assert run(bridge.glob("box/?.md")) == ["box/b.md"]
    assert run(bridge.glob("box/a.txt")) == ["box/a.txt"]
    assert run(bridge.glob("box/none/*")) == []
    assert run(bridge.glob(f"{box}/*.md")) == [f"{box}/b.md"]


def test_a_pattern_sees_nothing_that_is_denied_nor_outside(fs, run, box):
    (box / "open").write_text("")
    (box / "shut").mkdir()
    (box / "shut" / "in").write_text("")
    bridge = fs(Policy.strict().allow("read:box").deny("read:box/shut"))
    assert run(bridge.glob("box/**")) == ["box/open"]
    for pattern in ("*", "**/secret", "box/../*", "/etc/*"):
        with pytest.raises(Denied):
            run(bridge.glob(pattern))
    with pytest.raises((Denied, FileFailed)):
        run(bridge.glob("box/*/../../*"))


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/root{}",
        "/proc/self/cwd/../{0}",
        "/proc/thread-self/root/{0}",
        "/dev/fd/../root/{0}",
        "{0}/.",
        "//{0}",
        "{0}/../secret",
    ],
)
def test_the_system_has_no_other_way_to_what_is_denied(fs, run, box, path):
    secret = box.parent / "secret"
    bridge = fs(Policy.trusted().deny(f"read:{secret}", f"write:{secret}"))
    for call in (bridge.read(path.format(secret)), bridge.write(path.format(secret), "x")):
        with pytest.raises((Denied, FileFailed)):
            run(call)
    assert secret.read_text() == "canary"


def test_an_open_file_is_no_way_around_either(fs, run, box):
    secret = box.parent / "secret"
    with secret.open() as file:
        for path in (f"/proc/self/fd/{file.fileno()}", f"/dev/fd/{file.fileno()}"):
            for policy in (Policy.trusted().deny(f"read:{secret}"), Policy.strict().allow("read:box", "read:/dev/fd")):
                with pytest.raises((Denied, FileFailed)):
                    run(fs(policy).read(path))


@pytest.mark.parametrize("name", ["secre\u0301t", "secr\u00e9t"])
def test_another_spelling_is_another_file_and_a_denial_names_one(fs, run, box, name):
    (box / "secr\u00e9t").write_text("canary")
    bridge = fs(Policy.strict().allow("read:box").deny("read:box/secr\u00e9t"))
    with pytest.raises((Denied, FileFailed)):
        run(bridge.read(f"box/{name}"))


@pytest.mark.parametrize("path", ["box/a\0b", "box/..\0", "\0"])
def test_a_path_with_a_zero_is_none(fs, run, box, path):
    with pytest.raises(CallError):
        run(fs(Policy.trusted()).read(path))


@pytest.mark.parametrize(
    "path", ["secret", "box/../secret", "./box/./../secret", "/etc/passwd", "box/link", "box/far/secret"]
)
def test_nothing_outside_of_what_was_granted_is_reached(fs, run, box, path):
    (box / "link").symlink_to("../secret")
    (box / "far").symlink_to("..")
    bridge = fs()
    for call in (
        bridge.read(path),
        bridge.write(path, "x"),
        bridge.append(path, "x"),
        bridge.exists(path),
        bridge.stat(path),
        bridge.list(path),
        bridge.mkdir(path),
        bridge.read_json(path),
        bridge.write_json(path, 1),
        bridge.delete(path),
    ):
        with pytest.raises(Denied, match="--allow-"):
            run(call)
    assert (box.parent / "secret").read_text() == "canary"


def test_a_link_to_what_is_granted_is_followed_and_itself_deleted(fs, run, box):
    (box / "real").write_text("here")
    (box / "link").symlink_to("real")
    assert run(fs().read("box/link")) == "here"
    assert run(fs().delete("box/link"))
    assert [path.name for path in box.iterdir()] == ["real"]


@pytest.mark.parametrize("swapped", ["box/in", "box/in/file"])
@pytest.mark.parametrize("method", ["read", "write", "append", "delete", "stat"])
def test_a_link_put_in_the_way_after_the_check_leads_nowhere(fs, run, box, monkeypatch, swapped, method):
    outside = box.parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("canary")
    (box / "in").mkdir()
    (box / "in" / "file").write_text("mine")
    bridge = fs()
    path, real = box.parent / swapped, getattr(files_module.Files, method)

    def race(self, *args, **named):
        path.rename(box / "moved")
        path.symlink_to(outside if swapped == "box/in" else outside / "file")
        return real(self, *args, **named)

    monkeypatch.setattr(files_module.Files, method, race)
    args = ("stolen",) if method in ("write", "append") else ()
    try:
        found = run(getattr(bridge, method)("box/in/file", *args))
    except FileFailed:
        found = None
    assert found in (None, False, True) or found["kind"] == "other"  # of the link itself, never of what it leads to
    assert (outside / "file").read_text() == "canary"
    assert "canary" not in str(found)


def test_a_folder_swapped_for_a_link_is_not_listed_nor_written_into(fs, run, box, monkeypatch):
    outside = box.parent / "outside"
    outside.mkdir()
    (outside / "canary").write_text("")
    for method, call in (("list", lambda fs: fs.list("box/in")), ("mkdir", lambda fs: fs.mkdir("box/in/new"))):
        (box / "in").mkdir()
        bridge, real = fs(), getattr(files_module.Files, method)

        def race(self, *args, real=real, **named):
            (box / "in").rmdir()
            (box / "in").symlink_to(outside)
            return real(self, *args, **named)

        with monkeypatch.context() as patch:
            patch.setattr(files_module.Files, method, race)
            with pytest.raises(FileFailed):
                run(call(bridge))
        (box / "in").unlink()
    assert [path.name for path in outside.iterdir()] == ["canary"]


def test_a_file_with_several_names_is_refused_unless_all_files_are_granted(fs, run, box):
    os.link(box.parent / "secret", box / "hard")
    bridge = fs()
    for call in (bridge.read("box/hard"), bridge.write("box/hard", "x"), bridge.append("box/hard", "x")):
        with pytest.raises(FileFailed) as caught:
            run(call)
        assert reason(caught) == "shared"
    assert (box.parent / "secret").read_text() == "canary"
    assert run(fs(Policy.trusted()).read("box/hard")) == "canary"


def test_a_denied_file_is_denied_under_every_name(fs, run, box):
    (box / ".env").write_text("canary")
    (box / "link").symlink_to(".env")
    os.link(box / ".env", box / "hard")
    bridge = fs(Policy.trusted().deny("read:box/.env"))
    for path in ("box/.env", "box/../box/.env", "box/link", "box/hard"):
        with pytest.raises(Denied):
            run(bridge.read(path))


def test_a_folder_is_not_removed_with_something_denied_in_it(fs, run, box):
    (box / "a").mkdir()
    (box / "a" / "keep").write_text("")
    bridge = fs(Policy.strict().allow("write:box").deny("write:box/a/keep"))
    for path in ("box/a", "box"):
        with pytest.raises(Denied):
            run(bridge.delete(path, recursive=True))
    assert (box / "a" / "keep").exists()


def test_folders_above_are_made_only_where_that_is_granted(fs, run, box):
    bridge = fs(Policy.strict().allow("write:box/a/b"))
    with pytest.raises(Denied):
        run(bridge.mkdir("box/a/b/c", parents=True))
    assert list(box.iterdir()) == []


def test_devices_pipes_and_sockets_are_no_files(fs, run, box, monkeypatch):
    os.mkfifo(box / "pipe")
    monkeypatch.chdir(box)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock")
        monkeypatch.chdir(box.parent)
        bridge = fs(Policy.trusted())
        for path in ("box/pipe", "box/sock", "/dev/zero", "/dev/null"):
            for call in (bridge.read(path), bridge.write(path, "x")):
                with pytest.raises(FileFailed) as caught:
                    run(call)
                assert reason(caught) == "no_file"


def test_files_and_folders_are_bounded(fs, run, box):
    bridge = fs(max_bytes=10, max_entries=3)
    (box / "big").write_text("x" * 11)
    run(bridge.write("box/fits", "x" * 10))
    for call in (bridge.read("box/big"), bridge.write("box/fits", "x" * 11), bridge.append("box/fits", "x")):
        with pytest.raises(LimitExceeded, match="10 bytes"):
            run(call)
    assert (box / "fits").read_text() == "x" * 10
    for name in ("c", "d"):
        (box / name).write_text("")
    for call in (bridge.list("box"), bridge.glob("box/*")):
        with pytest.raises(LimitExceeded, match="3 entries"):
            run(call)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda fs: fs.read("box/none"), "not_found"),
        (lambda fs: fs.read("box"), "is_directory"),
        (lambda fs: fs.write("box", "x"), "is_directory"),
        (lambda fs: fs.list("box/file"), "not_directory"),
        (lambda fs: fs.mkdir("box"), "exists"),
        (lambda fs: fs.mkdir("box/file", parents=True), "exists"),
        (lambda fs: fs.mkdir("box/a/b"), "not_found"),
        (lambda fs: fs.write("box/" + "x" * 300, "x"), "invalid"),
    ],
)
def test_what_fails_tells_the_path_as_written_and_a_reason(fs, run, box, call, why):
    (box / "file").write_text("")
    with pytest.raises(FileFailed) as caught:
        run(call(fs()))
    assert reason(caught) == why
    assert caught.value.kind == "file"
    assert str(box) not in str(caught.value)


@pytest.mark.parametrize("policy", [Policy.trusted(), Policy.strict().allow("read", "write")], ids=["trusted", "all"])
def test_no_grant_opens_what_holds_keys(fs, run, box, monkeypatch, policy):
    home = box / "home"
    monkeypatch.setenv("LLMSPELL_HOME", str(home))
    KeyStore().set("openai", "sk-canary-in-the-file")
    os.symlink(home / "keys.json", box / "link")
    os.link(home / "keys.json", box / "other")
    bridge = fs(policy)
    for path in ("box/home/keys.json", "box/link", "box/other", "box/home/../home/keys.json"):
        for call in (bridge.read(path), bridge.read_json(path), bridge.write(path, "{}"), bridge.append(path, "")):
            with pytest.raises(Denied, match="where keys are kept"):
                run(call)
    assert KeyStore().get("openai") == "sk-canary-in-the-file"
    assert run(bridge.list("box/home")) == ["keys.json"]


@pytest.mark.skipif(
    not os.path.exists("/proc/self/environ"), reason="Linux alone shows a process's environment in files"
)
@pytest.mark.parametrize("name", ["self/environ", "thread-self/environ", "self/mem", "PID/environ"])
def test_the_environment_and_the_memory_of_processes_are_no_files_of_a_spell(fs, run, name):
    with pytest.raises(Denied, match="where keys are kept"):
        run(fs(Policy.trusted()).read(f"/proc/{name.replace('PID', str(os.getpid()))}"))
    assert "\n" in run(fs(Policy.trusted()).read("/proc/self/status"))


def test_a_folder_that_is_missing_is_told_with_the_cure(fs, run, box):
    bridge = fs(Policy.strict().allow("write:box"))
    for made in (bridge.write("box/none/a.txt", "x"), bridge.append("box/none/a.txt", "x"), bridge.mkdir("box/none/b")):
        with pytest.raises(FileFailed, match="make that by mkdir, with the option 'parents'") as failed:
            run(made)
        assert failed.value.reason == "not_found"
