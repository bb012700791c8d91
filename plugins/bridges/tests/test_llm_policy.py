"""Which models a run may call."""

from __future__ import annotations

import pytest
from llmspell_bridges.llm.bridge import LlmBridge
from llmspell_bridges.llm.failures import ProviderFailed

from llmspell_core.bridge import Context
from llmspell_core.errors import CallError, Denied
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell


@pytest.fixture
def asks(run):
    """Ask a model; return the answer's model, the capability that is missing, or the provider's reason."""

    def ask(model, chosen="demo", policy=None, method="complete"):
        guard = Guard((policy or Policy.standard()).of_run(chosen))
        bridge = LlmBridge(Context("r", Spell(""), chosen, {"demo_pause": 0, "retries": 0}, guard=guard))

        async def go():
            try:
                if method == "list_models":
                    return await bridge.list_models(provider=model)
                return (await bridge.complete("hi", model=model))["model"]
            except Denied as denied:
                return denied.data["capability"]
            except ProviderFailed as failure:
                return failure.reason
            finally:
                await bridge._calls.close()

        return run(go())

    return ask


def test_the_runs_model_and_the_demo_need_no_grant(asks, tmp_path):
    mock = tmp_path / "replies.json"
    mock.write_text('["hello"]')
    assert asks("demo", chosen=None) == "demo"
    assert asks(f"mock:{mock}", chosen=f"mock:{mock}") == f"mock:{mock}"
    # Without a key it fails only after it was allowed.
    assert asks("openai:gpt-4o", chosen="openai:gpt-4o") == "auth"


def test_another_model_is_refused_by_its_providers_own_name(asks):
    assert asks("openai:gpt-4o") == "llm:openai:gpt-4o"
    assert asks("gemini:flash") == "llm:google:flash"
    assert asks("openai:gpt-4o", chosen="openai:gpt-4o-mini") == "llm:openai:gpt-4o"
    assert asks("demo", policy=Policy.strict()) == "llm:demo"


def test_a_grant_covers_models_and_a_denial_wins_under_every_name(asks):
    assert asks("openai:gpt-4o", policy=Policy.standard().allow("llm:openai/*")) == "auth"
    assert asks("gemini:flash", policy=Policy.standard().allow("llm:google")) in ("auth", "not_installed")
    assert asks("gemini:flash", policy=Policy.trusted().deny("llm:google:*")) == "llm:google:flash"


def test_the_same_model_under_another_name_of_its_provider_is_the_runs_model(asks):
    for model in ("gemini:flash", "google:flash"):
        for chosen in ("gemini:flash", "google:flash"):
            assert asks(model, chosen=chosen) in ("auth", "not_installed")


def test_the_models_of_another_provider_are_not_asked_for(asks):
    assert asks("openai", method="list_models") == "llm:openai:*"
    assert asks("openai", chosen="openai:gpt-4o", method="list_models") == "auth"
    assert asks("demo", method="list_models")[0]["id"] == "demo"


def test_a_misspelt_provider_is_told_as_such_and_not_to_be_granted(asks):
    with pytest.raises(CallError, match="did you mean 'openai'"):
        asks("opnai:gpt-4o")
    assert asks("openai:gpt-4o") == "llm:openai:gpt-4o"
