"""The global `fetch` goes over the bridge http, and so through its policy."""

import pytest
from llmspell_bridges.http.bridge import HttpBridge

from llmspell_core.bridge import Bridge, expose
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

pytest.importorskip("httpcore2")


@pytest.fixture
def cast(web):
    def cast(source, *, policy=None, isolation="inline"):
        granted = policy or Policy.strict().allow(f"net:127.0.0.1:{web.port}")
        with Runner(bridges={"http": HttpBridge}, policy=granted, isolation=isolation) as runner:
            return runner.cast(source, engine="js", params={"url": web.url})

    return cast


def test_an_answer_has_status_headers_and_body(cast, web):
    source = """const said = encodeURIComponent('{"a": 1}')
const r = await fetch(params.url + "/say?body=" + said + "&type=application/json#x")
const copy = r.clone(), more = r.clone()
return [r instanceof Response, r.ok, r.status, r.headers.get("Content-Type"), await r.json(), await copy.text(),
  (await more.arrayBuffer()).byteLength, r.bodyUsed]"""
    assert cast(source).unwrap() == [True, True, 200, "application/json", {"a": 1}, '{"a": 1}', 8, True]


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_method_headers_and_body_are_sent(cast, web, isolation):
    source = """const r = await fetch(new Request(params.url + "/echo", {method: "post",
  headers: [["X-A", "1"], ["x-a", "2"]],
  body: new URLSearchParams({a: "b c"})}))
return (await r.json())"""
    asked = cast(source, isolation=isolation).unwrap()
    assert (asked["method"], asked["body"], asked["headers"]["x-a"]) == ("POST", "a=b+c", "1, 2")
    assert asked["headers"]["content-type"] == "application/x-www-form-urlencoded;charset=UTF-8"


@pytest.mark.parametrize(
    ("body", "sent"),
    [("'\\u20ac'", "â\x82¬"), ("new Uint8Array([1, 255])", "\x01\xff"), ("new Uint16Array([1]).buffer", "\x01\0")],
)
def test_bodies_are_sent_as_they_are(cast, body, sent):
    source = f"return (await (await fetch(params.url + '/echo', {{method: 'PUT', body: {body}}})).json()).body"
    assert cast(source).unwrap() == sent


def test_an_answer_that_is_no_success_is_an_answer_and_a_redirect_is_told(cast):
    source = """const a = await fetch(params.url + "/none"), b = await fetch(params.url + "/go?to=/echo")
return [a.ok, a.status, await a.text(), b.ok, b.url.endsWith("/echo")]"""
    assert cast(source).unwrap() == [False, 404, "nothing here", True, True]


@pytest.mark.parametrize("to", ["http://localhost:1/", "/go?to=http://169.254.169.254/latest"])
def test_what_is_not_granted_is_denied_also_behind_a_redirect(cast, web, to):
    result = cast(
        f"try {{ await fetch(params.url + '/go?to=' + encodeURIComponent('{to}')) }} catch (e) {{ return e.kind }}"
    )
    assert result.unwrap() == "denied"
    assert cast("await fetch(params.url)", policy=Policy.strict()).error.kind == "denied"


def test_a_signal_stops_what_is_asked(cast, web):
    source = """const stop = new AbortController()
setTimeout(() => stop.abort(), 50)
try { await fetch(params.url + "/hang", {signal: stop.signal}) } catch (e) { print(e.name) }
try { await fetch(params.url + "/echo", {signal: stop.signal}) } catch (e) { print(e.name) }
try { await fetch(params.url + "/hang", {signal: AbortSignal.timeout(20)}) } catch (e) { print(e.name) }
return (await fetch(params.url + "/echo", {signal: new AbortController().signal})).status"""
    result = cast(source)
    assert (result.unwrap(), result.output) == (200, "AbortError\nAbortError\nTimeoutError\n")
    assert [row["path"] for row in web.asked].count("/echo") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "fetch('nowhere')",
        "fetch(params.url, {method: 'TRACK'})",
        "fetch(params.url, {body: 'x'})",
        "fetch(params.url, {redirect: 'manual'})",
        "fetch(params.url, {headers: {'a b': '1'}})",
        "(async () => { const r = await fetch(params.url + '/echo'); await r.text(); await r.text() })()",
    ],
)
def test_what_cannot_be_asked_is_a_type_error_of_the_promise(cast, wrong):
    assert cast(f"return await {wrong}.catch(e => e instanceof TypeError)").unwrap() is True


def test_an_answer_that_is_no_json_and_one_that_never_comes_are_errors(cast, web, unused_url):
    assert cast("return (await fetch(params.url + '/none')).json().catch(e => e.name)").unwrap() == "SyntaxError"
    policy = Policy.trusted()
    assert cast(f"return fetch('{unused_url}').catch(e => e.kind)", policy=policy).unwrap() == "provider"


def test_a_failure_that_nobody_awaits_fails_the_run(cast):
    assert cast("fetch('nowhere')").error.kind == "runtime"


def test_headers_are_read_in_any_case_and_in_order():
    source = """const h = new Headers({b: " 1 ", A: "2"}); h.append("B", "3"); h.set("c", 4); h.delete("C")
const seen = []; h.forEach((value, name) => seen.push(name + value))
return [[...h], h.get("b"), h.get("x"), h.has("a"), seen, [...h.keys()], [...h.values()], [...new Headers(h)].length]"""
    with Runner(bridges={}) as runner:
        told = runner.cast(source, engine="js").unwrap()
    assert told == [[["a", "2"], ["b", "1, 3"]], "1, 3", None, True, ["a2", "b1, 3"], ["a", "b"], ["2", "1, 3"], 2]


class OtherBridge(Bridge):
    """Answers what a language fetches."""

    name = "other"
    roles = ("_fetch",)

    @expose
    async def request(
        self, *, url: str, method: str, headers: dict[str, str], bytes: bool, body: str | None = None
    ) -> dict[str, object]:
        """Return an answer."""
        return {"status": 200, "headers": {}, "url": url, "bytes": f"{method} of other".encode()}


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_whichever_bridge_has_the_role_answers(isolation):
    source = "return [await (await fetch('https://a.example/')).text(), typeof _fetch]"
    with Runner(bridges={"other": OtherBridge}, isolation=isolation) as runner:
        assert runner.cast(source, engine="js").unwrap() == ["GET of other", "undefined"]


def test_without_such_a_bridge_the_error_says_what_is_missing():
    with Runner(bridges={}, isolation="inline") as runner:
        error = runner.cast("await fetch('https://a.example/')", engine="js").error
    assert "no bridge with the role '_fetch' is mounted" in str(error)
