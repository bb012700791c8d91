from __future__ import annotations

import pytest
from llmspell_bridges.env.bridge import EnvBridge

from llmspell_core.bridge import Context
from llmspell_core.errors import Denied
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell


def env(policy: Policy) -> EnvBridge:
    return EnvBridge(Context("r", Spell(""), guard=Guard(policy)))


def test_a_variable_is_read_and_one_that_is_not_set_is_nil(monkeypatch):
    monkeypatch.setenv("COLOUR", "red")
    monkeypatch.delenv("SHAPE", raising=False)
    bridge = env(Policy.strict().allow("env:*"))
    assert (bridge.get("COLOUR"), bridge.get("SHAPE"), bridge.get("SHAPE", default="round")) == ("red", None, "round")


@pytest.mark.parametrize("name", ["SHOP_API_KEY", "GITHUB_TOKEN", "db_password", "AWS_SECRET_ACCESS_KEY"])
def test_what_looks_like_a_secret_is_read_only_where_it_is_granted_by_name(monkeypatch, name):
    monkeypatch.setenv(name, "hush")
    for policy in (Policy.strict().allow("env"), Policy.strict().allow(f"env:{name[:3]}*")):
        with pytest.raises(Denied, match=f"--allow-env={name}") as caught:
            env(policy).get(name)
        assert caught.value.data == {"capability": f"env:{name}", "flag": f"--allow-env={name}"}
        assert "hush" not in str(caught.value)
    assert env(Policy.strict().allow(f"env:{name}")).get(name) == "hush"
    assert env(Policy.trusted()).get(name) == "hush"


def test_the_variable_of_a_providers_key_is_a_secret_whatever_its_name(monkeypatch):
    monkeypatch.setenv("CORP_LOGIN", "hush")
    settings = {"llm": {"providers": {"corp": {"base_url": "https://llm.corp.example", "api_key_env": "CORP_LOGIN"}}}}

    def get(policy):
        return EnvBridge(Context("r", Spell(""), guard=Guard(policy), settings=settings)).get("CORP_LOGIN")

    with pytest.raises(Denied, match="--allow-env=CORP_LOGIN"):
        get(Policy.strict().allow("env"))
    assert get(Policy.strict().allow("env:CORP_LOGIN")) == "hush"
