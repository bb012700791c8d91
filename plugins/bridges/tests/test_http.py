"""What http sends and brings back, and where it does not go, against a real server on loopback."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
from email.utils import formatdate

import pytest
from llmspell_bridges.http.addresses import kind_of_address
from llmspell_bridges.http.body import Body, TooLarge
from llmspell_bridges.http.bridge import HttpBridge
from llmspell_bridges.http.client import Client, host_and_port, parse
from llmspell_bridges.http.connections import Checked
from llmspell_bridges.http.failures import HttpFailed
from llmspell_bridges.http.messages import Request
from llmspell_bridges.http.records import Auth

from llmspell_core.bridge import Context
from llmspell_core.errors import BadArgument, Denied, LimitExceeded
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.runner import Runner
from llmspell_core.spells import Spell

httpcore2 = pytest.importorskip("httpcore2")


@pytest.fixture
def http(web, run):
    """Call a method of a bridge; by default the server is granted, and nothing else."""

    def call(name, /, *args, policy=None, settings=None, **options):
        async def go():
            granted = policy or Policy.strict().allow(f"net:127.0.0.1:{web.port}")
            bridge = HttpBridge(Context("r", Spell(""), None, settings or {}, guard=Guard(granted)))
            try:
                return await getattr(bridge, name)(*args, **options)
            finally:
                await bridge.close()

        return run(go())

    return call


class Names:
    """A name server that gives its answers one after the other, and counts the questions."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def __call__(self, host, port):
        self.asked.append(host)
        return self.answers.pop(0)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_each_method_is_sent_with_its_options(http, web, method):
    answer = http(
        method, f"{web.url}/echo?a=1", headers={"X-Mine": "yes"}, query={"b": [2, True], "c": None}, json={"k": [None]}
    )
    asked = answer["json"]
    assert (answer["status"], answer["ok"], answer["url"]) == (200, True, f"{web.url}/echo?a=1&b=2&b=true")
    assert (asked["method"], asked["body"]) == (method.upper(), '{"k": [null]}')
    assert asked["query"] == [["a", "1"], ["b", "2"], ["b", "true"]]
    assert (asked["headers"]["x-mine"], asked["headers"]["content-type"]) == ("yes", "application/json")
    assert answer["headers"]["content-type"] == "application/json; charset=utf-8"


def test_a_request_may_have_any_known_method(http, web):
    assert http("request", url=f"{web.url}/echo", method="options")["json"]["method"] == "OPTIONS"
    assert http("request", url=f"{web.url}/echo")["json"]["method"] == "GET"
    head = http("request", url=f"{web.url}/echo", method="HEAD")
    assert (head["status"], head["text"], head["json"]) == (200, "", None)
    with pytest.raises(BadArgument, match="method"):
        http("request", url=f"{web.url}/echo", method="BREW")


def test_text_and_bytes_are_sent_as_they_are(http, web):
    asked = http("post", f"{web.url}/echo", body="ü")["json"]
    assert (asked["body"].encode("latin-1"), asked["headers"]["content-type"]) == (
        "ü".encode(),
        "text/plain; charset=utf-8",
    )
    asked = http("post", f"{web.url}/echo", body=b"\xff\x00", headers={"Content-Type": "image/x"})["json"]
    assert (asked["body"], asked["headers"]["content-type"]) == ("\xff\x00", "image/x")
    assert http("post", f"{web.url}/echo")["json"]["headers"]["content-length"] == "0"
    with pytest.raises(BadArgument, match="json"):
        http("post", f"{web.url}/echo", body="x", json=1)


def test_who_asks_is_told(http, web):
    asked = http("get", f"{web.url}/echo", auth=Auth("t0ken"))["json"]
    assert asked["headers"]["authorization"] == "Bearer t0ken"
    asked = http("get", f"{web.url}/echo", auth=Auth(username="me", password="pä"))["json"]
    assert asked["headers"]["authorization"] == "Basic bWU6cMOk"
    with pytest.raises(BadArgument, match="auth"):
        http("get", f"{web.url}/echo", auth=Auth(password="x"))


def test_an_answer_of_any_status_is_an_answer(http, web):
    answer = http("get", f"{web.url}/none")
    assert (answer["status"], answer["ok"], answer["text"], answer["json"]) == (404, False, "nothing here", None)


def test_a_body_is_text_bytes_and_json_as_far_as_it_is(http, web):
    say = f"{web.url}/say"
    latin = http("get", say, query={"body": "\xfc", "type": "text/plain; charset=iso-8859-1"})
    assert latin["text"] == "ü"
    raw = http("get", say, query={"body": "\xff\x00"}, bytes=True)
    assert (raw["bytes"], raw["text"]) == (b"\xff\x00", None)
    assert http("get", say, query={"body": "\xff"})["text"] == "\N{REPLACEMENT CHARACTER}"
    for body in ("{", "1" + "0" * 30, "[" * 200 + "]" * 200):
        broken = http("get", say, query={"body": body, "type": "application/json"})
        assert (broken["text"], broken["json"]) == (body, None)
    assert http("get", say, query={"body": "[1]", "type": "application/problem+json"})["json"] == [1]
    assert http("get", say, query={"body": "x", "type": "text/plain; charset=none-such"})["text"] == "x"


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Connection"])
def test_headers_of_the_connection_are_not_the_spells(http, web, name):
    with pytest.raises(BadArgument, match=name):
        http("get", f"{web.url}/echo", headers={name: "evil.example"})


@pytest.mark.parametrize("headers", [{"a b": "x"}, {"a": "x\r\nHost: evil.example"}, {"a": "\N{SNOWMAN}"}, {"": "x"}])
def test_a_header_says_nothing_but_itself(http, web, headers):
    with pytest.raises(BadArgument, match="headers"):
        http("get", f"{web.url}/echo", headers=headers)
    assert web.asked == []


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http://", "no url", "http://me:pw@127.0.0.1/", "http://[::1", "file:///etc/passwd"]
)
def test_what_is_no_url_is_refused(http, web, url):
    with pytest.raises(HttpFailed) as caught:
        http("get", url, policy=Policy.trusted())
    assert caught.value.data["reason"] == "bad_request"
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("policy", [Policy.standard(), Policy.trusted()])
@pytest.mark.parametrize(
    "url", ["example.com/path", "example.com", "//example.com/", "ftp://example.com/", "https:///p"]
)
@pytest.mark.parametrize(
    ("engine", "call"),
    [
        ("lua", "http.get({})"),
        ("js", "await http.delete({})"),
        ("lua", "http.request{{url = {}}}"),
        ("js", "await http.request({{url: {}}})"),
        ("lua", "tools.execute('http_fetch', {{url = {}}})"),
    ],
)
def test_what_is_no_url_is_said_to_be_none_before_a_permission_is_asked_for(engine, call, url, policy):
    asked = []
    with Runner(policy=policy, audit=asked.append, isolation="inline") as runner:
        error = runner.cast(call.format(repr(url)), engine=engine).error
    assert (error.kind, asked) == ("argument", [])
    assert "url" in str(error)
    assert "begins with https:// or http://" in str(error)


def test_a_host_that_is_not_granted_is_not_asked(http, web):
    for granted in (
        Policy.strict(),
        Policy.strict().allow("net:127.0.0.1:1"),
        Policy.strict().allow("net:example.com"),
    ):
        with pytest.raises(Denied, match="--allow-net"):
            http("get", f"{web.url}/echo", policy=granted)
    with pytest.raises(Denied):
        http("get", f"{web.url}/echo", policy=Policy.trusted().deny(f"net:127.0.0.1:{web.port}"))
    assert web.asked == []


# Redirects


def test_redirects_within_what_is_granted_are_followed(http, web):
    answer = http("get", f"{web.url}/go", query={"to": "/go?to=/echo"})
    assert (answer["status"], answer["url"]) == (200, f"{web.url}/echo")
    assert [asked["path"] for asked in web.asked] == ["/go", "/go", "/echo"]


def test_a_redirect_to_a_host_that_is_not_granted_is_refused(http, web):
    for target in ("http://evil.example/", f"http://localhost:{web.port}/echo", "//127.0.0.1:1/", "https://127.0.0.1/"):
        web.asked.clear()
        with pytest.raises(Denied, match="--allow-net"):
            http("get", f"{web.url}/go", query={"to": target})
        assert [asked["path"] for asked in web.asked] == ["/go"]


def test_a_redirect_to_what_is_no_web_address_is_refused(http, web):
    for target in ("file:///etc/passwd", "gopher://127.0.0.1/"):
        with pytest.raises(HttpFailed) as caught:
            http("get", f"{web.url}/go", query={"to": target}, policy=Policy.trusted())
        assert caught.value.data["reason"] == "bad_request"


def test_redirects_without_end_are_ended(http, web):
    with pytest.raises(HttpFailed, match="10 times") as caught:
        http("get", f"{web.url}/go", query={"to": "/around"}, retries=1)
    assert (caught.value.data["reason"], len(web.asked)) == ("redirects", 11)


@pytest.mark.parametrize(
    ("status", "method", "body"), [(302, "GET", ""), (303, "GET", ""), (307, "POST", "x"), (308, "POST", "x")]
)
def test_a_redirect_keeps_or_changes_the_method_as_its_status_says(http, web, status, method, body):
    asked = http("post", f"{web.url}/go", query={"to": "/echo", "status": status}, body="x")["json"]
    assert (asked["method"], asked["body"], "content-type" in asked["headers"]) == (method, body, bool(body))


def test_who_asks_is_not_told_to_another_server(http, web):
    policy = Policy.strict().allow(f"net:127.0.0.1:{web.port}", f"net:localhost:{web.port}")
    options = {"auth": Auth("t0ken"), "headers": {"Cookie": "c"}, "policy": policy}
    same = http("get", f"{web.url}/go", query={"to": "/echo"}, **options)["json"]["headers"]
    other = http("get", f"{web.url}/go", query={"to": f"http://localhost:{web.port}/echo"}, **options)["json"][
        "headers"
    ]
    assert (same["authorization"], same["cookie"]) == ("Bearer t0ken", "c")
    assert not {"authorization", "cookie"} & set(other)


# Size and time


@pytest.mark.parametrize(
    "path", ["big?size=5000", "chunked?size=5000", "packed?as=gzip&size=5000000", "packed?as=raw&size=5000"]
)
def test_a_body_is_bounded_however_it_comes(http, web, path):
    with pytest.raises(LimitExceeded, match="4000 bytes") as caught:
        http("get", f"{web.url}/{path}", settings={"max_bytes": 4000})
    assert caught.value.data == {"limit": "http_bytes", "allowed": 4000}


@pytest.mark.parametrize("packed", ["gzip", "deflate", "raw", "chunked"])
def test_a_body_is_unpacked(http, web, packed):
    path = "chunked?size=3000" if packed == "chunked" else f"packed?as={packed}&size=3000"
    assert http("get", f"{web.url}/{path}", settings={"max_bytes": 3000})["text"] == "x" * 3000


def test_a_body_that_is_not_packed_as_it_says_is_a_failure(http, web):
    with pytest.raises(HttpFailed, match="not packed"):
        http("get", f"{web.url}/packed?as=none&called=gzip&size=10")


@pytest.mark.parametrize("path", ["slow", "hang"])
def test_time_is_bounded_to_the_last_byte(http, web, path):
    with pytest.raises(HttpFailed, match="timeout") as caught:
        http("get", f"{web.url}/{path}", timeout=0.2)
    assert caught.value.data == {"url": f"{web.url}/{path}", "reason": "timeout"}


@pytest.mark.parametrize("options", [{"timeout": -1.0}, {"timeout": 1e9}, {"retries": -1}, {"retries": 99}])
def test_bounds_are_bounded(http, web, options):
    with pytest.raises(BadArgument):
        http("get", f"{web.url}/echo", **options)


def test_a_failed_connection_is_told_with_its_reason(http, web, unused_url):
    with pytest.raises(HttpFailed) as caught:
        http("get", f"{unused_url}?key=hush", policy=Policy.trusted())
    assert caught.value.data == {"url": unused_url, "reason": "connect"}
    assert "hush" not in str(caught.value)
    with pytest.raises(HttpFailed) as caught:
        http("get", f"{web.url}/drop")
    assert caught.value.data["reason"] == "network"


# Retries


@pytest.fixture
def waits(web, run):
    """Send a request of its own client, whose waits are only noted; return them with the answer's status."""

    def send(path, *, method="GET", retries=3, seconds=60.0, policy=None, base=None):
        async def go():
            noted = []

            async def sleep(pause):
                noted.append(pause)

            backend = Checked(lambda: policy or Policy.trusted(), Names(*[["127.0.0.1"]] * 9))
            client = Client(lambda host, port: None, backend, httpcore2.default_ssl_context(), 1000, sleep)
            try:
                answer = await client.send(
                    parse(f"{base or web.url}/{path}"), Request(method, (), None), seconds=seconds, retries=retries
                )
                return noted, answer.status
            except HttpFailed as failure:
                return noted, failure.reason
            finally:
                await client.close()

        return run(go())

    return send


def test_a_busy_server_is_asked_again_later_and_later(web, waits):
    web.busy = [(503, {}), (502, {}), (429, {})]
    assert waits("busy") == ([0.5, 1.0, 2.0], 200)


def test_a_server_says_when_to_ask_again(web, waits):
    web.busy = [(429, {"Retry-After": "7"}), (503, {"Retry-After": formatdate(time.time() + 20, usegmt=True)})]
    noted, status = waits("busy")
    assert (noted[0], 10 < noted[1] <= 20, status) == (7.0, True, 200)


def test_a_wait_longer_than_the_time_left_is_not_begun(web, waits):
    web.busy = [(503, {"Retry-After": "100"})]
    assert waits("busy") == ([], 503)


def test_retries_come_to_an_end_with_the_last_answer(web, waits):
    web.busy = [(503, {})] * 5
    assert waits("busy", retries=2) == ([0.5, 1.0], 503)
    assert len(web.asked) == 3


def test_what_may_have_been_done_is_not_asked_for_twice(web, waits):
    web.busy = [(502, {}), (503, {}), (429, {})]
    assert waits("busy", method="POST") == ([], 502)
    assert waits("busy", method="POST") == ([], 503)
    assert waits("busy", method="POST") == ([0.5], 200)
    web.asked.clear()
    assert waits("drop", method="POST") == ([], "network")
    assert len(web.asked) == 1
    assert waits("drop", retries=1) == ([0.5], "network")


def test_who_cannot_be_reached_is_asked_again(waits, unused_url):
    assert waits("x", method="POST", retries=2, base=unused_url) == ([0.5, 1.0], "connect")


# Addresses


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "loopback"),
        ("::", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd12::1", "private"),
        ("64:ff9b::a01:203", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("169.254.169.254", "metadata"),
        ("::ffff:169.254.169.254", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("100.64.0.1", "private"),
        ("224.0.0.1", "reserved"),
        ("ff02::1", "reserved"),
        ("255.255.255.255", "private"),
        ("93.184.216.34", None),
        ("2606:2800:220:1:248:1893:25c8:1946", None),
        ("64:ff9b::5db8:d822", None),
    ],
)
def test_addresses_are_told_apart_whatever_they_are_wrapped_in(address, kind):
    assert kind_of_address(address) == kind


ODD = [
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost.",
    "\u2460\u2461\u2466.0.0.1",
    "[::127.0.0.1]",
    "[::]",
    "127.0.0.1%2e",
    "a@127.0.0.1",
]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "0", *ODD]
)
def test_loopback_is_refused_under_any_name_unless_it_is_named(http, web, host):
    with pytest.raises((Denied, HttpFailed)):
        http("get", f"http://{host}:{web.port}/echo", policy=Policy.strict().allow("net:*"))
    assert web.asked == []


def test_proxies_and_passwords_of_the_environment_are_not_used(http, web, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hush\n")
    headers = http("get", f"{web.url}/echo")["json"]["headers"]
    assert "authorization" not in headers


def test_an_address_that_is_not_public_is_in_the_audit_log(run, web):
    records = []
    guard = Guard(Policy.strict().allow("net:*"), "r", record=records.append)

    async def go():
        bridge = HttpBridge(Context("r", Spell(""), None, {}, guard=guard, bridge="http"))
        try:
            guard.require(f"net:{web.url}", "http", "get")
            await bridge.get(web.url)
        finally:
            await bridge.close()

    with pytest.raises(Denied):
        run(go())
    assert [(row.allowed, row.rule) for row in records] == [(True, "allow net:*"), (False, "not a public address")]


def test_localhost_may_be_granted_by_its_name(http, web):
    policy = Policy.strict().allow("net:localhost")
    assert http("get", f"http://LOCALHOST:{web.port}/echo", policy=policy)["status"] == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "fe80::1"])
def test_a_granted_name_does_not_lead_to_this_machine_nor_to_its_cloud(http, web, address):
    settings = {"resolve": Names([address])}
    with pytest.raises(Denied, match="has to be granted by name") as caught:
        http(
            "get",
            f"http://api.example.com:{web.port}/echo",
            policy=Policy.strict().allow("net:api.example.com"),
            settings=settings,
        )
    assert address in caught.value.data["flag"]
    assert web.asked == []


def test_a_private_address_is_reached_only_by_a_granted_name(run):
    network = Network()

    def connect(policy):
        return run(Checked(lambda: policy, Names(["10.0.0.8"]), network).connect_tcp("wiki.corp", 80))

    for granted in ("net:*", "net:*.corp"):
        with pytest.raises(Denied, match="private address"):
            connect(Policy.strict().allow(granted))
    for granted in ("net:wiki.corp", "net:wiki.corp:80", "net:10.0.0.8"):
        connect(Policy.strict().allow(granted))
    assert network.connected == ["10.0.0.8"] * 3
    with pytest.raises(Denied, match="denial"):
        connect(Policy.trusted().deny("net:10.0.0.8"))


class Network(httpcore2.AsyncNetworkBackend):
    """Notes where connections go, and makes none."""

    def __init__(self, *, dead=()):
        self.connected, self.dead = [], dead

    async def connect_tcp(self, host, port, *args, **named):
        self.connected.append(host)
        if host in self.dead:
            raise httpcore2.ConnectError
        return httpcore2.AsyncNetworkStream()


def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(run):
    names, network = Names(["93.184.216.34"], ["127.0.0.1"]), Network()
    run(
        Checked(lambda: Policy.strict().allow("net:api.example.com"), names, network).connect_tcp("api.example.com", 80)
    )
    assert (names.asked, network.connected) == (["api.example.com"], ["93.184.216.34"])


def test_a_name_that_leads_elsewhere_the_second_time_is_checked_the_second_time(http, web):
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    policy = Policy.strict().allow("net:*.example.com", "net:127.0.0.1")

    def get(host):
        return http("get", f"http://{host}.example.com:{web.port}/echo", policy=policy, settings={"resolve": names})

    assert get("a")["json"]["headers"]["host"] == f"a.example.com:{web.port}"
    with pytest.raises(Denied, match="metadata address"):
        get("a")
    assert (names.asked, len(web.asked)) == (["a.example.com"] * 2, 1)


def test_of_several_addresses_only_the_public_ones_are_tried(run):
    network = Network(dead=("93.184.216.34",))
    names = Names(["10.0.0.1", "93.184.216.34", "1.1.1.1"])
    run(Checked(lambda: Policy.strict().allow("net:*"), names, network).connect_tcp("mixed.example", 443))
    assert network.connected == ["93.184.216.34", "1.1.1.1"]


def test_a_host_that_nobody_knows_is_a_failure(http, web):
    with pytest.raises(HttpFailed) as caught:
        http("get", "http://no-such-host.invalid/", policy=Policy.trusted())
    assert caught.value.data["reason"] == "dns"


def test_connections_are_used_again_and_closed_with_the_run(run, web):
    async def go():
        looked_up = []

        async def resolve(host, port):
            looked_up.append(host)
            return ["127.0.0.1"]

        bridge = HttpBridge(Context("r", Spell(""), None, {"resolve": resolve}))
        answers = [await bridge.get(f"{web.url}/echo") for _ in range(3)]
        await asyncio.gather(*(bridge.get(f"{web.url}/echo") for _ in range(5)))
        await bridge.close()
        await bridge.close()
        return len(answers), len(looked_up)

    assert run(go()) == (3, 5)


def test_without_the_library_the_cure_is_told(http, web, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "httpcore2", None)
    with pytest.raises(
        HttpFailed, match=r"library '.*' is not installed; .* install 'llmspell-bridges\[http\]'"
    ) as caught:
        http("get", f"{web.url}/echo")
    assert caught.value.data["reason"] == "not_installed"


def test_a_small_packed_body_does_not_become_a_large_one_unseen():
    packed = gzip.compress(b"\0" * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            Body("gzip", 1000).add(packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_a_host_beyond_ascii_is_asked_for_by_the_name_that_is_granted(http, web):
    settings = {"resolve": Names(["127.0.0.1"])}
    policy = Policy.strict().allow("net:xn--mnchen-3ya.example", "net:127.0.0.1")
    assert policy.decide(f"net:http://münchen.example:{web.port}/").allowed
    asked = http("get", f"http://münchen.example:{web.port}/echo", policy=policy, settings=settings)["json"]
    assert asked["headers"]["host"] == f"xn--mnchen-3ya.example:{web.port}"


def test_an_address_of_the_new_kind_is_written_in_brackets(run):
    network = Network()
    url = parse("http://[::1]:8080/x")
    assert host_and_port(url) == ("::1", 8080)
    backend = Checked(lambda: Policy.strict().allow("net:[::1]:8080"), Names(["::1"]), network)
    run(backend.connect_tcp("::1", 8080))
    assert network.connected == ["::1"]


def test_a_server_that_cannot_be_verified_is_not_asked(http, web):
    with pytest.raises(HttpFailed) as caught:
        http("get", f"https://127.0.0.1:{web.port}/echo", policy=Policy.trusted())
    assert (caught.value.data["reason"], web.asked) == ("tls", [])
