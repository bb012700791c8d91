from __future__ import annotations

import gzip
import io
import os
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmspell_core.packages import archives
from llmspell_core.packages.archives import pack, unpack, write_files
from llmspell_core.packages.contents import check_path, digest, read_folder
from llmspell_core.sources import MAX_BYTES, MAX_FILES
from llmspell_core.versions import PackageError

GOOD = {"spell.yaml": b"name: n", "lib/words.lua": b"return {}", "data/\u00e9.json": b"{}"}


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        for info, data in members:
            made.addfile(info, io.BytesIO(data))
    return out.getvalue()


def member(
    name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(data) if kind == tarfile.REGTYPE else 0
    return info, data if kind == tarfile.REGTYPE else b""


def test_what_is_packed_comes_out_as_it_was() -> None:
    assert unpack(pack(GOOD), "a") == GOOD


def test_the_same_files_give_the_same_bytes_in_whatever_order() -> None:
    assert pack(GOOD) == pack(dict(reversed(GOOD.items())))


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with pytest.raises(PackageError):
        unpack(data, "a")


@given(st.integers(0, len(pack(GOOD)) - 1), st.integers(1, 255))
def test_an_archive_with_a_wrong_byte_holds_what_it_held_or_is_refused(at: int, change: int) -> None:
    data = bytearray(pack(GOOD))
    data[at] ^= change
    with suppress(PackageError):
        assert unpack(bytes(data), "a") == GOOD


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "a//b",
        "./a",
        "a\\b",
        "C:evil",
        "con",
        "lib/NUL.txt",
        "com1.lua",
        ".hidden",
        "a/.git/config",
        "end.",
        "end ",
        "a\nb",
        "a\x1bb",
        "x" * 256,
        "/".join("a" * 17),
        "a\u202eb",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(PackageError, match=r"no path of a file"):
        unpack(archive(member(name)), "a")
    with pytest.raises(PackageError):
        check_path(name)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE],
)
def test_what_is_no_plain_file_is_refused(kind: bytes) -> None:
    with pytest.raises(PackageError):
        unpack(archive(member("a", kind=kind, link="/etc/passwd")), "a")


@pytest.mark.parametrize("pair", [("a", "a"), ("A.lua", "a.lua"), ("\u00e9", "e\u0301"), ("a", "a/b")])
def test_two_names_of_one_file_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(PackageError, match=r"one file on some systems|there twice"):
        unpack(archive(member(pair[0]), member(pair[1])), "a")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b"\0" * (archives.MAX_UNPACKED * 4), mtime=0)
    assert len(bomb) < MAX_BYTES
    opened: list[object] = []
    monkeypatch.setattr(archives.tarfile, "open", lambda *a, **k: opened.append(a))
    with pytest.raises(PackageError, match="unpacks to more than 16 MB"):
        unpack(bomb, "a")
    assert opened == []


def test_a_header_that_lies_about_its_size_is_refused() -> None:
    info, _ = member("a")
    info.size = 2**40
    raw = info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024
    with pytest.raises(PackageError, match="holds more than 8 MB"):
        unpack(gzip.compress(raw), "a")


def test_too_many_files_are_refused() -> None:
    with pytest.raises(PackageError, match="more than 1000 files"):
        unpack(archive(*(member(f"f{n}") for n in range(MAX_FILES + 1))), "a")


def test_what_is_cut_off_or_goes_on_is_refused() -> None:
    data = pack(GOOD)
    for wrong in (data[:-9], data + b"more"):
        with pytest.raises(PackageError, match="cut off"):
            unpack(wrong, "a")


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = str(tmp_path / "spells" / "n")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", fail)
        with pytest.raises(OSError, match="disk full"):
            write_files(GOOD, target)
    assert os.listdir(tmp_path / "spells") == []
    write_files(GOOD, target)
    assert read_folder(target) == GOOD


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spell.yaml").write_text("name: n")
    (tmp_path / "secret").symlink_to("/etc/passwd")
    with pytest.raises(PackageError, match="'secret' is a link"):
        read_folder(str(tmp_path))


def test_hidden_files_and_leavings_of_tools_do_not_belong_to_a_package(tmp_path: Path) -> None:
    for path in ("spell.yaml", ".env", ".git/config", "node_modules/x.js", "__pycache__/x.pyc", "lib/a.lua"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x")
    assert set(read_folder(str(tmp_path))) == {"spell.yaml", "lib/a.lua"}


def test_the_digest_changes_with_any_content_and_any_name() -> None:
    renamed = {("lib/other.lua" if path == "lib/words.lua" else path): data for path, data in GOOD.items()}
    assert len({digest(GOOD), digest(GOOD | {"spell.yaml": b"name: m"}), digest(renamed)}) == 3


@pytest.mark.parametrize("data", [b"junk", b""])
def test_an_archive_that_is_none_is_named_once(data: bytes) -> None:
    with pytest.raises(PackageError) as caught:
        unpack(data, "x.tar.gz")
    assert str(caught.value).count("x.tar.gz") == 1
