"""Credentials that are sent and not read, sessions, and policies of a spell's own."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("httpcore2")

from llmspell_bridges.auth.bridge import AuthBridge
from llmspell_bridges.auth.failures import NoCredential, NoSuchPolicy, NotForServer, UnknownProvider
from llmspell_bridges.auth.policies import decide
from llmspell_bridges.auth.records import PolicyRule
from llmspell_bridges.http.bridge import HttpBridge

from llmspell_core.bridge import Context
from llmspell_core.cli.tracing import TraceFile
from llmspell_core.errors import BadArgument, ConversionError, UsageError
from llmspell_core.guard import Guard
from llmspell_core.journal import Journal
from llmspell_core.journal.cassette import Cassette
from llmspell_core.journal.forks import fork
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.secrets import Secrets
from llmspell_core.spells import Spell

TOKEN = "tok-1234567890abcdef"


class Now:
    """A clock that is set."""

    time = 1_000_000.0


@pytest.fixture
def world(run):
    """Run what a test does with the bridges of one run; the policy grants everything."""

    def start(story, settings=None, **http):
        async def all_of_it():
            host = Secrets()
            known = {"auth": {"providers": settings or {}}, "http": http}
            guard = Guard(Policy.trusted().allow("net:127.0.0.1"))
            context = Context(
                "r", Spell(""), guard=guard, secrets=Secrets(host), clock=lambda: Now.time, settings=known
            )
            auth, http_bridge = AuthBridge(context.of("auth")), HttpBridge(context.of("http"))
            try:
                return await story(auth, http_bridge)
            finally:
                await auth.close()
                await http_bridge.close()

        return run(all_of_it())

    return start


def test_each_kind_of_credential_is_sent_as_it_is_meant(world, web):
    async def story(auth, http):
        made = [
            auth.bearer(TOKEN),
            auth.basic("ann", "pass word ü 1234567"),
            auth.api_key(TOKEN),
            auth.api_key(TOKEN, header="X-Mine"),
            auth.api_key(TOKEN, query="key"),
        ]
        for each in made:
            answer = await http.get(f"{web.url}/echo?a=1", auth=each)
            assert TOKEN not in json.dumps(answer)
        return [each.describe() for each in made]

    described = world(story)
    assert [row["kind"] for row in described] == ["bearer", "basic", "api_key", "api_key", "api_key"]
    first, second, third, fourth, fifth = web.asked
    assert first["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert second["headers"]["authorization"] == "Basic YW5uOnBhc3Mgd29yZCDDvCAxMjM0NTY3"
    assert third["headers"]["x-api-key"] == TOKEN
    assert fourth["headers"]["x-mine"] == TOKEN
    assert fifth["query"] == [["a", "1"], ["key", TOKEN]]


def test_a_credential_is_not_sent_on_to_another_server(world, web):
    async def story(auth, http):
        for made in (auth.bearer(TOKEN), auth.api_key(TOKEN, header="X-Mine")):
            elsewhere = f"{web.url.replace('127.0.0.1', 'localhost')}/echo"
            answer = await http.get(f"{web.url}/go", query={"to": elsewhere}, auth=made)
            assert answer["status"] == 200
            await http.get(f"{web.url}/go", query={"to": "/echo"}, auth=made)

    world(story)
    sent = [("authorization" in asked["headers"]) or ("x-mine" in asked["headers"]) for asked in web.asked]
    assert sent == [True, False, True, True] * 2


def test_a_header_of_the_spells_does_not_stand_beside_the_credential(world, web):
    async def story(auth, http):
        await http.get(f"{web.url}/echo", headers={"AUTHORIZATION": "mine"}, auth=auth.bearer(TOKEN))

    world(story)
    assert web.asked[0]["headers"]["authorization"] == f"Bearer {TOKEN}"


def test_what_comes_from_the_environment_is_sent_to_its_own_servers_only(world, web, monkeypatch):
    monkeypatch.setenv("CORP_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_TOKEN", "gh-" + TOKEN)
    corp = {"env": "CORP_TOKEN", "scheme": "api_key", "header": "X-Corp", "hosts": ["127.0.0.1"]}

    async def story(auth, http):
        mine, github = await auth.from_env("corp"), await auth.from_env("github")
        answer = await http.get(f"{web.url}/echo", auth=mine)
        assert answer["json"]["headers"]["x-corp"] == "***"
        assert github.describe() == {
            "kind": "bearer",
            "name": "github",
            "hosts": ["api.github.com", "uploads.github.com"],
        }
        for url in (f"{web.url}/echo", "https://api.github.com.evil.example/", "https://evil.example/api.github.com"):
            with pytest.raises(NotForServer, match="belongs to api"):
                await http.get(url, auth=github)
        with pytest.raises(NotForServer, match="use https"):
            await http.get("http://api.github.com/", auth=github)

    world(story, {"corp": corp})
    assert len(web.asked) == 1


def test_a_key_that_llmspell_keeps_is_found_and_what_is_not_there_says_where_it_was_looked_for(world, monkeypatch):
    from llmspell_bridges.llm.keys import KeyStore

    KeyStore().set("anthropic", "sk-ant-1234567890")

    async def story(auth, http):
        assert (await auth.from_env("anthropic")).describe()["hosts"] == ["api.anthropic.com"]
        with pytest.raises(NoCredential, match="OPENAI_API_KEY in the environment, or run: llmspell keys set openai"):
            await auth.from_env("openai")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-123456\r\nX-Evil: 1")
        with pytest.raises(NoCredential, match="OPENAI_API_KEY has characters") as caught:
            await auth.from_env("openai")
        assert "sk-123456" not in str(caught.value)
        with pytest.raises(UnknownProvider, match="did you mean 'github'"):
            await auth.from_env("githob")
        with pytest.raises(UsageError, match="'hosts' names the servers"):
            await auth.from_env("loose")
        with pytest.raises(UsageError, match="bearer, basic or api_key"):
            await auth.from_env("odd")

    world(story, {"loose": {"env": "X"}, "odd": {"env": "X", "scheme": "magic", "hosts": ["a"]}})


def test_a_request_is_made_ready_for_http(world, web):
    async def story(auth, http):
        bound = auth.bearer(TOKEN, hosts=["127.0.0.1"])
        request = await auth.apply({"url": f"{web.url}/echo", "method": "POST", "body": "x"}, bound)
        assert request["auth"] is bound
        assert (await http.request(**request))["status"] == 200
        with pytest.raises(NotForServer):
            await auth.apply({"url": "https://evil.example/"}, bound)
        with pytest.raises(BadArgument, match="no 'url'"):
            await auth.apply({"method": "GET"}, bound)

    world(story)
    assert web.asked[0]["headers"]["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "call",
    [
        lambda auth: auth.bearer(""),
        lambda auth: auth.bearer("a\r\nX-Evil: 1"),
        lambda auth: auth.bearer("ü" * 10),
        lambda auth: auth.bearer("x" * 10_000),
        lambda auth: auth.basic("a:b", "x"),
        lambda auth: auth.api_key("k", header="Host"),
        lambda auth: auth.api_key("k", header="a b"),
        lambda auth: auth.save("a/b", None),
    ],
)
def test_what_cannot_be_sent_is_refused(world, call):
    async def story(auth, http):
        with pytest.raises(BadArgument):
            await call(auth)

    world(story)


def test_what_a_spell_calls_a_secret_hides_nothing_of_other_runs(world):
    async def story(auth, http):
        auth.bearer("evil.example")
        own, host = auth.context.secrets, auth.context.secrets._host
        assert own.redact("net:evil.example:443") == "net:***:443"
        assert host.redact("net:evil.example:443") == "net:evil.example:443"
        for i in range(99):
            auth.bearer(f"token-number-{i}")
        with pytest.raises(BadArgument, match="100 secrets"):
            auth.bearer("token-number-100")

    world(story)


ASKING = {
    "lua": """
        local url = params.url .. "/echo"
        local one = http.get(url, {auth = auth.bearer("hidden-token-1234")}).status
        local two = http.get(url, {auth = {username = "ann", password = "hidden-word-1234"}}).status
        local headers = {Authorization = "Bearer hidden-token-5678", Accept = "text/plain"}
        return {one, two, http.post(url, {headers = headers, body = "b"}).status}
    """,
    "js": """
        const url = params.url + "/echo"
        const one = (await http.get(url, { auth: await auth.bearer("hidden-token-1234") })).status
        const two = (await http.get(url, { auth: { username: "ann", password: "hidden-word-1234" } })).status
        const headers = { Authorization: "Bearer hidden-token-5678", Accept: "text/plain" }
        return [one, two, (await http.post(url, { headers, body: "b" })).status]
    """,
}


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_who_asks_is_on_no_cassette_and_in_no_trace_and_another_may_play_it(web, tmp_path, engine):
    tape, trace, file = Cassette(), TraceFile(str(tmp_path / "trace")), tmp_path / "tape.jsonl"
    grants, given = Policy.standard().allow("net:127.0.0.1"), {"params": {"url": web.url}, "engine": engine}
    with trace, Runner(policy=grants, isolation="inline", trace=trace) as runner:
        assert runner.cast(Spell(ASKING[engine]), cassette=tape, **given).unwrap() == [200, 200, 200]
        tape.write(str(file), runner.secrets)
    assert [asked["headers"]["authorization"].split()[0] for asked in web.asked] == ["Bearer", "Basic", "Bearer"]
    for text in (file.read_text(), (tmp_path / "trace").read_text()):
        assert "hidden" not in text
        assert "Accept" in text

    with Runner(policy=grants, isolation="inline") as runner:
        other = Spell(ASKING[engine].replace("hidden", "another"))
        assert runner.cast(other, cassette=Cassette.read(str(file)), **given).unwrap() == [200, 200, 200]
    assert len(web.asked) == 3


def test_a_credential_in_the_keyring_stays_bound_to_its_servers(world, web, ring):
    async def story(auth, http):
        with pytest.raises(BadArgument, match="must name the servers"):
            await auth.save("mine", auth.bearer(TOKEN))
        await auth.save("mine", auth.bearer(TOKEN), hosts=["127.0.0.1"])
        with pytest.raises(BadArgument, match="no others than 127"):
            await auth.save("wider", await auth.load("mine"), hosts=["127.0.0.1", "evil.example"])

    async def later(auth, http):
        found = await auth.load("mine")
        assert (await http.get(f"{web.url}/echo", auth=found))["json"]["headers"]["authorization"] == "Bearer ***"
        with pytest.raises(NotForServer):
            await http.get("https://evil.example/", auth=found)
        assert (await auth.forget("mine"), await auth.forget("mine")) == (True, False)
        with pytest.raises(NoCredential, match=r"auth\.save keeps"):
            await auth.load("mine")

    world(story)
    assert list(ring.kept) == [("llmspell", "auth:mine")]
    world(later)
    assert web.asked[0]["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert ring.kept == {}


DROPPING = {
    "lua": """
        local mine = auth.load("mine")
        local first = http.get(params.url .. "/echo", {auth = mine}).status
        local dropped = auth.forget("mine")
        local _, again = pcall(http.get, params.url .. "/echo", {auth = mine})
        return {first, dropped, again.status or again.kind}
    """,
    "js": """
        const mine = await auth.load("mine")
        const first = (await http.get(params.url + "/echo", { auth: mine })).status
        const dropped = await auth.forget("mine")
        const again = await http.get(params.url + "/echo", { auth: mine }).catch(e => e)
        return [first, dropped, again.status ?? again.kind]
    """,
}


@pytest.mark.parametrize("engine", ["lua", "js"])
def test_a_run_that_dropped_a_credential_goes_on_without_it(world, web, ring, tmp_path, engine):
    async def story(auth, http):
        await auth.save("mine", auth.bearer(TOKEN), hosts=["127.0.0.1"])

    world(story)
    grants = Policy.trusted().allow("net:127.0.0.1")
    with Journal(f"sqlite:///{tmp_path}/runs.db") as journal:
        with Runner(policy=grants, isolation="inline", journal=journal) as runner:
            options = {"params": {"url": web.url}, "engine": engine, "run_id": "run"}
            assert runner.cast(Spell(DROPPING[engine]), **options).unwrap() == [200, True, 200]
            entries = journal.entries("run")
            last = max(entry.number for entry in entries if entry.kind == "asked" and '"http"' in entry.body)
            fork(journal, "run", len(entries), "whole")
            assert runner.resume("whole").unwrap() == [200, True, 200]
            fork(journal, "run", last, "cut")
            assert runner.resume("cut").unwrap() == [200, True, "no_credential"]
        assert TOKEN not in (tmp_path / "runs.db").read_bytes().decode("latin-1")


def test_a_session_is_known_until_it_expires(world):
    async def story(auth, http):
        made = await auth.create_session("ann", data={"cart": [1]}, ttl=60)
        assert (made["subject"], made["expires_at"] - made["created_at"], len(made["id"])) == ("ann", 60, 43)
        assert await auth.get_session(made["id"]) == made
        assert await auth.get_session("made up") is None
        keys, _ = await (await auth._sessions())._space.keys()
        assert not any(made["id"] in key for key in keys)
        Now.time += 60
        assert await auth.get_session(made["id"]) is None
        other = await auth.create_session("eve")
        assert len((await (await auth._sessions())._space.keys())[0]) == 1
        assert (await auth.end_session(other["id"]), await auth.end_session(other["id"])) == (True, False)
        for ttl in (0, -1, 1e9, float("nan")):
            with pytest.raises(BadArgument, match="ttl"):
                await auth.create_session("ann", ttl=ttl)
        with pytest.raises(ConversionError, match="handle"):
            await auth.create_session("ann", data=[auth.bearer(TOKEN)])

    world(story)


RULES = [
    PolicyRule("allow", actions=["read"]),
    PolicyRule("allow", actions=["write", "delete"], resources=["docs/*"], roles=["editor"]),
    PolicyRule("deny", resources=["docs/secret*"], when={"team": ["sales", "press"]}),
    PolicyRule("allow", roles=["root"], when={"verified": True}),
]


@pytest.mark.parametrize(
    ("who", "action", "resource", "rule", "allowed"),
    [
        ({}, "read", "anything", 1, True),
        ({}, "write", "docs/a", None, False),
        ({"roles": ["editor"]}, "write", "docs/a", 2, True),
        ({"role": "editor"}, "delete", "docs/", 2, True),
        ({"roles": ["editor"]}, "write", "other/a", None, False),
        ({"roles": ["editor"], "team": "press"}, "write", "docs/secret-1", 3, False),
        ({"team": ["it", "sales"]}, "read", "docs/secret", 3, False),
        ({"roles": ["root"], "verified": True}, "burn", "*", 4, True),
        ({"roles": ["root"], "verified": 1}, "burn", "*", None, False),
        ({"roles": "root"}, "burn", "*", None, False),
        ({"roles": [["root"]]}, "burn", "*", None, False),
    ],
)
def test_a_policy_allows_what_a_rule_allows_and_none_denies(world, who, action, resource, rule, allowed):
    async def story(auth, http):
        auth.create_policy("docs", RULES)
        with pytest.raises(NoSuchPolicy, match="did you mean 'docs'"):
            auth.check("doc", who, action, resource)
        return auth.check("docs", who, action, resource)

    found = world(story)
    assert (found["rule"], found["allowed"]) == (rule, allowed)


def test_a_pattern_takes_no_longer_the_more_stars_it_has(world):
    async def story(auth, http):
        auth.create_policy("p", [PolicyRule("allow", actions=["*a" * 5000 + "b"])])
        assert auth.check("p", {}, "a" * 4096)["allowed"] is False
        auth.create_policy("p", [PolicyRule("allow", actions=["a*b*c"])])
        assert [auth.check("p", {}, text)["allowed"] for text in ("abc", "a-b-c", "abcx", "ac", "abbc")] == [
            True,
            True,
            False,
            False,
            True,
        ]
        with pytest.raises(BadArgument, match="1000 rules"):
            auth.create_policy("p", [PolicyRule("allow")] * 1001)

    world(story)


def test_what_a_policy_is_made_of_and_decides_on_is_bounded(world):
    async def story(auth, http):
        auth.create_policy("p", [PolicyRule("allow")])
        for long in ([PolicyRule("allow", actions=["a" * 2**20])], [PolicyRule("deny", when={"n": [1] * 2**16})]):
            with pytest.raises(BadArgument, match="more than 1048576 bytes"):
                auth.create_policy("p", long)
        assert auth.check("p", {}, "read")["allowed"] is True
        for name in (("a" * 4097, "*"), ("read", "a" * 4097)):
            with pytest.raises(BadArgument, match="at most 4096 characters"):
                auth.check("p", {}, *name)

    world(story)


def test_a_claim_and_what_a_rule_wants_of_it_are_gone_through_once():
    class Counted(list):
        times = 0

        def __iter__(self):
            self.times += 1
            return super().__iter__()

    claim, wanted = Counted(range(100)), Counted(range(100, 200))
    rules = [PolicyRule("allow", when={"n": wanted}), PolicyRule("deny", when={"n": 7}), PolicyRule("allow")]
    found = decide(rules, {"n": claim}, "read", "*")
    assert (found["rule"], claim.times, wanted.times) == (2, 1, 1)


def test_without_the_library_the_cure_is_told(world, monkeypatch):
    from llmspell_core.errors import ProviderError

    monkeypatch.setitem(__import__("sys").modules, "joserfc", None)

    async def story(auth, http):
        with pytest.raises(
            ProviderError, match=r"library '.*' is not installed; .* install 'llmspell-bridges\[auth\]'"
        ):
            auth.parse_jwt("a.b.c")

    world(story)
