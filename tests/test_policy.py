"""What a policy grants, and that it is asked before anything is done."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.audit import AuditFile, AuditRecord
from llmspell_core.bridge import Bridge, Context, Handle, expose
from llmspell_core.errors import BrokenPlugin, CallError, Denied, UsageError
from llmspell_core.guard import Guard, NotGranted, Question, capabilities
from llmspell_core.policy import Policy, flag
from llmspell_core.runner import Runner
from llmspell_core.spells import Manifest, Spell
from llmspell_core.testing import FakeEngine

if TYPE_CHECKING:
    from pathlib import Path


def granted(policy: Policy, *wanted: str) -> list[bool]:
    return [policy.decide(capability).allowed for capability in wanted]


# Profiles

NEEDED = ("llm:demo", "llm:openai:gpt-4o", "state:run:x", "state:spell:x")
DANGEROUS = (
    "net:example.com:443",
    "read:a",
    "write:a",
    "env:HOME",
    "run:ls",
    "mcp:x",
    "state:shared:x",
    "llm:x:y",
    "own:x",
)


def test_strict_grants_nothing() -> None:
    assert not any(granted(Policy.strict().of_run("openai:gpt-4o"), *NEEDED, *DANGEROUS))


def test_standard_grants_the_runs_model_and_its_state_and_nothing_else() -> None:
    policy = Policy.standard().of_run("openai:gpt-4o")
    assert all(granted(policy, *NEEDED))
    assert not any(granted(policy, *DANGEROUS))
    assert granted(Policy.standard().of_run(None), "llm:demo", "llm:openai:gpt-4o", "llm:None") == [True, False, False]


def test_trusted_grants_everything() -> None:
    assert all(granted(Policy.trusted(), *NEEDED, *DANGEROUS, "net:127.0.0.1:80", "read:/etc/passwd", "run:", "read:"))


def test_a_profile_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="strict, standard, trusted"):
        Policy.profile("lax")


# Rules


@pytest.mark.parametrize(
    ("rule", "covered", "not_covered"),
    [
        (
            "net:a.com",
            ("net:a.com:443", "net:a.com:80", "net:A.COM.:80"),
            ("net:b.a.com:80", "net:xa.com:80", "net:a.com.evil:80"),
        ),
        ("net:a.com:8080", ("net:a.com:8080",), ("net:a.com:80", "net:a.com:80801")),
        ("net:*.a.com", ("net:x.a.com:1", "net:x.y.a.com:1"), ("net:a.com:1", "net:.a.com:1", "net:xa.com:1")),
        ("net:*:443", ("net:a.com:443",), ("net:a.com:80",)),
        ("net:[::1]:80", ("net:[0:0::1]:80",), ("net:[::2]:80", "net:[::1]:81")),
        ("net:::1", ("net:[::1]:80",), ("net:[::2]:80",)),
        (
            "net:https://a.com/x",
            ("net:https://a.com/y?z", "net:a.com:443"),
            ("net:http://a.com/x", "net:https://a.com@b.com/", "net:https://b.com/#@a.com", "net:https://a.com.b.com/"),
        ),
        ("net", ("net:a.com:1", "net:"), ("env:a",)),
        ("env:AWS_*", ("env:AWS_", "env:AWS_REGION"), ("env:XAWS_A", "env:aws_x", "env:*")),
        ("env:*", ("env:*", "env:HOME"), ()),
        ("env:A*", ("env:A*",), ("env:*",)),
        ("llm:openai/*", ("llm:openai:gpt-4o", "llm:openai/gpt-4o"), ("llm:openai-compatible:x", "llm:demo")),
        ("llm:openai", ("llm:openai:gpt-4o",), ("llm:openai-x:gpt",)),
        ("llm:corp:meta/*", ("llm:corp:meta/llama",), ("llm:corp:other/llama",)),
        ("state:shared:a.*", ("state:shared:a.b",), ("state:shared:axb", "state:spell:a.b")),
        ("run:", ("run:ls", "run:"), ()),
        ("mcp:files", ("mcp:files",), ("mcp:file", "mcp:")),
        ("db:main", ("db:main",), ("db:other",)),
    ],
)
def test_a_rule_covers_what_it_says_and_no_more(
    rule: str, covered: tuple[str, ...], not_covered: tuple[str, ...]
) -> None:
    policy = Policy.strict().allow(rule)
    assert granted(policy, *covered) == [True] * len(covered)
    assert granted(policy, *not_covered) == [False] * len(not_covered)


def test_a_denial_wins_over_every_grant_whatever_the_order() -> None:
    policy = Policy.trusted().deny("net:evil.com").allow("net:evil.com", "net")
    decision = policy.decide("net:evil.com:443")
    assert (decision.allowed, decision.rule) == (False, "deny net:evil.com")
    assert policy.decide("net:good.com:443").rule == "allow *"
    assert not any(granted(Policy.trusted().deny("*"), *NEEDED, *DANGEROUS))
    # What stands for everything of a kind is not granted where something of it is denied.
    assert granted(Policy.trusted().deny("read:.env"), "read:", "write:") == [False, True]


def test_files_are_compared_by_where_they_really_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data2").mkdir()
    (tmp_path / "data" / "out").symlink_to("..")
    (tmp_path / "also").symlink_to("data")
    policy = Policy.strict().allow("read:./data")
    assert all(
        granted(policy, "read:data", "read:data/x", f"read:{tmp_path}/data/x/y", "read:also/x", "read:data2/../data/x")
    )
    assert not any(
        granted(policy, "read:data2", "read:data/..", "read:data/out/data2", "read:.", "read:", "write:data/x")
    )
    monkeypatch.chdir(tmp_path / "data2")
    assert granted(policy, "read:data/x", "read:../data/x") == [False, True]


def test_a_denied_file_is_denied_by_what_it_is_and_not_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "a").write_text("")
    os.link(tmp_path / "keys" / "a", tmp_path / "hard")
    (tmp_path / "soft").symlink_to("keys/a")
    policy = Policy.trusted().deny("read:keys/a", "write:keys")
    assert not any(
        granted(policy, "read:keys/a", "read:soft", "read:hard", "read:x/../keys/a", "write:keys/new", "write:keys")
    )
    assert all(granted(policy, "read:keys/b", "write:hard", "write:keys2"))


def test_a_home_folder_is_known_in_a_rule_and_not_in_what_a_spell_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    policy = Policy.strict().allow("read:~/notes")
    assert granted(policy, f"read:{tmp_path}/notes/a", "read:~/notes/a") == [True, False]


@pytest.mark.parametrize(
    "rule", ["a b:c", "", ":x", "net:a b", "net:münchen.de", "read:./data/*", "net:a@b", "net:a:b", "read:a\0b"]
)
def test_a_rule_that_can_mean_nothing_is_refused_at_once(rule: str) -> None:
    with pytest.raises(UsageError):
        Policy.strict().allow(rule)


@pytest.mark.parametrize("wanted", ["net:http://[bad", "read:a\0b", "net:http://a:99999999/", "net:a b"])
def test_what_a_call_cannot_need_is_its_own_error_under_every_policy(wanted: str) -> None:
    with pytest.raises(CallError):
        Policy.trusted().decide(wanted)


def test_what_is_granted_by_name_is_told_from_what_a_pattern_covers() -> None:
    policy = Policy.strict().allow("net:*", "net:a.com", "env:HOME")
    assert [policy.names(c) for c in ("net:a.com:1", "net:b.com:1", "env:HOME", "env:PATH")] == [
        True,
        False,
        True,
        False,
    ]
    assert not Policy.strict().allow("env").names("env:HOME")
    assert Policy.trusted().names("env:HOME")
    assert not Policy.trusted().deny("env:HOME").names("env:HOME")


@pytest.mark.parametrize(
    ("capability", "word"),
    [
        ("read:./data", "--allow-read=./data"),
        ("net:a.com:443", "--allow-net=a.com:443"),
        ("run:", "--allow-run"),
        ("read:a,b c", "'--allow-read=a,,b c'"),
        ("db:main", "--allow=db:main"),
    ],
)
def test_the_flag_that_grants_a_capability_can_be_pasted_into_a_shell(capability: str, word: str) -> None:
    assert flag(capability) == word


def test_templates_are_filled_with_arguments() -> None:
    arguments = {"path": "a", "keys": ["x", "y"], "map": {"m": 1}, "none": None, "n": 3}
    assert capabilities(("read:{path}", "run:"), arguments) == ["read:a", "run:"]
    assert capabilities(("state:{path}:{keys}",), arguments) == ["state:a:x", "state:a:y"]
    assert capabilities(("a:{map}{n}", "b:{none}"), arguments) == ["a:m3", "b:"]
    assert capabilities(("a:{keys}",), {"keys": []}) == []
    assert capabilities(("a:{path}",), {"path": "{keys}"}) == ["a:{keys}"]


# Guard


def test_a_refusal_names_call_capability_and_flag() -> None:
    with pytest.raises(NotGranted) as caught:
        Guard(Policy.strict()).require("read:./data", "fs", "read")
    assert str(caught.value) == "fs.read needs 'read:./data', which was not granted; grant it with --allow-read=./data"
    assert caught.value.data == {"capability": "read:./data", "flag": "--allow-read=./data"}


def test_a_denial_that_decides_is_named_and_no_flag_that_would_not_help() -> None:
    for guard in (
        Guard(Policy.trusted().deny("read:data")),
        Guard(Policy.trusted(), caller=Guard(Policy.trusted().deny("read:data"))),
        Guard(Policy.trusted().within(Policy.strict().deny("read:data"))),
    ):
        with pytest.raises(NotGranted, match="'deny read:data'; a denial wins") as caught:
            guard.require("read:data/x", "fs", "read")
        assert caught.value.data == {"capability": "read:data/x", "rule": "deny read:data"}


def test_what_the_manifest_asks_for_is_said_and_not_granted() -> None:
    guard = Guard(Policy.strict(), asked_for=("read:data", "net:*.a.com"))
    with pytest.raises(
        NotGranted, match=r"the manifest asks for it; grant it with --allow-read=data/x, or .* -P asked"
    ):
        guard.require("read:data/x", "fs")
    with pytest.raises(NotGranted) as caught:
        guard.require("read:other", "fs")
    assert "manifest" not in str(caught.value)


class Person:
    """Answers questions, and remembers them."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []

    def __call__(self, question: Question) -> Any:
        self.asked.append(question.capability)
        return self.answers.pop(0)


def allowed(guard: Guard, *wanted: str) -> list[bool]:
    found = []
    for capability in wanted:
        try:
            found.append(guard.require(capability, "b", "m").allowed)
        except Denied:
            found.append(False)
    return found


def test_a_person_may_allow_once_always_or_never() -> None:
    person = Person("once", "always", "deny", "never")
    guard = Guard(Policy.strict(), ask=person)
    assert allowed(guard, "env:A", "env:A", "env:A", "env:B", "env:C", "env:C", "env:A") == [
        True,
        True,
        True,
        False,
        False,
        False,
        True,
    ]
    assert person.asked == ["env:A", "env:A", "env:B", "env:C"]


def test_always_allows_exactly_what_was_asked() -> None:
    guard = Guard(Policy.strict(), ask=Person("always", "deny", "deny"))
    assert allowed(guard, "env:*", "env:HOME", "env:*", "env:X") == [True, False, True, False]


def test_nobody_is_asked_about_what_is_granted_or_denied() -> None:
    person = Person()
    guard = Guard(Policy.strict().allow("env:A").deny("env:B"), ask=person)
    assert allowed(guard, "env:A", "env:B") == [True, False]
    assert person.asked == []


def test_an_answer_for_once_holds_for_the_call_and_not_for_the_next() -> None:
    guard = Guard(Policy.strict(), ask=Person("once", "deny"))
    guard.require("read:a", "fs", "read")
    first = guard.confirm("read:a", "fs")
    assert (first.allowed, first.path) == (True, os.path.realpath("a"))
    with pytest.raises(Denied):
        guard.confirm("read:a", "fs")
    assert allowed(guard, "read:a") == [False]


def test_every_decision_is_recorded_without_what_was_in_the_url() -> None:
    records: list[AuditRecord] = []
    guard = Guard(Policy.strict().allow("net:a.com"), "run-1", record=records.append, clock=lambda: 12.5)
    allowed(guard, "net:https://a.com/x?key=hush", "net:https://me:hush@b.com/")
    assert records == [
        AuditRecord(12.5, "run-1", "net:a.com:443", True, "allow net:a.com", "b", "m"),
        AuditRecord(12.5, "run-1", "net:b.com:443", False, "nothing grants it", "b", "m"),
    ]


def test_the_audit_log_is_lines_of_json_that_only_the_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    for run in ("a", "b"):
        with AuditFile(str(path)) as log:
            log(AuditRecord(1.0, run, "env:X", True, "allow env:X", "env", "get"))
    log.close()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["run"] for row in rows] == ["a", "b"]
    assert list(rows[0]) == ["time", "run", "capability", "allowed", "rule", "bridge", "method", "caller"]
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="closed"):
        log(AuditRecord(1.0, "c", "env:X", True, "", "env", "get"))
    with pytest.raises(UsageError, match="cannot write the audit log"):
        AuditFile(str(tmp_path / "none" / "audit"))


# In a run


class Drawer(Handle):
    """Holds one thing."""

    def __init__(self, opened: list[Any]) -> None:
        self._opened = opened

    @expose(needs="draw:{what}")
    def take(self, what: str) -> str:
        """Take something out."""
        self._opened.append(what)
        return what


class Vault(Bridge):
    """Keep things shut away."""

    name = "vault"

    @property
    def opened(self) -> list[Any]:
        found: list[Any] = self.context.shared.get("opened", list)
        return found

    @expose(aliases=("unlock",), needs=("vault:{door}", "key:{kind}"))
    async def open(self, door: str, *more: str, kind: str = "iron") -> str:
        """Open a door."""
        self.opened.append(door)
        return door

    @expose
    def peek(self, door: str) -> str:
        """Open a door that only the bridge knows."""
        self.context.require(f"vault:{door}/inner", "peek")
        self.opened.append(door)
        return door

    @expose(needs="vault:{doors}")
    def many(self, doors: list[str]) -> int:
        """Open many doors."""
        self.opened.extend(doors)
        return len(doors)

    @expose
    def drawer(self) -> Drawer:
        """Return a drawer."""
        return Drawer(self.opened)


class Loose(Vault):
    """Overrides a method without saying again what it needs."""

    name = "loose"

    async def open(self, door: str, *more: str, kind: str = "iron") -> str:
        return f"loosely {door}"


def cast(source: str, **more: Any) -> tuple[Any, list[Any]]:
    body = "\n    ".join(("def main(params):", *source.splitlines()))
    with Runner(
        engines={"fake": FakeEngine}, bridges={"vault": Vault, "loose": Loose}, **more, isolation="inline"
    ) as runner:
        result = runner.cast(Spell(body, manifest=Manifest(permissions=("vault:asked",))), engine="fake")
        return result, runner.shared.get("opened", list)


def test_a_call_without_its_capability_is_refused_before_the_method_runs() -> None:
    result, opened = cast("return (yield call('vault', 'open', 'a'))")
    assert isinstance(result.error, Denied)
    assert result.error.data == {"capability": "vault:a", "flag": "--allow=vault:a"}
    assert str(result.error).startswith("vault.open needs 'vault:a', which was not granted")
    assert opened == []


def test_every_capability_of_a_call_has_to_be_granted() -> None:
    source = "return (yield call('vault', 'unlock', 'a', {'kind': 'gold'}))"
    policy = Policy.strict().allow("vault:*")
    assert cast(source, policy=policy)[0].error.data["capability"] == "key:gold"
    result, opened = cast(source, policy=policy.allow("key:gold"))
    assert (result.value, opened) == ("a", ["a"])


def test_what_an_option_is_when_left_out_counts_too() -> None:
    policy = Policy.strict().allow("vault:*", "key:iron")
    assert cast("return (yield call('vault', 'open', 'a'))", policy=policy)[0].value == "a"


def test_of_a_list_every_item_has_to_be_granted() -> None:
    result, opened = cast("return (yield call('vault', 'many', ['a', 'b']))", policy=Policy.strict().allow("vault:a"))
    assert (result.error.data["capability"], opened) == ("vault:b", [])


def test_a_method_overridden_without_a_word_needs_what_it_needed() -> None:
    assert cast("return (yield call('loose', 'open', 'a'))")[0].error.kind == "denied"
    assert cast("return (yield call('loose', 'open', 'a'))", policy=Policy.trusted())[0].value == "loosely a"


def test_methods_of_handles_need_capabilities_too() -> None:
    source = "d = yield call('vault', 'drawer')\nreturn (yield call(d, 'take', 'spoon'))"
    assert cast(source)[0].error.data["capability"] == "draw:spoon"
    assert cast(source, policy=Policy.strict().allow("draw:spoon"))[0].value == "spoon"


def test_a_bridge_can_ask_for_what_only_it_knows() -> None:
    records: list[AuditRecord] = []
    source = "return (yield call('vault', 'peek', 'a'))"
    result, opened = cast(source, audit=records.append)
    assert (result.error.data["capability"], opened) == ("vault:a/inner", [])
    assert cast(source, policy=Policy.strict().allow("vault:a/*"), audit=records.append)[0].value == "a"
    assert [(r.run, r.bridge, r.method, r.allowed) for r in records[:1]] == [(result.run_id, "vault", "peek", False)]
    assert records[1].allowed


def test_a_spell_catches_a_refusal_as_any_error() -> None:
    source = "try:\n  yield call('vault', 'open', 'a')\nexcept Exception as e:\n  return 'caught'"
    assert cast(source)[0].value == "caught"


def test_a_manifest_asks_and_does_not_grant() -> None:
    result, _ = cast("return (yield call('vault', 'open', 'asked'))")
    assert "the manifest asks for it; grant it with --allow=vault:asked" in str(result.error)


def test_a_cast_may_have_a_policy_of_its_own() -> None:
    source = "def main(params):\n    return (yield call('vault', 'many', ['a']))"
    with Runner(engines={"fake": FakeEngine}, bridges={"vault": Vault}, isolation="inline") as runner:
        kinds = [
            runner.cast(source, engine="fake", policy=policy).error
            for policy in (Policy.strict().allow("vault:a"), None)
        ]
    assert [error and error.kind for error in kinds] == [None, "denied"]


def test_what_cannot_be_recorded_is_not_done() -> None:
    def full(record: AuditRecord) -> None:
        raise OSError("the disk is full")

    result, opened = cast("return (yield call('vault', 'many', ['a']))", policy=Policy.trusted(), audit=full)
    assert (result.error.kind, opened) == ("internal", [])


def test_a_need_that_names_no_parameter_is_the_plugins_fault() -> None:
    class Wrong(Bridge):
        """Ask for what it does not have."""

        name = "wrong"

        @expose(needs="read:{file}")
        def read(self, path: str) -> None:
            """Read."""

    with Runner(engines={"fake": FakeEngine}, bridges={"wrong": Wrong}, isolation="inline") as runner:
        result = runner.cast("def main(params):\n    yield call('wrong', 'read', 'x')", engine="fake")
    assert "names file, which is no parameter" in str(result.error)
    assert result.error is not None
    assert result.error.kind == BrokenPlugin.kind


def test_a_bridge_alone_is_trusted() -> None:
    context = Context("r", Spell(""))
    assert context.require("read:/etc/passwd").allowed
    assert context.policy == Policy.trusted()


def test_a_bridge_whose_call_is_refused_is_never_made() -> None:
    made = []

    class Counted(Vault):
        """Keep things shut away, and tell when it is made."""

        def __init__(self, context: Context) -> None:
            super().__init__(context)
            made.append(context.bridge)

    source = "def main(params):\n    return (yield call('vault', 'open', 'a'))"
    for policy, expected in ((Policy.strict(), []), (Policy.trusted(), ["vault"])):
        with Runner(engines={"fake": FakeEngine}, bridges={"vault": Counted}, policy=policy) as runner:
            runner.cast(source, engine="fake")
        assert made == expected
