"""Loading spells: files, folders, front matter, manifests, modules."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from llmspell_core import manifests, sources
from llmspell_core.errors import ManifestError, SpellSyntaxError, UsageError
from llmspell_core.frontmatter import find
from llmspell_core.limits import Limits
from llmspell_core.manifests import json_schema, read
from llmspell_core.spells import Manifest, Spell


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_file_is_a_spell_named_after_itself(tmp_path: Path) -> None:
    write(tmp_path, {"a.lua": "return 1\n"})
    assert Spell.load(tmp_path / "a.lua") == Spell("return 1\n", "a.lua", home=str(tmp_path / "a.lua"))


def test_standard_input_is_a_spell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"return 1")))
    assert Spell.load("-") == Spell("return 1", "stdin")


def test_a_pipe_is_a_spell_without_modules(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"require 'x'")
    os.close(writer)
    assert Spell.load(f"/dev/fd/{reader}") == Spell("require 'x'", str(reader))
    os.close(reader)


def test_a_missing_file_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read '.*nope.lua': no such file"):
        Spell.load(tmp_path / "nope.lua")


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.lua").write_bytes(b"\xef\xbb\xbfreturn 1")
    assert Spell.load(tmp_path / "a.lua").source == "return 1"


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.lua").write_bytes(b"-- ---\r\n-- name: x\r\n-- ---\r\nreturn 1\r\n")
    spell = Spell.load(tmp_path / "a.lua")
    assert (spell.manifest.name, spell.source[-10:]) == ("x", "return 1\r\n")


def test_a_source_that_is_not_utf8_names_file_line_and_byte(tmp_path: Path) -> None:
    (tmp_path / "a.lua").write_bytes(b"-- ok\nreturn '\xe9'")
    with pytest.raises(SpellSyntaxError, match=r"a\.lua: byte 0xe9 at offset 14 is not UTF-8") as raised:
        Spell.load(tmp_path / "a.lua")
    assert raised.value.line == 2


def test_a_source_beyond_the_size_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 8)
    write(tmp_path, {"a.lua": "return 1", "b.lua": "return 12"})
    assert Spell.load(tmp_path / "a.lua").source == "return 1"
    with pytest.raises(UsageError, match="is larger than"):
        Spell.load(tmp_path / "b.lua")


@pytest.mark.parametrize("mark", ["--", "//", "#", ";;", "%"])
@pytest.mark.parametrize("shebang", ["", "#!/usr/bin/env -S llmspell run\n"])
def test_front_matter_is_read_behind_any_comment_mark(mark: str, shebang: str) -> None:
    lines = ["---", "name: n", "parameters:", "  x: {type: string}", "---"]
    source = shebang + "".join(f"{mark} {line}\n" for line in lines) + "code"
    assert Spell.text(source) == Spell(source, "spell", Manifest(name="n", parameters={"x": {"type": "string"}}))


@pytest.mark.parametrize(
    "source", ["", "return 1", "-- hello\nreturn 1", "-----\n-- x\n", "x\n-- ---\n-- name: x\n-- ---"]
)
def test_other_comments_are_no_front_matter(source: str) -> None:
    assert find(source, "a.lua") is None
    assert Spell.text(source).manifest == Manifest()


@pytest.mark.parametrize("source", ["-- ---\n-- name: x\n", "-- ---\n-- name: x\nreturn 1\n-- ---\n", "-- ---"])
def test_front_matter_that_is_not_closed_is_an_error(source: str) -> None:
    with pytest.raises(ManifestError, match=r"spell:1: front matter is opened here and never closed"):
        Spell.text(source)


def test_wrong_yaml_is_told_by_the_line_of_the_file() -> None:
    with pytest.raises(ManifestError, match="spell:4: not valid YAML"):
        Spell.text("#!x\n-- ---\n-- name: a\n-- name: [\n-- ---\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmae: x", "unknown field 'nmae'; did you mean 'name'"),
        ("wand: 3", "unknown field 'wand'; a manifest has name, version"),
        ("version: 1.0", "version: input should be a valid string; put it in quotes"),
        ("parameters: {n: integer}", "parameters.n: .*write `parameters: {name: {type: string}}`"),
        ("parameters: {n: {}}\nrequired: [m]", "no parameter 'm' is declared"),
        ("required: n", "required: write a list"),
        ("- name", "a manifest is a map of fields"),
        ("!!set {a}: yes", "the tag tag:yaml.org,2002:set is not allowed; leave it out"),
        ("name: !!bool maybe", "the tag tag:yaml.org,2002:bool is not allowed"),
        ("? [a]\n: b", "the name of a field is text"),
        ("required: [[a]]", "no parameter .* is declared"),
        ("description: " + "x" * 70_000, "a manifest has at most 65536 characters"),
        ("name: a\nname: b", ":2: .*'name' is given twice"),
        ("a: &a [x]\nb: *a", ":2: .*aliases are not allowed"),
        ("a: !!python/object:os.system {}", "not valid YAML"),
        ("parameters: {q: {default: Why?}}", r"got '\?'; put text with signs such as \? : # in quotes"),
        ("[" * 5000, "not valid YAML|nests too deeply"),
    ],
)
def test_a_wrong_manifest_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ManifestError, match=said) as raised:
        read(text, "spell.yaml")
    assert str(raised.value).startswith("spell.yaml")


def test_dates_and_words_for_yes_stay_text_in_a_manifest() -> None:
    manifest = read("parameters: {on: {enum: [yes, no, 2024-01-02, true]}}", "spell.yaml")
    assert manifest.parameters == {"on": {"enum": ["yes", "no", "2024-01-02", True]}}


def test_an_empty_manifest_says_nothing() -> None:
    assert read("", "spell.yaml") == Manifest()


def test_required_may_be_a_list_of_names() -> None:
    manifest = read("parameters: {n: {type: integer}, m: {}}\nrequired: [n]", "spell.yaml")
    assert manifest.parameters == {"n": {"type": "integer", "required": True}, "m": {}}


def test_the_schema_that_is_shipped_is_what_manifests_are_read_by() -> None:
    file = Path(manifests.__file__).with_name("spell.schema.json")
    assert json.loads(file.read_text()) == json_schema(), "write it with: llmspell info --schema"


def test_the_schema_and_the_reader_agree(tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json_schema())
    good = {
        "name": "a",
        "version": "1.0.0",
        "parameters": {"n": {"type": "integer"}},
        "required": ["n"],
        "permissions": ["read:./data"],
        "limits": {"cpu": 1, "memory": "64MB", "profile": "strict"},
        "budget": {"cost": 0.5},
        "dependencies": {"b": "^1.0"},
        "plugins": {"llmspell-core": "*"},
        "config": {"speed": 1},
        "tests": ["tests/a.lua"],
    }
    assert not list(validator.iter_errors(good))
    read(json.dumps(good), "spell.yaml")
    wrongs = {"limits": {"cpus": 1}, "budget": {"euros": 1}, "name": 1, "parameters": [], "dependencies": {"b": 1}}
    for field, wrong in {**wrongs, "tests": "a", "nam": "x"}.items():
        data = {**good, field: wrong}
        assert list(validator.iter_errors(data)), field
        with pytest.raises(ManifestError):
            read(json.dumps(data), "spell.yaml")


def test_the_schema_has_what_editors_complete() -> None:
    fields = json_schema()["properties"]
    assert {*fields["limits"]["anyOf"][0]["properties"]} == {"profile", *Limits.__dataclass_fields__}
    assert {"type", "default", "required", "enum", "minimum"} <= {
        *fields["parameters"]["anyOf"][0]["additionalProperties"]["properties"]
    }


def test_the_json_schema_knows_every_field_and_no_other() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == {*Manifest.__dataclass_fields__, "required"}
    assert schema["additionalProperties"] is False


OWN = "-- ---\n-- name: mine\n-- ---\n"


def test_a_folder_is_what_its_manifest_says(tmp_path: Path) -> None:
    write(tmp_path, {"spell.yaml": "name: n\nentry: src/main.lua", "src/main.lua": "return 1"})
    spell = Spell.load(tmp_path)
    assert spell == Spell(
        "return 1", "src/main.lua", Manifest(name="n", entry="src/main.lua"), {}, str(tmp_path), str(tmp_path)
    )
    assert Spell.load(tmp_path / "spell.yaml") == spell


def test_a_folder_without_an_entry_runs_its_one_spell_file(tmp_path: Path) -> None:
    write(tmp_path, {"spell.yaml": "", "spell.lua": "return 1", "other.lua": ""})
    assert Spell.load(tmp_path).file == "spell.lua"


@pytest.mark.parametrize("head", ["", "entry: ./spell.lua\n"])
def test_the_file_that_a_folder_runs_has_its_manifest_too(tmp_path: Path, head: str) -> None:
    write(tmp_path, {"spell.yaml": f"{head}name: n", "spell.lua": "require 'b'", "b.lua": "b", "data.json": "{}"})
    assert Spell.load(tmp_path / "spell.lua") == Spell.load(tmp_path)


def test_spells_of_several_languages_share_the_manifest_beside_them(tmp_path: Path) -> None:
    write(tmp_path, {"spell.yaml": "name: n", "spell.lua": "return 1", "spell.js": "return 2"})
    found = [Spell.load(tmp_path / name) for name in ("spell.lua", "spell.js")]
    assert [(spell.source, spell.manifest.name) for spell in found] == [("return 1", "n"), ("return 2", "n")]


def test_a_file_that_is_not_what_the_folder_runs_has_no_part_in_its_manifest(tmp_path: Path) -> None:
    write(tmp_path, {"spell.yaml": "name: n\nentry: main.lua", "main.lua": "", "spell.lua": "", "own.lua": OWN})
    assert [Spell.load(tmp_path / name).manifest.name for name in ("spell.lua", "own.lua")] == ["", "mine"]


def test_front_matter_comes_before_the_manifest_beside_it(tmp_path: Path) -> None:
    write(tmp_path, {"spell.yaml": "name: n", "spell.lua": OWN})
    assert Spell.load(tmp_path / "spell.lua").manifest.name == "mine"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"spell.lua": "x"}, "no spell.yaml in the folder"),
        ({"spell.yaml": ""}, "there is no file spell"),
        ({"spell.yaml": "", "spell.lua": "", "spell.js": ""}, "there are spell.js, spell.lua; name it"),
        ({"spell.yaml": "entry: nope.lua"}, "'nope.lua' is no file"),
        ({"spell.yaml": "entry: ../x.lua"}, "is outside the spell's folder"),
        ({"spell.yaml": "", "spell.lua": "-- ---\n-- name: x\n-- ---"}, "spell.lua has front matter and spell.yaml"),
    ],
)
def test_a_folder_that_is_no_spell_says_why(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Spell.load(write(tmp_path, files))


def test_a_spell_that_imports_nothing_reads_no_other_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.lua": "return requirements", "b.lua": ""})
    assert Spell.load(tmp_path / "a.lua").modules == {}


def test_the_modules_of_a_file_are_its_siblings_of_one_language_and_lib(tmp_path: Path) -> None:
    write(tmp_path, {"a.js": "import x from './x.mjs'", "x.mjs": "x", "b.lua": "b", "c.txt": "c", "c.json": "{}"})
    write(tmp_path, {"lib/d.js": "d", "lib/deep/e.json": "[]", "lib/.hidden/f.js": "f", "other/g.js": "g"})
    modules = Spell.load(tmp_path / "a.js").modules
    assert modules == {"x.mjs": "x", "lib/d.js": "d", "lib/deep/e.json": "[]"}


def test_the_modules_of_a_folder_are_those_of_its_entry_too(tmp_path: Path) -> None:
    write(tmp_path, {"spell.yaml": "entry: src/main.lua", "src/main.lua": "require 'a'", "src/a.lua": "a"})
    write(tmp_path, {"data.json": "{}", "lib/b.lua": "b", "src/lib/c.lua": "c", "test/d.lua": "d"})
    assert set(Spell.load(tmp_path).modules) == {"src/a.lua", "data.json", "lib/b.lua", "src/lib/c.lua"}


def test_links_out_of_the_folder_are_no_modules(tmp_path: Path) -> None:
    write(tmp_path, {"secret.lua": "secret", "away/x.lua": "x", "spell/a.lua": "require 'b'", "spell/c.lua": "c"})
    folder = tmp_path / "spell"
    (folder / "b.lua").symlink_to(tmp_path / "secret.lua")
    (folder / "d.lua").symlink_to(folder / "c.lua")
    (folder / "lib").symlink_to(tmp_path / "away")
    assert Spell.load(folder / "a.lua").modules == {"c.lua": "c", "d.lua": "c"}


def test_a_link_to_a_spell_runs_it_where_it_lives(tmp_path: Path) -> None:
    write(tmp_path, {"home/a.lua": "require 'b'", "home/b.lua": "b"})
    (tmp_path / "link").symlink_to(tmp_path / "home" / "a.lua")
    real = str(tmp_path / "home" / "a.lua")
    assert Spell.load(tmp_path / "link") == Spell("require 'b'", "a.lua", modules={"b.lua": "b"}, home=real)


@pytest.mark.parametrize(("limit", "value"), [("MAX_FILES", 2), ("MAX_BYTES", 12)])
def test_too_many_modules_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    write(tmp_path, {"a.lua": "require 'x'", "b.lua": "12345", "c.lua": "12345", "d.lua": "12345"})
    monkeypatch.setattr(sources, limit, value)
    with pytest.raises(UsageError, match="give it a folder of its own"):
        Spell.load(tmp_path / "a.lua")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("permission_sets: {asked: []}", "'asked' is what `permissions` asks for"),
        ("permission_sets: {web: net}", "permission_sets.web"),
        ("rates: {net: often}", "rates: 'often' is no rate"),
        ("rates: {'a b': 1/s}", "is no capability"),
    ],
)
def test_a_wrong_permission_set_or_rate_is_refused(text: str, problem: str) -> None:
    from llmspell_core.manifests import read

    with pytest.raises(ManifestError, match=problem):
        read(text, "spell.yaml")
