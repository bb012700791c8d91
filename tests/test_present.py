"""What is being done at present."""

from __future__ import annotations

from llmspell_core.errors import BadArgument, UnknownMethod
from llmspell_core.present import spelled, written_as


def shout(name: str) -> str:
    return name.upper()


def test_names_are_written_as_the_language_writes_them_while_its_spell_runs() -> None:
    with written_as(shout):
        assert spelled("llm.chat_session") == "LLM.CHAT_SESSION"
        assert str(UnknownMethod("llm", "chat", ["chat"])) == "LLM has no method 'CHAT'; did you mean 'CHAT'?"
        assert str(BadArgument("llm.chat", None, "model", "is missing")) == "LLM.CHAT: option 'MODEL': is missing"
    assert spelled("llm.chat_session") == "llm.chat_session"


def test_a_spell_within_a_spell_has_names_of_its_own() -> None:
    with written_as(shout):
        with written_as(str):
            assert spelled("get") == "get"
        assert spelled("get") == "GET"


def test_what_is_no_name_is_left_as_it_is() -> None:
    with written_as(shout):
        assert spelled("approval (send it to x.com)") == "approval (send it to x.com)"
