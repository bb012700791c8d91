"""Capabilities are written into a manifest, and nothing else of it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmspell_core.cli.saving import can_be_saved, save
from llmspell_core.errors import LlmspellError
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from pathlib import Path

NEW = "net:x.com:443"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'permission_sets:\n  saved:\n    - "net:x.com:443"\n'),
        ("# only this\n", '# only this\npermission_sets:\n  saved:\n    - "net:x.com:443"\n'),
        (
            "name: a  # the name\n\n# the end\n",
            'name: a  # the name\npermission_sets:\n  saved:\n    - "net:x.com:443"\n\n# the end\n',
        ),
        ("name: a", 'name: a\npermission_sets:\n  saved:\n    - "net:x.com:443"'),
        (
            "permission_sets:\n    web: [net]   # web\nname: a\n",
            'permission_sets:\n    web: [net]   # web\n    saved:\n      - "net:x.com:443"\nname: a\n',
        ),
        (
            "permission_sets:\n  saved:\n  - env:A  # mine\n\n  web: [net]\n",
            'permission_sets:\n  saved:\n  - env:A  # mine\n  - "net:x.com:443"\n\n  web: [net]\n',
        ),
        ("permission_sets: {}\n", 'permission_sets: {saved: ["net:x.com:443"]}\n'),
        ("permission_sets: {web: [net]} # c\n", 'permission_sets: {web: [net], saved: ["net:x.com:443"]} # c\n'),
        (
            "permission_sets: {saved: [env:A]}\nname: b\n",
            'permission_sets: {saved: [env:A, "net:x.com:443"]}\nname: b\n',
        ),
        (
            "permission_sets:\n  saved: [\n    env:A,\n  ]\n",
            'permission_sets:\n  saved: [\n    env:A, "net:x.com:443",\n  ]\n',
        ),
        ("{name: a}\n", '{name: a, permission_sets: {saved: ["net:x.com:443"]}}\n'),
        (
            "description: |\n  two\n  lines\nname: a\n",
            'description: |\n  two\n  lines\nname: a\npermission_sets:\n  saved:\n    - "net:x.com:443"\n',
        ),
        (
            "name: a\ndescription: >\n  two\n  lines\n",
            'name: a\ndescription: >\n  two\n  lines\npermission_sets:\n  saved:\n    - "net:x.com:443"\n',
        ),
        ("name: a\r\n", 'name: a\r\npermission_sets:\r\n  saved:\r\n    - "net:x.com:443"\r\n'),
    ],
)
def test_a_manifest_is_changed_where_it_has_to_be(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "spell.yaml"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    (tmp_path / "spell.lua").write_text("")
    assert save(str(tmp_path), NEW, "--") == str(path)
    assert path.read_bytes().decode() == after
    assert path.stat().st_mode & 0o777 == 0o640
    assert Spell.load(tmp_path).manifest.permission_set("saved")[-1] == NEW
    assert sorted(each.name for each in tmp_path.iterdir()) == ["spell.lua", "spell.yaml"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return 1\n", '-- ---\n-- permission_sets:\n--   saved:\n--     - "net:x.com:443"\n-- ---\nreturn 1\n'),
        (
            "#!/usr/bin/lua\nreturn 1\n",
            '#!/usr/bin/lua\n-- ---\n-- permission_sets:\n--   saved:\n--     - "net:x.com:443"\n-- ---\nreturn 1\n',
        ),
        (
            "-- ---\n-- name: a # b\n-- ---\nreturn 1\n",
            '-- ---\n-- name: a # b\n-- permission_sets:\n--   saved:\n--     - "net:x.com:443"\n-- ---\nreturn 1\n',
        ),
        (
            "#!x\n--- ---\n--- permission_sets: {saved: [env:A]}\n--- ---\n",
            '#!x\n--- ---\n--- permission_sets: {saved: [env:A, "net:x.com:443"]}\n--- ---\n',
        ),
        (
            "-- ---\n--permission_sets: {saved: []}\n-- ---\n",
            '-- ---\n--permission_sets: {saved: ["net:x.com:443"]}\n-- ---\n',
        ),
    ],
)
def test_front_matter_is_changed_where_it_has_to_be(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "a.lua"
    path.write_text(before)
    save(str(path), NEW, "--")
    assert path.read_text() == after
    assert Spell.load(path).manifest.permission_set("saved")[-1] == NEW


@pytest.mark.parametrize("name", [".", "spell.yaml", "spell.lua"])
def test_what_runs_by_the_manifest_beside_it_is_saved_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "spell.yaml").write_text("name: n\n")
    (tmp_path / "spell.lua").write_text("return 1\n")
    assert save(str(tmp_path / name), NEW, "--") == str(tmp_path / "spell.yaml")
    assert (tmp_path / "spell.lua").read_text() == "return 1\n"
    assert Spell.load(tmp_path / name).manifest.permission_set("saved") == (NEW,)


@pytest.mark.parametrize(
    "text", ["permission_sets:\n  ? saved\n  : &a [net]\n", "- a\n", "name: &x a\n<<: *x\n", "a: ["]
)
def test_what_cannot_be_changed_safely_stays_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "spell.yaml"
    path.write_text(text)
    try:
        save(str(tmp_path), NEW, "--")
    except LlmspellError:
        assert path.read_text() == text
    else:
        (tmp_path / "spell.lua").write_text("")
        assert NEW in Spell.load(tmp_path).manifest.permission_set("saved")


@pytest.mark.parametrize(
    ("capability", "may"),
    [
        ("env:HOME", True),
        ("net:a.com:443", True),
        ("read:data/x", True),
        ("env:*", False),
        ("env:", False),
        ("env:A*", False),
        ("read:data/*", False),
        ("read:~/x", False),
        ("read:", False),
        ("net:*:443", False),
        ("state:run:a\nb", True),
    ],
)
def test_only_what_grants_itself_alone_can_be_saved(capability: str, may: bool) -> None:
    assert can_be_saved(capability) is may


def test_a_capability_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.lua"
    path.write_text("return 1\n")
    capability = 'state:run:"]\n-- ---\nos.exit() -- \\ \u2028 \u0085 :'
    save(str(path), capability, "--")
    assert path.read_text().endswith("\n-- ---\nreturn 1\n")
    assert Spell.load(path).manifest.permission_set("saved") == (capability,)
