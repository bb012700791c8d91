"""What the bridges ask on a cassette is answered in every language, whatever objects of the host it is asked by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmspell_core.journal.cassette import Cassette
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.secrets import Secrets
from llmspell_core.spells import Spell

SOURCES = {
    "lua": """
        local text = ""
        for piece in llm.stream("count") do text = text .. piece end
        local one = agent.create({name = "one"})
        return {text, one:run("hello").text, llm.stream("count", function() return false end).text}
    """,
    "js": """
        let text = "";
        for await (const piece of await llm.stream("count")) text += piece;
        const one = await agent.create({ name: "one" });
        return [text, (await one.run("hello")).text, (await llm.stream("count", () => false)).text];
    """,
}


@pytest.mark.parametrize("player", ["lua", "js"])
@pytest.mark.parametrize("recorder", ["lua", "js"])
def test_streams_and_agents_play_without_a_model(tmp_path: Path, recorder: Any, player: Any) -> None:
    tape, file = Cassette(), tmp_path / "tape.jsonl"
    with Runner(model="demo", isolation="inline") as runner:
        told = runner.cast(Spell.text(SOURCES[recorder]), engine=recorder, cassette=tape).unwrap()
    tape.write(str(file), Secrets())
    file.write_text(file.read_text().replace('"am "', '"was "').replace("I am", "I was"))
    with Runner(model="demo", isolation="inline") as runner:
        played = runner.cast(Spell.text(SOURCES[player]), engine=player, cassette=Cassette.read(str(file)))
    assert (played.value, played.error) == ([text.replace("I am", "I was") for text in told], None)
    assert played.value[0].startswith("I was")


KEYS = {
    "lua": """
        local one = http.get(params.url .. "/echo?page=1&api_key=hidden%2Bkey-42&next_token=page-token-7")
        local two = http.get(params.url .. "/echo", {query = {page = "2", access_token = "hidden-token-43"}})
        return {one.status, two.status}
    """,
    "js": """
        const one = await http.get(params.url + "/echo?page=1&api_key=hidden%2Bkey-42&next_token=page-token-7");
        const two = await http.get(params.url + "/echo", { query: { page: "2", access_token: "hidden-token-43" } });
        return [one.status, two.status];
    """,
}


@pytest.mark.parametrize("engine", KEYS)
def test_keys_in_the_query_of_a_url_are_on_no_cassette(tmp_path: Path, web: Any, engine: Any) -> None:
    tape, file = Cassette(), tmp_path / "tape.jsonl"
    policy = Policy.standard().allow(f"net:{web.url.removeprefix('http://')}")
    with Runner(isolation="inline", policy=policy) as runner:
        told = runner.cast(Spell.text(KEYS[engine]), engine=engine, params={"url": web.url}, cassette=tape).unwrap()
    tape.write(str(file), Secrets())

    written = file.read_text()
    assert "hidden" not in written
    assert "/echo?page=1&api_key=***&next_token=page-token-7" in written
    assert '"query":{"access_token":"***","page":"2"}' in written
    asked, other, played = len(web.asked), KEYS[engine].replace("hidden", "unknown"), Cassette.read(str(file))
    with Runner(isolation="inline", policy=policy) as runner:
        again = runner.cast(Spell.text(other), engine=engine, params={"url": web.url}, cassette=played)
    assert (again.value, again.error, len(web.asked)) == (told, None, asked)
