"""Every method of the bridges data, crypto, time, log, debug and auth, called from each language."""

from __future__ import annotations

import importlib.util
import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core import plugins
from llmspell_core.bridge import exposed_methods
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

for library in ("xmltodict", "tomli_w", "humanize", "dateutil", "authlib", "joserfc", "httpcore2", "keyring"):
    pytest.importorskip(library)

LANGUAGES = ("lua", "js")
PLACES = ("inline", "process") if sys.platform == "linux" else ("inline",)
DATA = {
    "lua": """
local value = data.parse_json('{"list": [1, null, {}], "n": 2}')
local text = data.to_json(value)
local lines = data.to_json({a = 1}, {pretty = true})
local yaml = data.convert(text, "json", "yaml", {pretty = true})
local rows = data.parse("name,age\\nann,7\\n", "csv")
local xml = data.write({people = {person = rows}}, "xml")
local toml = data.write({title = "x", owner = {name = "ann"}}, "toml")
local ok, e = pcall(data.parse, "a: b: c", "yaml")
local ok2, e2 = pcall(data.write, {a = function() end}, "json")
local ok3, e3 = pcall(data.convert, "", "json", "jsn")
return {text, lines, yaml, rows, data.parse(xml, "xml"), toml, {e.kind, e.data.line, e.data.column}, e2.kind,
  e3.message}
""",
    "js": """
const value = await data.parseJson('{"list": [1, null, {}], "n": 2}');
const text = await data.toJson(value);
const lines = await data.toJson({ a: 1 }, { pretty: true });
const yaml = await data.convert(text, "json", "yaml", { pretty: true });
const rows = await data.parse("name,age\\nann,7\\n", "csv");
const xml = await data.write({ people: { person: rows } }, "xml");
const toml = await data.write({ title: "x", owner: { name: "ann" } }, "toml");
let e, e2, e3;
try { await data.parse("a: b: c", "yaml") } catch (error) { e = error }
try { await data.write({ a: () => 1 }, "json") } catch (error) { e2 = error }
try { await data.convert("", "json", "jsn") } catch (error) { e3 = error }
return [text, lines, yaml, rows, await data.parse(xml, "xml"), toml, [e.kind, e.data.line, e.data.column], e2.kind,
  e3.message];
""",
}
CRYPTO = {
    "lua": """
local raw = bytes("\\xff\\0")
local ok, e = pcall(crypto.hash, "x", "sha257")
return {
  #crypto.uuid(), #crypto.random_string(12), crypto.random_string(4, {alphabet = "digits"}), #crypto.random_bytes(5),
  crypto.hash("abc"), crypto.hash("abc", "md5", {encoding = "base64"}), crypto.hmac("data", "key"),
  crypto.base64_encode(raw), #crypto.base64_decode("/wA=", {bytes = true}), crypto.base64_decode("w7w="),
  crypto.base64url_encode(raw), #crypto.base64url_decode("_wA", {bytes = true}),
  crypto.equals("a", "a"), #crypto.algorithms(), e.message,
}
""",
    "js": """
const raw = new Uint8Array([255, 0]);
let e;
try { await crypto.hash("x", "sha257") } catch (error) { e = error }
return [
  (await crypto.uuid()).length, (await crypto.randomString(12)).length, await crypto.randomString(4,
  { alphabet: "digits" }),
  (await crypto.randomBytes(5)).length,
  await crypto.hash("abc"), await crypto.hash("abc", "md5", { encoding: "base64" }), await crypto.hmac("data", "key"),
  await crypto.base64Encode(raw), (await crypto.base64Decode("/wA=", { bytes: true })).length,
  await crypto.base64Decode("w7w="),
  await crypto.base64urlEncode(raw), (await crypto.base64urlDecode("_wA", { bytes: true })).length,
  await crypto.equals("a", "a"), (await crypto.algorithms()).length, e.message,
];
""",
}
TIME = {
    "lua": """
local t = time.parse("2026-01-31T12:00:00", nil, {zone = "Europe/Berlin"})
local later = time.add(t, {months = 1, hours = 1, zone = "Europe/Berlin"})
return {
  t, time.format(later), time.format(later, "%d.%m.%Y %H:%M %Z", {zone = "Europe/Berlin"}),
  time.parse("01/02/26", "%d/%m/%y"), time.duration("1h 30m"), time.humanize(5400, {exact = true}),
  time.humanize(time.now() - 7200, {now = time.now()}),
}
""",
    "js": """
const t = await time.parse("2026-01-31T12:00:00", null, { zone: "Europe/Berlin" });
const later = await time.add(t, { months: 1, hours: 1, zone: "Europe/Berlin" });
return [
  t, await time.format(later), await time.format(later, "%d.%m.%Y %H:%M %Z", { zone: "Europe/Berlin" }),
  await time.parse("01/02/26", "%d/%m/%y"), await time.duration("1h 30m"), await time.humanize(5400, { exact: true }),
  await time.humanize(time.now() - 7200, { now: time.now() }),
];
""",
}
LOG = {
    "lua": """
log.debug("d") log.info("i", {n = 1}) log.warn("w") log.error("e")
log["with"]({a = 1}):info("with")
log.with_context({b = 2}):with_context({c = 3}):warn("context")
local db = log.create_logger("db", "warn")
db:debug("no") db:error("db", {x = true}) db:set_level("debug") db:debug("yes")
log.set_level("error")
log.info("unheard")
log.audit("order.cancelled", {by = "ann"})
local timer = db:timer("query", {table = "t"})
local other = log.timer("unheard")
other:stop()
return {timer:elapsed() >= 0, timer:stop({rows = 2}) >= 0, log.levels(), log.components()}
""",
    "js": """
await log.debug("d"); await log.info("i", { n: 1 }); await log.warn("w"); await log.error("e");
await (await log.with({ a: 1 })).info("with");
await (await (await log.withContext({ b: 2 })).withContext({ c: 3 })).warn("context");
const db = await log.createLogger("db", "warn");
await db.debug("no"); await db.error("db", { x: true }); await db.setLevel("debug"); await db.debug("yes");
await log.setLevel("error");
await log.info("unheard");
await log.audit("order.cancelled", { by: "ann" });
const timer = await db.timer("query", { table: "t" });
const other = await log.timer("unheard");
await other.stop();
return [await timer.elapsed() >= 0, await timer.stop({ rows: 2 }) >= 0, await log.levels(), await log.components()];
""",
}
DEBUG = {
    "lua": """
local function work(a, b) state.set("k", a) pcall(fs.read, "/etc/passwd") return a + b end
local t = debug.trace_calls(work, 1, 2)
local bad = debug.trace_calls(function() error("oops") end)
local p = debug.profile(function() for i = 1, 3 do state.set("k", i) end return "done" end)
local m = debug.memory_usage()
local names = {}
for i, call in ipairs(t.calls) do names[i] = {call.name, call.arguments, call.error ~= null} end
return {t.ok, t.result, names, {bad.ok, bad.error.message}, p.result, p.calls[1].name, p.calls[1].count,
  p.own <= p.seconds, m.bytes > 10000, m.of, state.get("k")}
""",
    "js": """
async function work(a, b) { await state.set("k", a); try { await fs.read("/etc/passwd") } catch {} return a + b }
const t = await debug.traceCalls(work, 1, 2);
const bad = await debug.traceCalls(() => { throw new Error("oops") });
const p = await debug.profile(async () => { for (const i of [1, 2, 3]) await state.set("k", i); return "done" });
const m = await debug.memoryUsage();
const names = t.calls.map(call => [call.name, call.arguments, call.error !== null]);
return [t.ok, t.result, names, [bad.ok, bad.error.message], p.result, p.calls[0].name, p.calls[0].count,
  p.own <= p.seconds, m.bytes > 10000, m.of, await state.get("k")];
""",
}
AUTH = {
    "lua": """
local resource, said = params.url .. "/resource", {}
local function status(a) return http.get(resource, {auth = a}).status end
local info = auth.discover(params.url)
local a = auth.oauth2{issuer = params.url, client_id = "desk", client_secret = params.secret,
  redirect_uri = params.back,
  scopes = {"openid"}}
local asked = a:authorize{prompt = "login"}
local ok, e = pcall(a.complete, a, params.back .. "?code=x&state=y")
local login = http.request{url = asked.url}
said[1] = {info.token_url == params.url .. "/token", #asked.state, e.kind, e.data.error}
a:complete(login.headers.location)
said[2] = {a:status().claims.sub, status(a), a:refresh().valid, a:revoke(), a:status().valid}
local c = auth.oauth2{token_url = params.url .. "/token", client_id = "desk", client_secret = params.secret}
said[3] = {c:client_credentials({scopes = {"read"}}).scopes, status(c), http.get(resource, {auth = c}).json.sent}
said[4] = {http.request(auth.apply({url = resource}, c)).status}
local bearer, basic, key = auth.bearer("tok-12345678"), auth.basic("ann", "pass-12345678"),
  auth.api_key("key-12345678", {query = "k"})
said[5] = {bearer:describe().kind, basic:describe().kind, key:describe().hosts == null, status(bearer),
  auth.from_env("corp"):describe()}
auth.save("kept", bearer, {hosts = {"127.0.0.1"}})
said[6] = {auth.load("kept"):describe().hosts, auth.forget("kept"), select(2, pcall(auth.load, "other")).data.flag}
local parsed = auth.parse_jwt(params.token)
local checked = auth.verify_jwt(params.token, params.key, {audience = "api", algorithms = {"HS256"}})
local bad, f = pcall(auth.verify_jwt, params.token, params.key, {audience = "other"})
said[7] = {parsed.header.alg, checked.claims.sub, f.kind, f.data.claim}
auth.create_policy("docs", {{effect = "allow", actions = {"read"}, roles = {"reader"}}})
said[8] = {auth.check("docs", {roles = {"reader"}}, "read", "x").allowed, auth.check("docs", checked.claims,
  "read").reason}
local s = auth.create_session("ann", {data = {n = 1}, ttl = 60})
said[9] = {auth.get_session(s.id).data.n, auth.end_session(s.id), auth.get_session(s.id) == nil}
return said
""",
    "js": """
const resource = params.url + "/resource", said = [];
const status = async a => (await http.get(resource, { auth: a })).status;
const info = await auth.discover(params.url);
const a = await auth.oauth2({ issuer: params.url, clientId: "desk", clientSecret: params.secret,
  redirectUri: params.back,
  scopes: ["openid"] });
const asked = await a.authorize({ prompt: "login" });
let e, f, g;
try { await a.complete(params.back + "?code=x&state=y") } catch (error) { e = error }
const login = await http.request({ url: asked.url });
said.push([info.token_url === params.url + "/token", asked.state.length, e.kind, e.data.error]);
await a.complete(login.headers.location);
said.push([(await a.status()).claims.sub, await status(a), (await a.refresh()).valid, await a.revoke(),
  (await a.status()).valid]);
const c = await auth.oauth2({ tokenUrl: params.url + "/token", clientId: "desk", clientSecret: params.secret });
said.push([(await c.clientCredentials({ scopes: ["read"] })).scopes, await status(c), (await http.get(resource,
  { auth: c })).json.sent]);
said.push([(await http.request(await auth.apply({ url: resource }, c))).status]);
const bearer = await auth.bearer("tok-12345678"), basic = await auth.basic("ann", "pass-12345678");
const key = await auth.apiKey("key-12345678", { query: "k" });
said.push([(await bearer.describe()).kind, (await basic.describe()).kind, (await key.describe()).hosts === null,
  await status(bearer),
  await (await auth.fromEnv("corp")).describe()]);
await auth.save("kept", bearer, { hosts: ["127.0.0.1"] });
try { await auth.load("other") } catch (error) { g = error }
said.push([(await (await auth.load("kept")).describe()).hosts, await auth.forget("kept"), g.data.flag]);
const parsed = await auth.parseJwt(params.token);
const checked = await auth.verifyJwt(params.token, params.key, { audience: "api", algorithms: ["HS256"] });
try { await auth.verifyJwt(params.token, params.key, { audience: "other" }) } catch (error) { f = error }
said.push([parsed.header.alg, checked.claims.sub, f.kind, f.data.claim]);
await auth.createPolicy("docs", [{ effect: "allow", actions: ["read"], roles: ["reader"] }]);
said.push([(await auth.check("docs", { roles: ["reader"] }, "read", "x")).allowed, (await auth.check("docs",
  checked.claims, "read")).reason]);
const s = await auth.createSession("ann", { data: { n: 1 }, ttl: 60 });
said.push([(await auth.getSession(s.id)).data.n, await auth.endSession(s.id), await auth.getSession(s.id) === null]);
return said;
""",
}
SOURCES = {"data": DATA, "crypto": CRYPTO, "time": TIME, "log": LOG, "debug": DEBUG, "auth": AUTH}
HANDLES = {
    "log": ("llmspell_bridges.log.bridge", ("Logger", "LogTimer")),
    "auth": ("llmspell_bridges.auth.oauth2", ("OAuth2",)),
}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=PLACES)
def cast(language: str, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Cast a spell of a language and return its value."""

    def do(sources: dict[str, str], policy: Policy | None = None, *, params: Any = None, **how: Any) -> Any:
        with Runner(policy=policy, isolation=request.param, **how) as runner:
            return runner.cast(sources[language], engine=language, params=params).unwrap()

    return do


def test_data(cast: Callable[..., Any]) -> None:
    found = cast(DATA)
    assert found[:3] == ['{"list": [1, null, {}], "n": 2}', '{\n  "a": 1\n}', "list:\n- 1\n- null\n- {}\nn: 2\n"]
    assert found[3] == [{"name": "ann", "age": "7"}]
    assert found[4] == {"people": {"person": {"name": "ann", "age": "7"}}}
    assert sorted(found[5].split("\n")) == sorted(['title = "x"', "", "[owner]", 'name = "ann"', ""])
    assert found[6:8] == [["syntax", 1, 5], "conversion"]
    assert found[8] == "data.convert: argument 3 (target): is no form of data: 'jsn'; did you mean 'json'?"


def test_crypto(cast: Callable[..., Any]) -> None:
    found = cast(CRYPTO)
    assert found[:2] == [36, 12]
    assert re.fullmatch(r"\d{4}", found[2])
    assert found[3:] == [
        5,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "kAFQmDzST7DWlj99KOF/cg==",
        "5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0",
        "/wA=",
        2,
        "ü",
        "_wA",
        2,
        True,
        10,
        "crypto.hash: argument 2 (algorithm): is no hash algorithm here: 'sha257'; did you mean 'sha256'?",
    ]


def test_time(cast: Callable[..., Any]) -> None:
    assert cast(TIME) == [
        1769857200.0,
        "2026-02-28T12:00:00Z",
        "28.02.2026 13:00 CET",
        1769904000.0,
        5400.0,
        "1 hour and 30 minutes",
        "2 hours ago",
    ]


def test_log(cast: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "llmspell")
    levels, components = ["debug", "info", "warn", "error"], ["db", "main"]
    assert cast(LOG) == [True, True, levels, components]
    said = [re.sub(r"seconds=\S+", "seconds=S", record.getMessage()) for record in caplog.records]
    assert said == [
        *("d", "i n=1", "w", "e", "with a=1", "context b=2 c=3", "db x=true", "yes"),
        "order.cancelled by=ann",
        "query table=t rows=2 seconds=S",
    ]
    audited = [record for record in caplog.records if record.name == "llmspell.audit"]
    assert [(record.event, record.component) for record in audited] == [("order.cancelled", "main")]


def test_debug(cast: Callable[..., Any], request: pytest.FixtureRequest) -> None:
    place = {"inline": "vm", "process": "process"}[request.node.callspec.params["cast"]]
    assert cast(DEBUG) == [
        True,
        3,
        [["state.set", 'key="k", value=1', False], ["fs.read", 'path="/etc/passwd"', True]],
        [False, "oops"],
        "done",
        "state.set",
        3,
        True,
        True,
        place,
        3,
    ]


@pytest.fixture
def server() -> Iterator[Any]:
    name = "llmspell_tests_fake_oauth"
    path = Path(__file__).parent.parent / "plugins/bridges/tests/fake_oauth.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.AuthorizationServer() as made:
        yield made


@pytest.fixture
def ring() -> Iterator[dict[tuple[str, str], str]]:
    import keyring
    from keyring.backend import KeyringBackend

    kept: dict[tuple[str, str], str] = {}

    class Ring(KeyringBackend):
        priority = 1.0  # type: ignore[assignment]  # a plain number is what it is at run time

        def get_password(self, service: str, username: str) -> str | None:
            return kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    yield kept
    keyring.set_keyring(before)


def test_auth(cast: Callable[..., Any], server: Any, ring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from joserfc import jwk, jwt
    from llmspell_bridges.http import client

    # A browser is sent to the application; here nobody goes there.
    monkeypatch.setattr(client, "_REDIRECTS", ())
    monkeypatch.setenv("CORP_TOKEN", "corp-12345678")
    key = "a secret of thirty-two bytes...."
    claims = {"sub": "ann", "aud": "api", "exp": 4_000_000_000}
    params = {
        "url": server.url,
        "secret": server.clients["desk"],
        "back": "https://app.example/back",
        "token": jwt.encode({"alg": "HS256"}, claims, jwk.OctKey.import_key(key)),
        "key": key,
    }
    policy = Policy.standard().allow("net:127.0.0.1", "auth:corp", "auth:kept")
    corp = {"env": "CORP_TOKEN", "hosts": ["corp.example"]}
    found = cast(AUTH, policy, params=params, clock=lambda: server.now, options={"auth": {"providers": {"corp": corp}}})
    assert found == [
        [True, 32, "oauth", "wrong_state"],
        ["ann", 200, True, True, False],
        [["read"], 200, "Bearer ***"],
        [200],
        ["bearer", "basic", True, 401, {"kind": "bearer", "name": "corp", "hosts": ["corp.example"]}],
        [["127.0.0.1"], True, "--allow=auth:other"],
        ["HS256", "ann", "token", "aud"],
        [True, "no rule allows it"],
        [1, True, True],
    ]
    assert ring == {}


@pytest.mark.parametrize("bridge", SOURCES)
def test_no_method_is_left_out(bridge: str) -> None:
    owners = [plugins.bridge_class(bridge)]
    module, names = HANDLES.get(bridge, ("", ()))
    owners += [getattr(importlib.import_module(module), name) for name in names]
    for owner in owners:
        for name in exposed_methods(owner):
            spelled = {"lua": name, "js": re.sub(r"_(\w)", lambda found: found[1].upper(), name)}
            for language in LANGUAGES:
                called = rf'[.:]{spelled[language]}\b|"{spelled[language]}"'
                assert re.search(called, SOURCES[bridge][language]), (bridge, language, name)
