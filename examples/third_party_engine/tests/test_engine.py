from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_lisp import llmspell_conformance_spells, llmspell_engines
from llmspell_lisp.engine import LispEngine

from llmspell_core.errors import IncompleteSource
from llmspell_core.protocol import Finish, Resolve, Tell
from llmspell_core.spells import Spell
from llmspell_core.stubs import Api, FunctionOf, ListOf, Method, Module, Named, Parameter, Union


def test_the_hooks_offer_the_engine_and_its_conformance_spells() -> None:
    assert llmspell_engines() == [LispEngine]
    [folder] = llmspell_conformance_spells()
    assert (folder / "syntax-empty" / "spell.lisp").is_file()


def test_compiling_runs_nothing_and_keeps_the_files_of_the_language() -> None:
    program = LispEngine().compile(Spell("(while true)", "a.lisp", modules={"b.lisp": "1", "data.json": "{}"}))
    assert program.files == {"a.lisp": "(while true)", "b.lisp": "1"}


@pytest.mark.parametrize("wrong", ["a.lisp", "lib/b.lisp"])
def test_every_file_is_checked(wrong: str) -> None:
    sources = {"a.lisp": "1", "lib/b.lisp": "1", wrong: "("}
    with pytest.raises(IncompleteSource) as caught:
        LispEngine().compile(Spell(sources.pop("a.lisp"), "a.lisp", modules=sources))
    assert caught.value.file == wrong


def test_declarations_spell_names_as_the_language_does() -> None:
    text = Named("text")
    method = Method(
        "chat_once",
        (),
        "Ask once.",
        (Parameter("prompt", text, True), Parameter("more", text, False, variadic=True)),
        (Parameter("max_tokens", Union((Named("int"), Named("nil"))), False),),
        ListOf(FunctionOf((text,), text)),
    )
    [(name, declared)] = LispEngine.declare(Api((Module("model_info", "Models.", (method,)),), (), ())).items()
    assert name == "llmspell.lisp"
    assert "(declare (model-info.chat-once prompt & more :max-tokens int-or-nil))" in declared
    assert ";; Ask once. -> list of function" in declared


def test_the_example_of_the_readme_runs(play) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    source = readme.split("```lisp\n")[1].split("```")[0]
    played = play(source, params={"question": "q", "models": ["a", "b"]}, bridges=("llm",))
    assert [call.args[1]["model"] for call in played.requests] == ["a", "b"]
    assert played.feed(Resolve(2, "yes")) == (Tell("host", "print", ["b says yes\n", "info"]),)
    assert played.feed(Resolve(1, "no")) == (Finish(None),)
