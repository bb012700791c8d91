"""What spells keep on the command line: in a file of the user's, each spell its own, and nothing opened in vain."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

COUNT = {
    "lua": "print(state.incr('n', 1, {scope = 'spell'}))",
    "js": "console.log(await state.incr('n', 1, { scope: 'spell' }))",
}


@pytest.fixture
def llmspell(tmp_path):
    """Run the program, and return what it prints; what goes wrong is an error."""

    def call(*words):
        env = {**os.environ, "LLMSPELL_HOME": str(tmp_path / "home")}
        command = [sys.executable, "-m", "llmspell_core", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


@pytest.mark.parametrize("engine", COUNT)
def test_what_a_spell_keeps_outlives_the_process(llmspell, tmp_path, engine):
    spell = tmp_path / f"count.{engine}"
    spell.write_text(COUNT[engine])
    assert [llmspell("run", spell), llmspell("run", spell)] == ["1\n", "2\n"]
    assert stat.S_IMODE((tmp_path / "home/state.db").stat().st_mode) == 0o600


def test_a_spell_that_takes_the_name_of_another_elsewhere_has_its_own(llmspell, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "spell.yaml").write_text("name: bank\n")
        (tmp_path / folder / "spell.lua").write_text(COUNT["lua"])
    seen = [llmspell("run", tmp_path / "one"), llmspell("run", tmp_path / "one/spell.yaml"), llmspell("run", "one")]
    assert [*seen, llmspell("run", tmp_path / "two")] == ["1\n", "2\n", "3\n", "1\n"]


def test_a_spell_in_one_language_reads_what_one_in_another_shares(llmspell):
    llmspell("exec", "-e", "lua", "--allow-state", "state.set('v', {1.0, 2^53 | 0}, {scope = 'shared'})")
    source = "const [a, b] = await state.get('v', { scope: 'shared' }); console.log(a, typeof b)"
    assert llmspell("exec", "-e", "js", "--allow-state=read:shared:v", source) == "1 bigint\n"


@pytest.mark.parametrize(("scope", "opened"), [("run", False), ("spell", True)])
def test_a_file_is_opened_only_by_a_spell_that_keeps_something_there(tmp_path, scope, opened):
    spell = tmp_path / "a.lua"
    spell.write_text(f"state.set('a', 1, {{scope = '{scope}'}})")
    show = "print(*(f'llmspell_bridges.state.{each}' in sys.modules for each in ('sql', 'redis')))"
    code = f"import sys, atexit; atexit.register(lambda: {show}); from llmspell_core.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "--no-journal"]
    env = {**os.environ, "LLMSPELL_HOME": str(tmp_path / "home")}
    done = subprocess.run([*command, str(spell)], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.split() == [str(opened), "False"]
    assert (tmp_path / "home/state.db").exists() is opened


def test_the_config_file_says_where_values_are(llmspell, tmp_path):
    (tmp_path / "home").mkdir()
    table = f'[bridges.state]\nurl = "sqlite:///{tmp_path}/other.db"\nnamespace = "mine"\nhistory = 2\n'
    (tmp_path / "home/config.toml").write_text(table)
    spell = tmp_path / "count.lua"
    spell.write_text(COUNT["lua"])
    assert [llmspell("run", spell), llmspell("run", spell)] == ["1\n", "2\n"]
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "home/state.db").exists()
