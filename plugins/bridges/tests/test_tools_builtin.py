"""The tools that come with llmspell, and that hostile arguments do not hold up the host."""

from __future__ import annotations

import json
import os
import select
import sys

import pytest
from llmspell_bridges.tools.bridge import ToolsBridge

from llmspell_core.bridge import Context
from llmspell_core.errors import Denied, LimitExceeded, LlmspellError
from llmspell_core.guard import Guard
from llmspell_core.policy import Policy
from llmspell_core.spells import Spell

pytest.importorskip("jmespath")
pytest.importorskip("simpleeval")


@pytest.fixture
def use(run):
    def call(name, policy=None, **args):
        context = Context("r", Spell("", "a"), clock=lambda: 1_800_000_000.5, guard=Guard(policy or Policy.strict()))

        async def use():
            try:
                return await ToolsBridge(context).execute(name, args)
            finally:
                for each in context.run.closing():
                    await each.close()

        return run(use())

    return call


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 * (3 + 4) ** 2", 98),
        ("sqrt(16) + round(2.6)", 7.0),
        ("7 // 2 + 7 % 4", 6),
        ("1 < 2 <= 2", True),
        ("max(1, 2) if 1 > 2 else min(1, 2)", 1),
        ("2 ** 100", float(2**100)),
        ("-pi", -3.141592653589793),
        ("round(1250, -2) + round(2.567, 2)", 1202.57),
        ("round(5, -99999999)", 0),
    ],
)
def test_arithmetic_is_computed(use, expression, value):
    assert use("calculator", expression=expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "9 ** 9 ** 9",
        "9 ** 99999999 ** 2",
        "(2 ** 4000) * (2 ** 4000) ** 9 ** 9",
        "1 / 0",
        "__import__('os').system('x')",
        "().__class__.__bases__",
        "'a' * 10 ** 9",
        "[1] * 9",
        "(lambda: 1)()",
        "f'{1}'",
        "x",
        "x = 1",
        "1; 2",
        "import os",
        "",
        "(" * 500 + ")" * 500,
        "-" * 900 + "1",
        "sqrt(-1)",
        "max(1, key=2)",
        "1j",
    ],
)
def test_what_is_no_arithmetic_is_refused(use, expression):
    with pytest.raises(LlmspellError, match="cannot be computed") as caught:
        use("calculator", expression=expression)
    assert caught.value.kind == "argument"


def test_times_are_told_and_computed(use):
    assert use("datetime")["iso"] == "2027-01-15T08:00:00.500000+00:00"
    assert use("datetime", timezone="Europe/Oslo")["iso"] == "2027-01-15T09:00:00.500000+01:00"
    at = "2026-03-01T00:00:00"
    assert use("datetime", operation="add", time=at, days=-1, seconds=1)["iso"] == "2026-02-28T00:00:01+00:00"
    assert use("datetime", operation="difference", time=at, other="2026-02-28T23:00:00Z") == 3600
    assert use("datetime", operation="format", time=at, format="%A %d.%m.%Y") == "Sunday 01.03.2026"
    assert use("datetime", operation="parse", time=at)["weekday"] == "Sunday"
    for wrong in ({"timezone": "../etc/passwd"}, {"timezone": "Mars/One"}, {"time": "soon"}, {"days": 1e12}):
        with pytest.raises(LlmspellError, match=r"is no time|no such time"):
            use("datetime", operation="add", **wrong)


def test_data_is_queried(use):
    people = [{"name": "Ada", "age": 36}, {"name": "Bob", "age": 20}]
    assert use("json_query", data=people, query="[?age > `30`].name") == ["Ada"]
    assert use("json_query", data=json.dumps(people), query="length(@)") == 2
    assert use("yaml_query", text="a: [1, {b: 2024-01-02}]", query="a[1].b") == "2024-01-02"
    assert use("csv_query", text="name;age\nAda;36\nBob;20\n", query="[?age == '20'].name", delimiter=";") == ["Bob"]
    assert use("yaml_query", text="a: &a [1]\nb: *a", query="b") == [1]
    assert use("csv_query", text="a,b\n1,2") == [{"a": "1", "b": "2"}]
    assert use("csv_query", text='a,b\r\n"x\ny",p\u2028q\r\n') == [{"a": "x\ny", "b": "p\u2028q"}]


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("json_query", {"data": "{", "query": "a"}),
        ("json_query", {"data": "[" * 100_000, "query": "a"}),
        ("json_query", {"data": [1], "query": "[?"}),
        ("json_query", {"data": ["a"], "query": "join('x', @)"}),
        ("json_query", {"data": ["a"], "query": "x" * 3000}),
        ("json_query", {"data": [1], "query": "(" * 1000}),
        ("yaml_query", {"text": "!!python/object/apply:os.system [x]", "query": "@"}),
        ("yaml_query", {"text": "[" * 5000, "query": "@"}),
        ("csv_query", {"text": "x" * 2**21}),
    ],
)
def test_what_cannot_be_queried_is_told(use, tool, args):
    with pytest.raises(LlmspellError, match="cannot be read"):
        use(tool, **args)


@pytest.mark.parametrize(
    "query", [" | ".join(["[@, @]"] * 60), " | ".join(["[@, @][]"] * 60), "|".join(["{a: @, b: @}"] * 60)]
)
def test_a_query_that_grows_without_end_is_ended(use, query):
    with pytest.raises(LimitExceeded, match="the query was ended"):
        use("json_query", data=[1], query=query)


def test_text_is_worked_on(use):
    assert use("text", operation="count", text="a b\nc") == {"characters": 5, "words": 3, "lines": 2}
    assert use("text", operation="upper", text="aß") == "ASS"
    found = use("text", operation="find", text="a1 b22", pattern="([a-z])(\\d+)")
    assert found[1] == {"text": "b22", "start": 3, "end": 6, "groups": ["b", "22"]}
    assert use("text", operation="replace", text="Ab", pattern="(A)(b)", replacement="\\2\\1") == "bA"
    assert use("text", operation="replace", text="AbA", pattern="a", replacement="", ignore_case=True) == "b"
    assert (
        use("text", operation="replace", text="a" * 50_000 + "!", pattern="^(a+)+$", replacement="")
        == "a" * 50_000 + "!"
    )


@pytest.mark.parametrize("args", [{}, {"pattern": "("}, {"pattern": "(?=a)"}, {"pattern": "a", "replacement": "\\5"}])
def test_a_pattern_that_cannot_be_used_is_told(use, args):
    with pytest.raises(LlmspellError, match="pattern") as caught:
        use("text", operation="replace", text="a", **args)
    assert caught.value.kind == "argument"


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({"text": "a" * 100_000, "pattern": "a", "replacement": "b" * 1000}, "would grow"),
        ({"text": "a" * 1_000_000, "pattern": "(a+)", "replacement": "\\1" * 5000}, "would grow"),
        ({"text": "a" * 100_001, "pattern": "a", "replacement": ""}, "more to replace than 100000 places"),
        ({"text": "a" * 1_000_000, "pattern": "(" * 50 + "a+" + ")" * 50, "operation": "find"}, "groups have together"),
    ],
)
def test_what_is_found_and_put_in_its_place_does_not_fill_the_memory(use, args, problem):
    with pytest.raises(LimitExceeded, match=problem):
        use("text", **{"operation": "replace", **args})


@pytest.mark.parametrize("args", [{"text": "a" * (2**22 + 1)}, {"text": "a", "replacement": "b" * 10_001}])
def test_a_text_that_is_worked_on_is_bounded(use, args):
    with pytest.raises(LlmspellError, match=r"\$\.(text|replacement)"):
        use("text", operation="replace", pattern="a", **args)


def test_files_are_those_that_were_granted(use, tmp_path):
    policy = Policy.strict().allow(f"read:{tmp_path}", f"write:{tmp_path}")
    path = str(tmp_path / "a.txt")
    use("file_write", policy, path=path, text="one")
    use("file_write", policy, path=path, text=" two", append=True)
    assert use("file_read", policy, path=path) == "one two"
    assert use("file_list", policy, path=str(tmp_path)) == ["a.txt"]
    for tool, args in (("file_read", {"path": "/etc/passwd"}), ("file_write", {"path": "/tmp/x", "text": ""})):
        with pytest.raises(Denied, match=r"fs\.(read|write) needs '(read|write):/"):
            use(tool, policy, **args)


def test_the_web_is_asked_as_far_as_granted(use, web):
    policy = Policy.strict().allow(f"net:127.0.0.1:{web.port}")
    answer = use("http_fetch", policy, url=f"{web.url}/echo", headers={"X-Mine": "yes"})
    assert (answer["status"], answer["json"]["headers"]["x-mine"]) == (200, "yes")
    with pytest.raises(Denied, match=r"http\.get needs 'net:"):
        use("http_fetch", policy, url="http://example.com/")


@pytest.fixture
def searching(run, web):
    def search(provider=None, policy=None, path="/echo", **args):
        settings = {"tools": {"search": dict.fromkeys(("brave", "serper", "tavily"), web.url + path)}}
        guard = Guard(policy or Policy.strict().allow(f"net:127.0.0.1:{web.port}"))
        context = Context("r", Spell("", "a"), guard=guard, settings=settings)
        named = {"provider": provider} if provider else {}

        async def use():
            try:
                return await ToolsBridge(context).execute("web_search", {"query": "what", **named, **args})
            finally:
                for each in context.run.closing():
                    await each.close()

        return run(use())

    return search


def test_a_search_needs_a_key(searching):
    with pytest.raises(LlmspellError, match="set BRAVE_API_KEY, SERPER_API_KEY, TAVILY_API_KEY") as caught:
        searching()
    assert (caught.value.kind, caught.value.data["reason"]) == ("provider", "no_key")


def test_a_search_needs_the_net(searching, monkeypatch):
    monkeypatch.setenv("BRAVE_API_KEY", "hushhush")
    with pytest.raises(Denied, match="net:"):
        searching(policy=Policy.strict())


@pytest.mark.parametrize(
    ("provider", "header", "rows"),
    [
        ("brave", "x-subscription-token", {"web": {"results": [{"title": "T", "url": "u", "description": "S"}]}}),
        ("serper", "x-api-key", {"organic": [{"title": "T", "link": "u", "snippet": "S"}]}),
        ("tavily", "authorization", {"results": [{"title": "T", "url": "u", "content": "S"}]}),
    ],
)
def test_each_provider_is_asked_in_its_own_way(searching, monkeypatch, web, provider, header, rows):
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "hushhush")
    web.found = rows
    assert searching(provider, path="/found", count=3) == [{"title": "T", "url": "u", "snippet": "S"}]
    asked = web.asked[-1]
    assert "hushhush" in asked["headers"][header]
    sent = dict(asked["query"]) if asked["method"] == "GET" else json.loads(asked["body"])
    assert set(map(str, sent.values())) == {"what", "3"}
    with pytest.raises(LlmspellError, match=f"{provider} answered with the status 404"):
        searching(provider, path="/none")


def test_a_program_runs_where_it_was_granted(use):
    policy = Policy.strict().allow(f"run:{sys.executable}", "run:cat")
    found = use("shell", policy, program=sys.executable, args=["-c", "import sys; print('hi'); sys.exit(3)"])
    assert found == {"exit": 3, "stdout": "hi\n", "stderr": ""}
    assert use("shell", policy, program="cat", input="given")["stdout"] == "given"
    for args in ({"program": "ls"}, {"line": "ls"}, {"program": "/bin/cat"}):
        with pytest.raises(Denied, match="run:"):
            use("shell", policy, **args)


def test_a_line_of_the_shell_is_run_when_asked_for(use):
    assert use("shell", Policy.strict().allow("run:sh"), line="echo a; echo b >&2") == {
        "exit": 0,
        "stdout": "a\n",
        "stderr": "b\n",
    }
    for wrong in (
        {},
        {"program": "sh", "line": "x"},
        {"program": "no-such-program"},
        {"program": "sh", "args": ["\0"]},
    ):
        with pytest.raises(LlmspellError) as caught:
            use("shell", Policy.trusted(), **wrong)
        assert caught.value.kind == "argument"


def test_a_program_sees_no_keys(use, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "hushhush")
    assert "hushhush" not in use("shell", Policy.strict().allow("run:env"), program="env")["stdout"]


def test_a_program_is_killed_with_all_that_it_started(use, tmp_path):
    policy, pids = Policy.strict().allow("run:sh"), tmp_path / "pids"
    with pytest.raises(LlmspellError, match=r"longer than 0\.5 seconds") as caught:
        use("shell", policy, line=f"sleep 600 & echo $! >> {pids}; echo $$ >> {pids}; wait", timeout=0.5)
    assert caught.value.kind == "timeout"
    assert [_is_alive(int(pid)) for pid in pids.read_text().split()] == [False, False]


def test_a_program_that_ends_leaves_nothing_running(use, tmp_path):
    policy, pids = Policy.strict().allow("run:sh"), tmp_path / "pids"
    use("shell", policy, line=f"sleep 600 > /dev/null 2>&1 & echo $! > {pids}")
    assert not _is_alive(int(pids.read_text()))


def test_a_program_that_writes_without_end_is_killed(use):
    with pytest.raises(LimitExceeded, match="wrote more than 1048576 bytes"):
        use("shell", Policy.strict().allow("run:yes"), program="yes")


def _is_alive(pid):
    """Tell whether a process goes on; one that was killed may take a moment to end."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        return not select.select([process], [], [], 30)[0]
    finally:
        os.close(process)
