"""OAuth 2 against an authorization server on loopback that is as strict as the standards."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("authlib")
pytest.importorskip("joserfc")
pytest.importorskip("httpcore2")

from llmspell_bridges.auth.bridge import AuthBridge
from llmspell_bridges.auth.failures import BadToken, NoCredential, NotForServer, OAuthFailed, UnknownProvider
from llmspell_bridges.http.bridge import HttpBridge

from llmspell_core.bridge import Context
from llmspell_core.errors import BadArgument, Denied
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.secrets import Secrets
from llmspell_core.spells import Spell

REDIRECT = "https://app.example/back"
SECRET = "s3cret:of the/desk"


@pytest.fixture
def server():
    name = "llmspell_bridges_tests_fake_oauth"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("fake_oauth.py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.AuthorizationServer() as made:
        yield made


class World:
    """The bridges auth and http of one run whose clock is the server's."""

    def __init__(self, server, policy=None, **settings):
        self.secrets = Secrets(Secrets())
        granted = policy or Policy.strict().allow("net:127.0.0.1")
        known = {"auth": {"providers": settings}, "http": {}}
        context = Context(
            "r", Spell(""), guard=Guard(granted), secrets=self.secrets, clock=lambda: server.now, settings=known
        )
        self.auth, self.http, self.server = AuthBridge(context.of("auth")), HttpBridge(context.of("http")), server

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await self.auth.close()
        await self.http.close()

    async def desk(self, **options):
        told = {"issuer": self.server.issuer, "client_id": "desk", "client_secret": SECRET, "redirect_uri": REDIRECT}
        return await self.auth.oauth2(**{**told, **options})

    async def allowed(self, access, **options):
        """Do what a person and their browser do, and return where they end up."""
        answer = await self.http.request(url=access.authorize(**options)["url"], method="GET")
        return answer["headers"]["location"]

    async def resource(self, access):
        return await self.http.get(f"{self.server.url}/resource", auth=access)


@pytest.fixture
def go(run, server, monkeypatch):
    """Run what a test does in a world."""
    from llmspell_bridges.http import client

    # A browser is sent to the application; here nobody goes there.
    follow = client._REDIRECTS
    monkeypatch.setattr(client, "_REDIRECTS", ())
    assert follow

    def start(story, policy=None, **settings):
        async def all_of_it():
            async with World(server, policy, **settings) as world:
                return await story(world)

        return run(all_of_it())

    return start


def test_a_person_allows_and_the_token_opens_the_resource_unread(go, server):
    async def story(world):
        access = await world.desk(scopes=["openid", "read"])
        before = access.status()
        status = await access.complete(await world.allowed(access))
        answer = await world.resource(access)
        return before, status, answer

    before, status, answer = go(story)
    assert before == {
        "valid": False,
        "grant": None,
        "scopes": [],
        "expires_at": None,
        "refreshable": False,
        "claims": None,
    }
    assert (status["valid"], status["grant"], status["scopes"]) == (True, "authorization_code", ["openid", "read"])
    assert (status["expires_at"], status["refreshable"], status["claims"]["sub"]) == (1_000_300.0, True, "ann")
    assert answer["status"] == 200
    assert answer["json"] == {"sent": "Bearer ***", "text": "you sent Bearer ***"}
    assert "at-" not in answer["text"]


def test_a_client_without_a_secret_proves_itself_by_its_verifier(go, server):
    async def story(world):
        access = await world.auth.oauth2(issuer=server.issuer, client_id="phone", redirect_uri=REDIRECT)
        await access.complete(await world.allowed(access))
        return (await world.resource(access))["status"]

    assert go(story) == 200


def test_a_code_is_of_no_use_to_another_handle(go, server):
    async def story(world):
        mine, other = await world.desk(), await world.desk()
        back = await world.allowed(mine)
        with pytest.raises(OAuthFailed, match="answers no question"):
            await other.complete(back)
        await mine.complete(back)
        with pytest.raises(OAuthFailed, match="answers no question"):
            await mine.complete(back)

    go(story)


def test_an_answer_that_is_late_or_a_refusal_or_another_servers_is_told(go, server):
    async def story(world):
        access = await world.desk()
        state = access.authorize()["state"]
        with pytest.raises(OAuthFailed) as caught:
            await access.complete(f"{REDIRECT}?error=access_denied&state={state}&iss={server.issuer}")
        assert caught.value.data["error"] == "access_denied"
        for issuer in ("&iss=https%3A%2F%2Fevil.example", ""):
            state = access.authorize()["state"]
            with pytest.raises(OAuthFailed) as caught:
                await access.complete(f"{REDIRECT}?code=x&state={state}{issuer}")
            assert caught.value.data["error"] == "wrong_issuer"
        back = await world.allowed(access)
        server.now += 3601
        with pytest.raises(OAuthFailed, match="more than an hour"):
            await access.complete(back)

    go(story)


def test_client_credentials_are_fetched_again_when_they_expire(go, server):
    async def story(world):
        access = await world.desk(scopes=["read"])
        status = await access.client_credentials()
        assert (status["grant"], status["scopes"], status["refreshable"]) == ("client_credentials", ["read"], True)
        assert (await world.resource(access))["status"] == 200
        assert server.times("/token") == 1
        server.now += 301
        assert access.status()["valid"] is False
        assert (await world.resource(access))["status"] == 200
        assert server.times("/token") == 2

    go(story)


def test_a_token_is_refreshed_before_it_expires_and_once_for_all_who_wait(go, server):
    async def story(world):
        access = await world.desk()
        await access.complete(await world.allowed(access))
        server.now += 271  # nine tenths of its time, or the last half minute
        answers = await asyncio.gather(*(world.resource(access) for _ in range(5)))
        assert [answer["status"] for answer in answers] == [200] * 5
        refreshed = [form for path, form in server.asked if path == "/token" and "refresh_token" in form]
        assert len(refreshed) == 1
        assert (await access.refresh())["expires_at"] == server.now + 300

    go(story)


def test_a_code_that_no_server_gives_is_refused_before_it_is_sent(go, server):
    async def story(world):
        access = await world.desk()
        asked = access.authorize()
        with pytest.raises(OAuthFailed, match="more than 8192 characters") as caught:
            await access.complete(f"{REDIRECT}?state={asked['state']}&iss={server.issuer}&code={'c' * 10_000}")
        return caught.value.error, server.times("/token")

    assert go(story) == ("bad_answer", 0)


def test_a_refresh_that_nobody_waits_for_any_more_is_not_lost(go, server):
    async def story(world):
        access = await world.desk()
        await access.complete(await world.allowed(access))
        server.now += 295
        server.granted.clear()
        server.may_answer.clear()
        asking = asyncio.create_task(world.resource(access))
        await asyncio.to_thread(server.granted.wait, 30)
        asking.cancel()
        await asyncio.wait([asking])
        again = asyncio.create_task(world.resource(access))
        await asyncio.sleep(0)
        server.may_answer.set()
        refreshed = [form for path, form in server.asked if path == "/token" and "refresh_token" in form]
        return asking.cancelled(), (await again)["status"], len(refreshed)

    assert go(story) == (True, 200, 1)


def test_a_refresh_token_that_the_server_does_not_replace_is_kept(go, server):
    server.rotates = False

    async def story(world):
        access = await world.desk()
        await access.complete(await world.allowed(access))
        for _ in range(3):
            server.now += 300
            assert (await world.resource(access))["status"] == 200

    go(story)


def test_a_revoked_refresh_token_ends_the_access_and_says_how_to_begin_again(go, server):
    async def story(world):
        access = await world.desk()
        await access.complete(await world.allowed(access))
        server.refreshes.clear()
        server.now += 300
        with pytest.raises(OAuthFailed, match=r"begin with authorize\(\)") as caught:
            await world.resource(access)
        assert (caught.value.data["error"], caught.value.data["status"]) == ("invalid_grant", 400)
        with pytest.raises(NoCredential):
            await world.resource(access)

    go(story)


def test_a_token_is_given_back(go, server):
    async def story(world):
        access = await world.desk()
        assert await access.revoke() is False
        await access.complete(await world.allowed(access))
        assert await access.revoke() is True
        assert (server.refreshes, access.status()["valid"]) == ({}, False)

    go(story)


def test_a_server_that_speaks_for_another_issuer_is_not_asked_further(go, server):
    async def story(world):
        server.says = {"issuer": "https://evil.example"}
        with pytest.raises(OAuthFailed) as caught:
            await world.desk()
        assert caught.value.data["error"] == "wrong_issuer"

    go(story)
    assert server.times("/token") == 0


def test_the_other_description_of_a_server_is_found_too(go, server):
    server.is_openid = False

    async def story(world):
        found = await world.auth.discover(server.issuer)
        await (await world.desk()).client_credentials()
        return found

    found = go(story)
    assert (found["token_url"], found["scopes"]) == (f"{server.url}/token", ["openid", "read", "write"])


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ({"token_endpoint": "http://tokens.example/token"}, "bad_url"),
        ({"jwks_uri": "file:///etc/passwd"}, "bad_url"),
        ({"token_endpoint": 7}, "bad_url"),
    ],
)
def test_urls_that_others_could_read_are_refused(go, server, says, error):
    server.says = says

    async def story(world):
        with pytest.raises(OAuthFailed) as caught:
            await world.desk()
        assert caught.value.data["error"] == error
        with pytest.raises(OAuthFailed, match="https"):
            await world.desk(issuer=None, token_url="http://tokens.example/token")

    go(story)


@pytest.mark.parametrize(
    "answers",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "x" * 10_000},
        {"token_type": "mac"},
        {"token_type": None},
    ],
)
def test_what_is_no_token_that_can_be_sent_is_refused(go, server, answers):
    server.answers = answers

    async def story(world):
        with pytest.raises(OAuthFailed, match="token"):
            await (await world.desk()).client_credentials()

    go(story)


def test_a_token_without_an_end_is_not_refreshed(go, server):
    server.lifetime = None

    async def story(world):
        access = await world.desk()
        assert (await access.client_credentials())["expires_at"] is None
        server.now += 10**6
        assert (await world.resource(access))["status"] == 200
        assert server.times("/token") == 1

    go(story)


def test_a_wrong_secret_is_told_without_the_secret(go, server):
    async def story(world):
        access = await world.desk(client_secret="wrong-secret-of-mine")
        with pytest.raises(OAuthFailed) as caught:
            await access.client_credentials()
        world.secrets.scrub(caught.value)
        return caught.value

    error = go(story)
    assert error.data == {"error": "invalid_client", "description": "who are you?", "status": 401}
    assert "wrong-secret" not in f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_secret_is_sent_as_the_server_wants_it(go, server, method):
    async def story(world):
        await (await world.desk(auth_method=method)).client_credentials()
        return server.asked[-1][1]

    assert ("client_secret" in go(story)) == (method == "client_secret_post")


def test_an_identity_token_by_an_unknown_key_or_for_another_question_is_refused(go, server):
    claims = {"iss": server.issuer, "aud": "desk", "sub": "eve", "iat": 1_000_000, "exp": 1_000_600}

    async def story(world):
        access = await world.desk(scopes=["openid"])
        back = await world.allowed(access)
        for said in ({"nonce": "another"}, {}):
            server.answers = {"id_token": server.sign({**claims, **said})}
            with pytest.raises(BadToken, match="nonce"):
                await access.complete(back)
            assert access.status()["valid"] is False
            back = await world.allowed(access)
        server.answers = {"id_token": server.sign({**claims, "aud": "phone"})}
        with pytest.raises(BadToken, match="aud"):
            await access.complete(back)

    go(story)


def test_keys_are_fetched_once_and_again_when_they_were_rotated(go, server):
    claims = {"iss": server.issuer, "aud": "api", "exp": 2_000_000}

    async def story(world):
        place = {"issuer": server.issuer}
        first = server.sign(claims)
        for _ in range(3):
            await world.auth.verify_jwt(first, {"jwks_url": f"{server.url}/jwks"}, audience="api")
        assert server.times("/jwks") == 1
        server.rotate("k2")
        second = server.sign(claims)
        with pytest.raises(BadToken, match="k2"):
            await world.auth.verify_jwt(second, place)  # made-up names may not have a server asked again and again
        server.now += 11
        assert (await world.auth.verify_jwt(second, place))["claims"]["aud"] == "api"
        with pytest.raises(BadToken, match="k1"):
            await world.auth.verify_jwt(first, place)
        assert server.times("/jwks") == 2

    go(story)


def test_a_key_set_that_anybody_can_fetch_has_no_secrets(go, server):
    from joserfc import jwk, jwt

    secret = jwk.OctKey.import_key("a-secret-of-32-bytes-............", {"kid": "k1"})
    token = jwt.encode({"alg": "HS256", "kid": "k1"}, {"exp": 2_000_000}, secret)
    server.keys = [secret]

    async def story(world):
        with pytest.raises(BadToken) as caught:
            await world.auth.verify_jwt(token, {"jwks_url": f"{server.url}/jwks"})
        assert caught.value.data["reason"] == "key"

    go(story)


def test_the_policy_decides_which_authorization_servers_are_asked(go, server):
    async def story(world):
        with pytest.raises(Denied) as caught:
            await world.desk()
        return caught.value.data

    assert go(story, Policy.strict())["flag"] == f"--allow-net=127.0.0.1:{server.server_address[1]}"
    assert server.asked == []


def test_a_redirect_is_no_place_to_send_a_secret_to(go, server, monkeypatch):
    from llmspell_bridges.http import client

    monkeypatch.setattr(client, "_REDIRECTS", (301, 302, 303, 307, 308))

    async def story(world):
        access = await world.desk(issuer=None, token_url=f"{server.url}/authorize-nothing")
        access._server = type(access._server)(token_url=f"{server.url}/moved")
        with pytest.raises(OAuthFailed) as caught:
            await access.client_credentials()
        return caught.value.data["error"]

    handler = server.RequestHandlerClass
    monkeypatch.setattr(
        handler, "_post_moved", lambda self, form: self._send(307, Location="http://127.0.0.1:1/evil"), raising=False
    )
    assert go(story) == "redirected"


CORP = {"client_id": "desk", "client_secret_env": "CORP_SECRET", "hosts": ["127.0.0.1"], "scopes": ["read"]}


def test_a_provider_of_the_callers_keeps_its_secret_and_its_servers(go, server, monkeypatch):
    monkeypatch.setenv("CORP_SECRET", SECRET)
    policy = Policy.strict().allow("net", "net:127.0.0.1", "auth:corp")

    async def story(world):
        access = await world.auth.oauth2(provider="corp")
        assert (await access.client_credentials())["scopes"] == ["read"]
        assert (await world.resource(access))["status"] == 200
        with pytest.raises(NotForServer, match=r"evil\.example:443.*belongs to 127\.0\.0\.1"):
            await world.http.get("https://evil.example/", auth=access)
        for wrong in ({"client_secret": "x"}, {"token_url": "https://evil.example"}, {"hosts": ["evil.example"]}):
            with pytest.raises(BadArgument, match=r"caller's to say|no others"):
                await world.auth.oauth2(provider="corp", **wrong)
        with pytest.raises(UnknownProvider, match="corp"):
            await world.auth.oauth2(provider="crop")
        return world.secrets.redact(f"it is {SECRET}")

    told = {"corp": {**CORP, "issuer": server.issuer}, "crop": {}}
    assert go(story, policy.allow("auth:crop"), **told) == "it is ***"


def test_a_provider_of_the_callers_has_to_be_granted(go, server):
    async def story(world):
        with pytest.raises(Denied) as caught:
            await world.auth.oauth2(provider="corp")
        return caught.value.data["flag"]

    assert go(story, corp={**CORP, "issuer": server.issuer}) == "--allow=auth:corp"


def test_access_in_the_keyring_goes_on_in_a_later_run_however_often_it_is_refreshed(go, server, ring):
    async def first(world):
        access = await world.desk()
        await access.complete(await world.allowed(access))
        with pytest.raises(BadArgument, match="must name the servers"):
            await world.auth.save("work", access)
        await world.auth.save("work", access, hosts=["127.0.0.1"])
        server.now += 300
        assert (await world.resource(access))["status"] == 200

    async def later(world):
        access = await world.auth.load("work")
        server.now += 300
        answer = await world.resource(access)
        with pytest.raises(NotForServer):
            await world.http.get("https://evil.example/", auth=access)
        return answer["status"], answer["json"]["sent"], world.secrets.redact(f"it is {SECRET}")

    policy = Policy.strict().allow("net", "net:127.0.0.1", "auth:work")
    go(first, policy)
    for _ in range(3):
        assert go(later, policy) == (200, "Bearer ***", "it is ***")

    async def last(world):
        access = await world.auth.load("work")
        await world.auth.forget("work")
        await access.refresh()

    go(last, policy)
    assert ring.kept == {}
