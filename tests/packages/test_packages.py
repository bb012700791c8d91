from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmspell_core.errors import ManifestError
from llmspell_core.packages import NoSpell, every, find, load
from llmspell_core.packages.contents import digest
from llmspell_core.packages.installing import install, pack
from llmspell_core.packages.lock import LOCK, Changed, dependency, load_dependency, lock, read_lock
from llmspell_core.spells import Spell
from llmspell_core.versions import PackageError, best, installed_faults, is_name

from .conftest import Write


@pytest.mark.parametrize(
    ("range", "wanted"),
    [
        ("^1.2", "1.10.0"),
        ("~1.2", "1.2.9"),
        (">=1 <1.3", "1.2.9"),
        ("*", "2.0.0"),
        ("1.x || 3", "1.10.0"),
        ("^3", None),
    ],
)
def test_the_highest_version_in_a_range_is_taken(range: str, wanted: str | None) -> None:
    assert best(["1.2.9", "1.10.0", "no version", "2.0.0", "2.1.0-rc.1", ""], range) == wanted


@pytest.mark.parametrize("range", ["", "latest", "^x.y", "1" * 200, ">=1; rm"])
def test_what_is_no_range_is_refused(range: str) -> None:
    with pytest.raises(PackageError, match="no range of versions"):
        best(["1.0.0"], range)


@pytest.mark.parametrize("name", ["a", "say-hello", "Sum_2"])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "..", "a/b", "a.b", "-a", "1a", "con", "LPT1", "a b", "\u00e9", "a" * 65, "a\n"])
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)


def test_a_manifest_with_wrong_dependencies_is_refused(write: Write) -> None:
    with pytest.raises(ManifestError, match=r"dependencies\.\.\./x"):
        Spell.load(write("a", more="dependencies: {../x: ^1}"))
    with pytest.raises(ManifestError, match=r"dependencies\.b: 'soon' is no range"):
        Spell.load(write("a", more="dependencies: {b: soon}"))


def test_places_are_looked_at_in_their_order(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("home/spells/a", "9.0.0")
    assert find("a").place == "user"
    write("here/spells/a", "8.0.0")
    assert find("a").place == "project"
    monkeypatch.setenv("LLMSPELL_PATH", str(write("more/a", "7.0.0").parent))
    assert find("a").place == "path"
    mine = write("mine")
    write("mine/spells/a", "6.0.0")
    assert (find("a", home=str(mine)).place, find("a").place) == ("local", "path")


def test_of_one_place_the_highest_is_taken_and_a_range_looks_on(write: Write) -> None:
    write("here/spells/old", "1.0.0", name="a")
    write("here/spells/new", "1.10.0", name="a")
    write("home/spells/a-2", "2.0.0", name="a")
    assert (find("a").version, find("a", "^1.0.0").version, find("a", "2").version) == ("1.10.0", "1.10.0", "2.0.0")
    with pytest.raises(NoSpell, match=r"'a \^3' is found; there are .*1\.10\.0 \(project\)"):
        find("a", "^3")


def test_a_name_that_nothing_has_is_told_with_the_nearest(write: Write) -> None:
    write("home/spells/summarize")
    with pytest.raises(NoSpell, match="did you mean 'summarize'"):
        find("sumarize")


def test_a_broken_spell_is_listed_as_such_and_stops_no_other(write: Write) -> None:
    (write("home/spells/bad") / "spell.yaml").write_text("nam: x")
    write("home/spells/good")
    assert {found.name: bool(found.problem) for found in every()} == {"bad": True, "good": False}
    with pytest.raises(NoSpell, match="is broken"):
        find("bad")


def test_spells_of_python_packages_are_found_and_nothing_of_them_is_imported(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    write("site/spellbook/spells/shipped", "1.2.3")
    (site / "spellbook" / "__init__.py").write_text("raise RuntimeError('imported')")
    info = site / "spellbook-3.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: spellbook\nVersion: 3.0\n")
    (info / "entry_points.txt").write_text("[llmspell.spells]\nbook = spellbook:spells\ngone = no_such_package\n")
    monkeypatch.syspath_prepend(str(site))
    assert (find("shipped").version, find("shipped").place) == ("1.2.3", "spellbook")
    assert install("shipped").new


def test_a_path_comes_before_a_name(write: Write) -> None:
    write("home/spells/a", more="description: mine\n")
    assert load("a").manifest.description == "mine"
    write("here/a", more="description: here\n")
    assert load("a").manifest.description == "here"


def test_a_package_is_installed_beside_its_other_versions(write: Write, tmp_path: Path) -> None:
    made = [pack(str(write("a", version)), str(tmp_path / "out")) for version in ("1.0.0", "1.1.0")]
    for packed in made:
        assert install(packed.path).sha256 == packed.sha256
    assert [found.version for found in every()] == ["1.0.0", "1.1.0"]


def test_another_package_of_the_same_version_is_refused_until_it_is_meant(write: Write) -> None:
    source = write("a", **{"spell.lua": "return 1"})
    assert install(str(source)).new
    assert not install(str(source)).new
    (source / "spell.lua").write_text("return 2")
    with pytest.raises(PackageError, match=r"another a 1\.0\.0 is installed"):
        install(str(source))
    assert Spell.load(find("a").folder).source == "return 1"
    assert install(str(source), replace=True).new
    assert Spell.load(find("a").folder).source == "return 2"
    assert os.listdir(os.path.dirname(find("a").folder)) == ["a-1.0.0"]


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ("version: 1.0.0", "no name of a package"),
        ("name: ../../x\nversion: 1.0.0", "no name of a package"),
        ("name: a", "three numbers"),
        ("name: a\nversion: ../../x", "three numbers"),
    ],
)
def test_a_package_without_a_name_or_version_is_refused(write: Write, manifest: str, problem: str) -> None:
    folder = write("a")
    (folder / "spell.yaml").write_text(manifest)
    for do in (lambda: pack(str(folder), "."), lambda: install(str(folder))):
        with pytest.raises(PackageError, match=problem):
            do()


def test_what_is_locked_is_what_runs(write: Write) -> None:
    write("home/spells/b", "1.0.0")
    mine = write("mine", more="dependencies: {b: ^1.0}\n")
    pins = lock(str(mine))
    write("home/spells/b2", "1.5.0", name="b")
    manifest = Spell.load(mine).manifest
    assert pins == read_lock(str(mine))
    assert dependency(str(mine), manifest, "b").version == "1.0.0"
    os.remove(mine / LOCK)
    assert dependency(str(mine), manifest, "b").version == "1.5.0"


def test_a_dependency_that_has_changed_is_refused(write: Write) -> None:
    other = write("home/spells/b")
    mine = write("mine", more="dependencies: {b: ^1.0}\n")
    lock(str(mine))
    (other / "spell.lua").write_text("return 'something else'")
    with pytest.raises(Changed, match=r"'b' 1\.0\.0 in .* has changed since it was locked.*llmspell lock"):
        dependency(str(mine), Spell.load(mine).manifest, "b")


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ("spell.lua", "return require('lib.words'), 'else'"),
        ("lib/words.lua", "return 'other'"),
        ("spell.yaml", "name: b\nversion: 1.0.0\npermissions: ['*']\n"),
    ],
)
def test_what_changes_between_a_look_at_the_lock_and_the_run_does_not_run(
    write: Write, monkeypatch: pytest.MonkeyPatch, changed: str, text: str
) -> None:
    files = {"spell.lua": "return require('lib.words')", "lib/words.lua": "return 'words'"}
    other = write("home/spells/b", **files)
    mine = write("mine", more="dependencies: {b: ^1.0}\n")
    lock(str(mine))
    manifest = Spell.load(mine).manifest
    assert load_dependency(str(mine), manifest, "b") == Spell.load(other)

    def compared(files: dict[str, bytes]) -> str:
        (other / changed).write_text(text)
        return digest(files)

    monkeypatch.setattr("llmspell_core.packages.lock.digest", compared)
    with pytest.raises(PackageError, match=r"'b' in .* has changed while it was read; run it again"):
        load_dependency(str(mine), manifest, "b")


def test_what_no_lock_covers_is_no_module_and_no_entry_of_what_is_locked(write: Write) -> None:
    files = {"spell.lua": "return require('lib.words')", "lib/words.lua": "return 1", "lib/dist/more.lua": "return 2"}
    other = write("home/spells/b", **files)
    mine = write("mine", more="dependencies: {b: ^1.0, c: ^1.0}\n")
    third = write("home/spells/c", **{"dist/spell.lua": "return 3"})
    (third / "spell.yaml").write_text("name: c\nversion: 1.0.0\nentry: dist/spell.lua\n")
    manifest = Spell.load(mine).manifest
    assert load_dependency(str(mine), manifest, "b") == Spell.load(other)
    lock(str(mine))
    assert list(load_dependency(str(mine), manifest, "b").modules) == ["lib/words.lua"]
    with pytest.raises(PackageError, match=r"'c' runs 'dist/spell\.lua', which no lock covers"):
        load_dependency(str(mine), manifest, "c")


def test_a_changed_one_does_not_hide_the_one_that_was_locked(write: Write) -> None:
    write("home/spells/b")
    mine = write("mine", more="dependencies: {b: ^1.0}\n")
    lock(str(mine))
    write("here/spells/b", **{"spell.lua": "return 'planted'"})
    assert dependency(str(mine), Spell.load(mine).manifest, "b").place == "user"


def test_a_lock_that_says_less_than_the_manifest_is_refused(write: Write) -> None:
    write("home/spells/b")
    write("home/spells/c")
    mine = write("mine", more="dependencies: {b: ^1.0}\n")
    lock(str(mine))
    write("mine", more="dependencies: {b: ^1.0, c: ^1.0}\n")
    with pytest.raises(PackageError, match="does not lock 'c'"):
        dependency(str(mine), Spell.load(mine).manifest, "c")
    write("mine", more="dependencies: {b: ^2.0}\n")
    with pytest.raises(PackageError, match=r"does not lock 'b' \^2\.0"):
        dependency(str(mine), Spell.load(mine).manifest, "b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"format": 2, "spells": {}}',
        '{"format": 1, "spells": {"b": {}}}',
        '{"format": 1, "spells": {"b": {"version": "1.0.0", "sha256": "abc"}}}',
        '{"format": 1, "spells": {"b": {"version": 1, "sha256": "' + "0" * 64 + '"}}}',
    ],
)
def test_a_wrong_lock_is_refused(write: Write, text: str) -> None:
    mine = write("mine", **{LOCK: text})
    with pytest.raises(PackageError, match=r"llmspell\.lock is not valid"):
        read_lock(str(mine))


def test_what_dependencies_need_is_pinned_by_their_own_locks(write: Write) -> None:
    write("home/spells/c")
    other = write("home/spells/b", more="dependencies: {c: '*'}\n")
    mine = write("mine", more="dependencies: {b: '*'}\n")
    with pytest.raises(PackageError, match=r"'b' has dependencies and no llmspell\.lock"):
        lock(str(mine))
    with pytest.raises(PackageError, match="llmspell lock"):
        pack(str(other), ".")
    lock(str(other))
    lock(str(mine))
    write("home/spells/c", "1.0.1")
    lock(str(other))
    with pytest.raises(Changed):
        dependency(str(mine), Spell.load(mine).manifest, "b")


def test_distributions_that_are_missing_or_too_old_are_told() -> None:
    faults = installed_faults({"llmspell-core": ">=0.1", "pytest": "<1", "no-such-thing": "*", "pluggy": "new"})
    assert [fault.split(";")[0] for fault in faults] == [
        f"needs pytest <1, and {pytest.__version__} is installed",
        "needs no-such-thing *, which is not installed",
        "plugins.pluggy: 'new' is no range of versions",
    ]


def test_a_lock_file_is_json_that_people_can_read(write: Write) -> None:
    write("home/spells/b")
    mine = write("mine", more="dependencies: {b: ^1.0}\n")
    pins = lock(str(mine))
    assert json.loads((mine / LOCK).read_text()) == {
        "format": 1,
        "spells": {"b": {"version": "1.0.0", "sha256": pins["b"].sha256}},
    }


def test_where_nothing_can_be_written_that_is_told_and_nothing_is_left_behind(write: Write, tmp_path: Path) -> None:
    spell = write("greet")
    (tmp_path / "file").write_text("")
    with pytest.raises(PackageError, match=r"cannot write '.*file/below/greet-1.0.0.tar.gz': not a directory"):
        pack(str(spell), str(tmp_path / "file" / "below"))
    (spell / LOCK).mkdir()
    with pytest.raises(PackageError, match=r"cannot write '.*llmspell.lock': "):
        lock(str(spell))
    assert sorted(os.listdir(spell)) == [LOCK, "spell.lua", "spell.yaml"]
