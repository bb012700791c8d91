"""signatures.py: arguments of a script become a checked Python call."""

from __future__ import annotations

import datetime
import enum
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired, Unpack

import pytest
from typing_extensions import TypedDict

from llmspell_core.errors import BadArgument, BrokenPlugin
from llmspell_core.present import written_as
from llmspell_core.signatures import Signature
from llmspell_core.values import ErrorValue, Function, Handle


class Colour(enum.Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    when: datetime.date | None = None


class Tree(TypedDict, total=False):
    size: int
    branches: list[Tree]


class Step(TypedDict):
    args: dict[str, int]
    tags: list[str]


class Bounds(TypedDict, total=False):
    tool_calls: int


class Part(TypedDict):
    limits: Bounds
    data: dict[str, Any]


@dataclass
class Counts:
    input_tokens: int
    is_counted: bool = False


def even(number: float) -> None:
    if number % 2:
        raise ValueError(f"{number:g} is odd")


class Pairs:
    def split(self, count: Annotated[float, even], /, *, rest: Annotated[int | None, even] = None) -> None: ...


class Host:
    def bound(
        self, *, limits: Bounds | None = None, several: list[Part] | None = None, usage: str | Counts | None = None
    ) -> None: ...
    def lists(
        self, names: list[str], steps: list[Step] | None = None, what: dict[str, int] | list[int] | None = None
    ) -> None: ...
    def grow(self, *, tree: Tree | None = None) -> None: ...
    async def echo(self, x): ...  # type: ignore[no-untyped-def]
    async def waits(self, x: int) -> None:
        await self.echo(x)

    def typed(self, n: int, s: str, flag: bool = False, ratio: float = 1.0) -> None: ...
    def options(self, prompt: str, callback: Function | None = None, *, stop: list[str] | None = None, n: int = 1): ...  # type: ignore[no-untyped-def]
    def needs(self, *, name: str) -> None: ...
    def put(self, key: str, value: Any = None, *, scope: Literal["run", "spell"] = "run") -> None: ...
    def many(self, first: int, *rest: str) -> None: ...
    def rich(self, when: datetime.datetime, colour: Colour, point: Point) -> None: ...
    def nothing(self) -> None: ...


def bind(name: str, *args: Any) -> tuple[list[Any], dict[str, Any]]:
    return Signature(f"host.{name}", getattr(Host, name)).bind(list(args))


def test_a_coroutine_without_await_is_known_not_to_wait() -> None:
    assert not Signature("host.echo", Host.echo).may_wait
    assert Signature("host.waits", Host.waits).may_wait
    assert not Signature("host.typed", Host.typed).is_async


def test_positional_arguments_go_in_order_and_defaults_fill_the_rest() -> None:
    assert bind("typed", 1, "a") == ([1, "a", False, 1.0], {})
    assert bind("typed", 1, "a", None, None) == ([1, "a", False, 1.0], {})


def test_a_whole_float_is_an_integer_and_an_integer_a_number() -> None:
    args, _ = bind("typed", 3.0, "a", True, 2)
    assert [type(arg) for arg in args] == [int, str, bool, float]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("3", "a"), "host.typed: argument 1 (n): must be an integer, not text '3'"),
        ((True, "a"), "host.typed: argument 1 (n): must be an integer, not boolean True"),
        ((3.5, "a"), "host.typed: argument 1 (n): must be an integer, not number 3.5"),
        ((1, 2), "host.typed: argument 2 (s): must be text, not integer 2"),
        ((1,), "host.typed: argument 2 (s): is missing"),
        ((None, "a"), "host.typed: argument 1 (n): is missing"),
        ((1, "a", 0), "host.typed: argument 3 (flag): must be a boolean, not integer 0"),
    ],
)
def test_a_wrong_argument_names_function_position_parameter_and_fault(args: tuple[Any, ...], said: str) -> None:
    with pytest.raises(BadArgument) as caught:
        bind("typed", *args)
    assert str(caught.value) == said


def test_too_many_arguments_are_refused_unless_they_are_nil() -> None:
    assert bind("nothing", None) == ([], {})
    with pytest.raises(BadArgument, match="takes none, and integer 1 is one"):
        bind("nothing", 1)
    with pytest.raises(BadArgument, match="takes at most 1 argument, and integer 1 is one more"):
        bind("waits", 1, 1)


def test_options_are_the_trailing_map_wherever_it_stands() -> None:
    assert bind("options", "hi", {"n": 2}) == (["hi", None], {"n": 2})
    assert bind("options", "hi", None, {"n": 2}) == (["hi", None], {"n": 2})
    assert bind("options", "hi") == (["hi", None], {})
    assert bind("needs", {"name": "x"}) == ([], {"name": "x"})


def test_an_option_may_come_in_another_spelling() -> None:
    class Chat:
        def chat(self, *, max_tokens: int = 1) -> None: ...

    assert Signature("chat", Chat.chat).bind([{"maxTokens": 9}]) == ([], {"max_tokens": 9})


@pytest.mark.parametrize("given", [{"tool_calls": 2}, {"toolCalls": 2}, {"toolcalls": 2}])
def test_a_field_of_a_record_may_come_in_another_spelling(given: dict[str, Any]) -> None:
    assert bind("bound", {"limits": given}) == ([], {"limits": {"tool_calls": 2}})
    nested = [{"limits": given, "data": {"toolCalls": {"toolCalls": 1}}}]
    expected = [{"limits": {"tool_calls": 2}, "data": {"toolCalls": {"toolCalls": 1}}}]
    assert bind("bound", {"several": nested}) == ([], {"several": expected})
    counted = {"inputTokens": 3, "isCounted": True}
    assert bind("bound", {"usage": counted}) == ([], {"usage": Counts(3, is_counted=True)})
    assert counted == {"inputTokens": 3, "isCounted": True}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limits": {"toolCallz": 2}}, "option 'limits': toolCallz: is unknown; did you mean 'tool_calls'?"),
        ({"limits": {"toolCalls": "x"}}, "option 'limits': toolCalls: must be an integer, not text 'x'"),
        (
            {"limits": {"toolCalls": 1, "tool_calls": 2}},
            "option 'limits': toolCalls: is unknown; did you mean 'tool_calls'?",
        ),
        ({"several": [{"limits": {}, "dta": {}}]}, "option 'several': [0].dta: is unknown; did you mean 'data'?"),
        ({"usage": {"isCounted": True}}, "option 'usage': input_tokens: is missing"),
        (
            {"usage": {"input_tokens": 1, "is": True}},
            "option 'usage': is: is unknown; there are input_tokens, is_counted",
        ),
        (
            {"usage": True},
            "option 'usage': must be text or a map, not boolean True; its fields are input_tokens, is_counted",
        ),
    ],
)
def test_what_is_wrong_in_a_record_is_told_by_its_place(options: dict[str, Any], said: str) -> None:
    with pytest.raises(BadArgument) as caught:
        bind("bound", options)
    assert str(caught.value) == f"host.bound: {said}"


def test_a_map_for_a_parameter_that_takes_one_is_no_options() -> None:
    assert bind("put", "k", {"scope": "spell"}) == (["k", {"scope": "spell"}], {})
    assert bind("put", "k", {"a": 1}, {"scope": "spell"}) == (["k", {"a": 1}], {"scope": "spell"})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"stpo": ["x"]}, "option 'stpo': is unknown; did you mean 'stop'?"),
        ({"nonStop": ["x"]}, "option 'nonStop': is unknown; did you mean 'stop'?"),
        ({"zzz": 1}, "option 'zzz': is unknown; there are stop, n"),
        ({"stop": "x"}, "option 'stop': must be a list, not text 'x'"),
        ({"stop": ["x", 3]}, "option 'stop': [1]: must be text, not integer 3"),
        ({"n": "many"}, "option 'n': must be an integer, not text 'many'"),
    ],
)
def test_a_wrong_option_says_which_and_why(options: dict[str, Any], said: str) -> None:
    with pytest.raises(BadArgument) as caught:
        bind("options", "hi", options)
    assert str(caught.value) == f"host.options: {said}"


def test_a_literal_says_what_it_may_be() -> None:
    with pytest.raises(BadArgument, match="must be 'run' or 'spell'"):
        bind("put", "k", 1, {"scope": "galaxy"})


def test_an_option_without_default_is_required() -> None:
    with pytest.raises(BadArgument, match="option 'name': is missing"):
        bind("needs")


def test_variadic_arguments_are_checked_each() -> None:
    assert bind("many", 1, "a", "b") == ([1, "a", "b"], {})
    with pytest.raises(BadArgument, match=r"argument 3 \(rest\)"):
        bind("many", 1, "a", 2)


def test_rich_types_are_read_from_their_script_form() -> None:
    args, _ = bind("rich", "2026-01-02T03:04:05", "red", {"x": 1.0, "when": "2026-01-02"})
    assert args == [datetime.datetime(2026, 1, 2, 3, 4, 5), Colour.RED, Point(1, datetime.date(2026, 1, 2))]


def test_a_wrong_field_inside_a_rich_argument_is_named() -> None:
    with pytest.raises(BadArgument, match=r"argument 3 \(point\): x: "):
        bind("rich", "2026-01-02T03:04:05", "red", {"x": "one"})


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"siz": 1}, "option 'tree': siz: is unknown; did you mean 'size'?"),
        ({"branches": [{"size": 1}, {"siz": 1}]}, "option 'tree': branches[1].siz: is unknown; did you mean 'size'?"),
        ({"wood": 1}, "option 'tree': wood: is unknown; there are size, branches"),
    ],
)
def test_a_field_that_nobody_knows_is_refused_wherever_it_stands(tree: dict[str, Any], said: str) -> None:
    with pytest.raises(BadArgument, match=re.escape(said)):
        bind("grow", {"tree": tree})


def test_annotations_that_cannot_be_read_break_the_plugin_with_a_cure() -> None:
    def method(self: object, x: Missing) -> None: ...  # type: ignore[name-defined]  # noqa: F821 - the fault under test

    with pytest.raises(BrokenPlugin, match="define the names in its module, at run time"):
        Signature("host.method", method)


def test_options_may_be_the_fields_of_a_typed_dict() -> None:
    class Chat:
        def chat(self, system: str | None = None, /, **options: Unpack[Wishes]) -> None: ...

    signature = Signature("chat", Chat.chat)
    assert signature.bind(["s", {"maxTokens": 9, "system": "t"}]) == (["s"], {"max_tokens": 9, "system": "t"})
    assert signature.bind([]) == ([None], {})
    with pytest.raises(BadArgument, match="option 'max_tokens': must be an integer, not text 'x'"):
        signature.bind([None, {"max_tokens": "x"}])
    with pytest.raises(BadArgument, match="option 'needed': is missing"):
        Signature("strict", Strict.strict).bind([])


class Wishes(TypedDict, total=False):
    max_tokens: int
    system: str


class Needs(TypedDict):
    needed: int


class Strict:
    def strict(self, **options: Unpack[Needs]) -> None: ...


def test_an_empty_map_is_an_empty_list_where_only_a_list_will_do() -> None:
    assert bind("lists", {}) == ([[], None, None], {})
    steps = [{"args": {}, "tags": {}}]
    assert bind("lists", ["a"], steps, {}) == ([["a"], [{"args": {}, "tags": []}], {}], {})
    assert steps == [{"args": {}, "tags": {}}]
    with pytest.raises(BadArgument, match="must be a list, not map"):
        bind("lists", {"a": 1})


class Paging(TypedDict):
    page: NotRequired[int]
    size: int


class Money:
    def __init__(self, amount: object) -> None:
        self.amount = amount


class Counter(Handle):
    pass


@dataclass
class Job:
    waits: list[datetime.timedelta]


class Bank:
    async def list(self, **where: Unpack[Paging]) -> None: ...
    async def pay(self, to: dict[str, list[Money]], what: Money | None = None) -> None: ...
    async def close(self, counters: list[Counter], *, first: Counter | None = None) -> None: ...
    async def wait(self, time: datetime.timedelta, job: Job | None = None) -> None: ...
    async def hide(self, thing: complex | Parts) -> None: ...
    async def check(self, it: any) -> None: ...  # type: ignore[valid-type]  # the mistake that is told of


class Parts:
    pass


def _money(kind: type) -> Any:
    return (lambda value, kind: kind(_no_nil(value))) if kind is Money else None


def _no_nil(value: object) -> object:
    if value == 0:
        raise ValueError("must be more than nothing")
    return value


def test_a_field_that_is_not_required_may_be_left_out_where_annotations_are_text() -> None:
    assert Signature("bank.list", Bank.list).bind([{"size": 3}]) == ([], {"size": 3})


def test_a_converter_reads_arguments_of_its_type_wherever_they_stand() -> None:
    signature = Signature("bank.pay", Bank.pay, _money)
    to, what = signature.bind([{"ada": [1, 2]}, 3])[0]
    assert [money.amount for money in (*to["ada"], what)] == [1, 2, 3]
    with pytest.raises(BadArgument, match=r"argument 1 \(to\): ada\[1\]: must be more than nothing, not integer 0"):
        signature.bind([{"ada": [1, 0]}])


def test_a_duration_is_a_number_of_seconds_wherever_it_stands() -> None:
    signature = Signature("bank.wait", Bank.wait)
    assert signature.bind([1.5, {"waits": [-2, 90]}])[0] == [
        datetime.timedelta(seconds=1.5),
        Job([datetime.timedelta(seconds=-2), datetime.timedelta(seconds=90)]),
    ]
    for wrong in ("soon", 1e300, float("nan")):
        with pytest.raises(BadArgument, match=r"argument 1 \(time\): must be a number of seconds, not "):
            signature.bind([wrong])


@pytest.mark.parametrize("args", [[[3]], [[], {"first": 3}]])
def test_what_is_no_handle_is_told_which_it_has_to_be(args: list[Any]) -> None:
    with pytest.raises(BadArgument, match=r"must be an instance of Counter, not integer 3"):
        Signature("bank.close", Bank.close).bind(args)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (Bank.hide, r"bank\.x takes thing: complex \| .*Parts, and no"),
        (Bank.check, r"bank\.x takes it: <built-in"),
    ],
)
def test_an_annotation_that_is_no_arguments_breaks_the_plugin_with_a_cure(method: Any, said: str) -> None:
    signature = Signature("bank.x", method)
    for use in (signature.prove, lambda: signature.bind([[3]])):
        with pytest.raises(BrokenPlugin, match=rf"'bank' is broken: {said}.*; annotate it with what pydantic"):
            use()


def test_what_a_map_has_is_told_where_something_else_is_given() -> None:
    with pytest.raises(BadArgument, match=r"must be a map, not integer 4; its fields are tool_calls$"):
        bind("bound", {"limits": 4})
    with pytest.raises(BadArgument, match=r"its fields are TOOL_CALLS$"), written_as(str.upper):
        bind("bound", {"limits": 4})


def test_an_argument_too_many_is_told_with_the_options() -> None:
    with pytest.raises(BadArgument, match=r"text 'x' is one more; the last may be a map of options: scope$"):
        bind("put", "key", 1, "x")


def test_text_that_is_missing_is_told_where_an_error_is_given() -> None:
    with pytest.raises(BadArgument, match=r"must be text, not error; its text is its message$"):
        bind("put", ErrorValue("runtime", "boom"))


def test_what_comes_in_order_is_told_where_a_map_by_name_is_given() -> None:
    with pytest.raises(BadArgument, match=r"must be text, not map; arguments come in order: key, value$"):
        bind("put", {"key": "a", "value": 1})
    with pytest.raises(BadArgument, match=r"must be an integer, not map; arguments come in order: x$"):
        bind("waits", {"x": 1})
    with pytest.raises(BadArgument, match=r"argument 2 \(s\): must be text, not map; arguments come in order: n, s, "):
        bind("typed", 1, {"s": "a"})
    with pytest.raises(BadArgument, match=r"must be text, not map$"):
        bind("put", {"other": 1}, 2)


def test_what_takes_options_alone_says_so() -> None:
    with pytest.raises(BadArgument, match=r"takes one map of options, which text 'x' is not: name$"):
        bind("needs", "x", {"name": "y"})


def test_a_function_in_an_annotation_says_what_is_not_to_be_passed() -> None:
    signature = Signature("pairs.split", Pairs.split)
    assert signature.bind([4, {"rest": 2}]) == ([4.0], {"rest": 2})
    assert signature.bind([4]) == ([4.0], {})
    with pytest.raises(BadArgument, match=r"argument 1 \(count\): 3 is odd"):
        signature.bind([3])
    with pytest.raises(BadArgument, match="option 'rest': 5 is odd"):
        signature.bind([4, {"rest": 5}])
    with pytest.raises(BadArgument, match="must be a number, not text 'x'"):
        signature.bind(["x"])
    with pytest.raises(BadArgument, match="option 'count': 1 is odd"):
        signature.checked_again({"count": 1}, {"count": 2})
