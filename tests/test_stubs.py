"""The neutral reading of bridges, and the files made of it."""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, NotRequired, Self, TypedDict, TypeVar, overload

import numpy as np
import pytest
from pydantic import BaseModel, Field, RootModel

from llmspell_core import stubs
from llmspell_core.apidoc import read_api
from llmspell_core.apitypes import TypeReader
from llmspell_core.bridge import Bridge, Handle, expose
from llmspell_core.declarations import check_reference, check_stubs, write_reference, write_stubs
from llmspell_core.docstrings import read_docstring
from llmspell_core.engine import Engine, EngineInfo
from llmspell_core.errors import BrokenPlugin
from llmspell_core.reference import reference
from llmspell_core.stubs import FunctionOf, IteratorOf, ListOf, MapOf, Named, Union
from llmspell_core.values import ErrorValue, Function, ScriptValue

if TYPE_CHECKING:
    from fractions import Fraction

ROOT = Path(__file__).parents[1]
TEXT, INT, FLOAT, BOOL, NIL, ANY = (Named(kind) for kind in ("text", "int", "float", "bool", "nil", "any"))


class Role(enum.Enum):
    USER = "user"
    MODEL = "model"


class Message(TypedDict):
    """One message.

    :param role: who speaks
    """

    role: Role
    text: str
    name: NotRequired[str]


class Letter(Message):
    """A message on paper.

    :param stamp: how it was sent
    """

    stamp: str


class Loose(TypedDict, total=False):
    note: str


@dataclass
class Usage:
    """What was spent.

    :param cost: in dollars
    """

    requests: int
    cost: float | None = None
    _secret: str = ""


@dataclass
class Point:
    x: int
    y: int = field(init=False)


class Answer(BaseModel):
    """What a model said."""

    text: str = Field(description="the words")
    note: str | None
    parts: list[Answer] = []


class Words(RootModel[list[str]]):
    pass


class Chunks(Handle):
    """Pieces of an answer."""

    iterable = True

    @expose
    async def next(self) -> list[str] | None:
        return None

    @expose
    async def whole(self) -> Answer:
        """Return the whole."""
        return Answer(text="", note=None)


class Tree(Handle):
    iterable = True

    async def next(self) -> list[Tree] | None:
        return None


class Chat(Handle):
    """A conversation."""

    @expose
    async def fork(self) -> Self:
        return self

    @expose
    async def stream(self) -> Chunks:
        return Chunks()


UserId = NewType("UserId", str)
Number = TypeVar("Number", bound=int)


class TalkBridge(Bridge):
    """Talk to somebody.

    At length.
    """

    name = "talk"

    @expose(aliases=("quick_say", "tell"))
    async def say(
        self, text: str, *more: str, loud: bool = False, to: Message, default: ScriptValue = None, **rest: Any
    ) -> str:
        """Say ``text``, as :meth:`say` does.

        :param text: what is said,
            on several lines
        :param loud: in capitals
        :raises Denied: when silence is kept
        :returns: the echo
        """
        return text

    @expose
    def chat(self, usage: Usage | None = None) -> Chat:
        return Chat()

    @expose
    async def share(self, part: Fraction) -> Usage:
        return Usage(1)

    async def hidden(self) -> None: ...


def read(annotation: object, *, given: bool = False) -> stubs.Type:
    return TypeReader().read(annotation, given=given)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (None, NIL),
        (bool, BOOL),
        (int, INT),
        (float, FLOAT),
        (str, TEXT),
        (bytes, Named("bytes")),
        (bytearray, Named("bytes")),
        (Any, ANY),
        (object, ANY),
        (complex, ANY),
        (Function, Named("function")),
        (ErrorValue, Named("error")),
        (Handle, Named("handle")),
        (list, ListOf(ANY)),
        (list[int], ListOf(INT)),
        (Sequence[str], ListOf(TEXT)),
        (set[int], ListOf(INT)),
        (tuple[int, ...], ListOf(INT)),
        (tuple[int, str], ListOf(Union((INT, TEXT)))),
        (tuple, ListOf(ANY)),
        (dict, MapOf(ANY)),
        (dict[str, int], MapOf(INT)),
        (Mapping[str, list[bool]], MapOf(ListOf(BOOL))),
        (str | None, Union((TEXT, NIL))),
        (str | int | str, Union((TEXT, INT))),
        (str | Any, ANY),
        (Literal["a", 1, True, None], Union((stubs.Literal("a"), stubs.Literal(1), stubs.Literal(True), NIL))),
        (Literal["a"], stubs.Literal("a")),
        (Role, Union((stubs.Literal("user"), stubs.Literal("model")))),
        (Literal[Role.USER], stubs.Literal("user")),
        (enum.IntFlag, INT),
        (Annotated[int, "positive"], INT),
        (UserId, TEXT),
        (Number, INT),
        (AsyncIterator[int], IteratorOf(INT)),
        (AsyncGenerator[str, None], IteratorOf(TEXT)),
        (Awaitable[int], INT),
        (Callable[[str, int], bool], FunctionOf((TEXT, INT), BOOL)),
        (Callable[[], Awaitable[str | None]], FunctionOf((), Union((TEXT, NIL)))),
        (Callable[..., Awaitable[str]], Named("function")),
        (Callable, Named("function")),
        (datetime.datetime, TEXT),
        (datetime.date, TEXT),
        (decimal.Decimal, TEXT),
        (uuid.UUID, TEXT),
        (pathlib.Path, TEXT),
        (datetime.timedelta, FLOAT),
        (np.ndarray, ListOf(ANY)),
        (np.int32, INT),
        (np.float32, FLOAT),
        (np.bool_, BOOL),
        (Words, ListOf(TEXT)),
        (Chunks, IteratorOf(TEXT, "Chunks")),
        (Tree, IteratorOf(IteratorOf(Named("Tree"), "Tree"), "Tree")),
        (Chat, Named("Chat")),
    ],
)
def test_an_annotation_has_a_neutral_type(annotation, kind):
    # By text, as Literal(1) and Literal(True) are equal.
    assert repr(read(annotation)) == repr(kind)


def record(annotation: object, *, given: bool = False) -> tuple[stubs.Record, ...]:
    types = TypeReader()
    types.read(annotation, given=given)
    return tuple(types.records.values())


def test_a_typed_dict_is_a_record_with_required_and_optional_fields():
    [message] = record(list[Message])
    assert (message.name, message.doc) == ("Message", "One message.")
    assert message.fields == (
        stubs.Field("role", Union((stubs.Literal("user"), stubs.Literal("model"))), True, "who speaks"),
        stubs.Field("text", TEXT, True),
        stubs.Field("name", TEXT, False),
    )


def test_a_typed_dict_that_is_not_total_requires_nothing():
    assert record(Loose)[0].fields == (stubs.Field("note", TEXT, False),)


def test_a_dataclass_that_comes_back_has_all_its_fields():
    [usage] = record(Usage)
    assert usage.fields == (
        stubs.Field("requests", INT, True),
        stubs.Field("cost", Union((FLOAT, NIL)), True, "in dollars"),
    )


def test_a_dataclass_that_is_passed_may_leave_out_what_has_a_default():
    [usage] = record(Usage, given=True)
    assert (usage.name, usage.doc) == ("UsageInput", "What was spent.")
    assert [(field.name, field.required) for field in usage.fields] == [("requests", True), ("cost", False)]


def test_a_dataclass_field_that_is_computed_is_not_passed():
    assert [f.name for f in record(Point)[0].fields] == ["x", "y"]
    assert [f.name for f in record(Point, given=True)[0].fields] == ["x"]


def test_a_field_is_described_where_a_class_that_is_extended_describes_it():
    @dataclass
    class Bill(Usage):
        """A bill."""

        paid: bool = False

    [bill] = record(Bill)
    assert bill.doc == "A bill."
    assert [(field.name, field.doc) for field in bill.fields] == [
        ("requests", ""),
        ("cost", "in dollars"),
        ("paid", ""),
    ]


def test_a_field_is_described_where_a_typed_dict_that_is_extended_describes_it():
    [letter] = record(Letter)
    assert [(field.name, field.doc) for field in letter.fields] == [
        ("role", "who speaks"),
        ("text", ""),
        ("name", ""),
        ("stamp", "how it was sent"),
    ]


def test_a_model_is_a_record_without_a_promise_for_fields_that_may_be_none():
    [answer] = record(Answer)
    assert answer.fields == (
        stubs.Field("text", TEXT, True, "the words"),
        stubs.Field("note", Union((TEXT, NIL)), False),
        stubs.Field("parts", ListOf(Named("Answer")), False),
    )


def test_two_records_of_one_name_are_told_apart():
    other = type("Message", (), {"__annotations__": {"id": int}, "__module__": "shop.orders"})
    types = TypeReader()
    assert types.read(Message) == Named("Message")
    assert types.read(dataclass(other)) == Named("OrdersMessage")
    assert list(types.records) == ["Message", "OrdersMessage"]


def test_a_method_has_parameters_options_and_aliases():
    [talk] = read_api([TalkBridge]).modules
    say = talk.methods[0]
    assert (talk.name, talk.doc) == ("talk", "Talk to somebody.\n\nAt length.")
    assert [method.name for method in talk.methods] == ["say", "chat", "share"]
    assert (say.name, say.aliases, say.doc) == ("say", ("quick_say", "tell"), "Say `text`, as `say` does.")
    assert say.params == (
        stubs.Parameter("text", TEXT, True, "what is said, on several lines"),
        stubs.Parameter("more", TEXT, False, variadic=True),
    )
    assert say.options == (
        stubs.Parameter("loud", BOOL, False, "in capitals"),
        stubs.Parameter("to", Named("Message"), True),
        stubs.Parameter("default", ANY, False),
    )
    assert (say.result, say.result_doc) == (TEXT, "the echo")


def test_names_imported_for_type_checkers_only_are_understood():
    share = read_api([TalkBridge]).modules[0].methods[2]
    assert share.params == (stubs.Parameter("part", ANY, True),)


def test_an_annotation_that_names_nothing_is_reported_with_its_place():
    class Broken(Bridge):
        name = "broken"

        @expose
        def say(self, x: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821 - that is the point

    with pytest.raises(BrokenPlugin, match=r"Broken\.say.*'Nowhere' is not defined; import or define"):
        read_api([Broken])


def test_handle_classes_are_found_through_other_handle_classes():
    api = read_api([TalkBridge])
    assert [(handle.name, handle.doc, handle.item) for handle in api.handles] == [
        ("Chat", "A conversation.", None),
        ("Chunks", "Pieces of an answer.", TEXT),
    ]
    assert [method.result for method in api.handles[0].methods] == [Named("Chat"), IteratorOf(TEXT, "Chunks")]
    assert [method.name for method in api.handles[1].methods] == ["whole"]
    assert [made.name for made in api.records] == ["Answer", "Message", "Usage", "UsageInput"]


def test_an_alias_that_outlives_an_override_is_a_method_of_its_own():
    class Loud(TalkBridge):
        name = "loud"

        @expose
        async def say(self, text: str) -> str:
            return text.upper()

    names = {method.name: method.aliases for method in read_api([Loud]).modules[0].methods}
    assert names == {"say": (), "quick_say": ("tell",), "chat": (), "share": ()}


class StreamBridge(Bridge):
    name = "streams"

    @overload
    async def stream(self, text: str) -> Chunks: ...
    @overload
    async def stream(self, text: str, callback: Function) -> str: ...
    @expose(aliases=("flow",))
    async def stream(self, text: str, callback: Function | None = None) -> Chunks | str:
        """Stream.

        :param callback: gets each piece
        """
        return text if callback else Chunks()


def test_each_overload_of_a_method_is_told_with_the_words_of_the_method_itself():
    plain, called = read_api([StreamBridge]).modules[0].methods
    assert (
        (plain.name, plain.aliases, plain.doc)
        == (called.name, called.aliases, called.doc)
        == ("stream", ("flow",), "Stream.")
    )
    assert (plain.result, called.result) == (IteratorOf(TEXT, "Chunks"), TEXT)
    assert called.params[1] == stubs.Parameter("callback", Named("function"), True, "gets each piece")


def test_a_docstring_without_fields_is_all_text():
    assert read_docstring("One.\n\n    Two: three.\n    ").text == "One.\n\nTwo: three."
    assert read_docstring(None).text == ""


class Plain:
    """Stands for an engine: all that a declaration needs of it."""

    info = EngineInfo("plain", "plain", "1", (".plain",), "#", frozenset())

    @classmethod
    def declare(cls, api: stubs.Api) -> dict[str, str]:
        names = "\n".join(module.name for module in api.modules)
        return {"types/plain.txt": f"# Generated by `llmspell stubs`. Do not edit.\n{names}\n"}


class Sibling(Plain):
    """Another engine of the same language."""


def test_engines_of_one_language_share_their_declarations(tmp_path):
    assert write_stubs(tmp_path, [TalkBridge], [Plain, Sibling]) == [tmp_path / "types" / "plain.txt"]
    assert (tmp_path / "types" / "plain.txt").read_text().endswith("\ntalk\n")


def test_missing_and_stale_declarations_are_named_with_the_cure(tmp_path):
    file = tmp_path / "types" / "plain.txt"
    assert check_stubs(tmp_path, [TalkBridge], [Plain]) == [f"{file} is missing; run `llmspell stubs`"]
    write_stubs(tmp_path, [TalkBridge], [Plain])
    assert check_stubs(tmp_path, [TalkBridge], [Plain]) == []
    file.write_text("edited")
    assert check_stubs(tmp_path, [TalkBridge], [Plain]) == [f"{file} is stale; run `llmspell stubs`"]


def test_a_reference_page_shows_every_method_record_and_handle(tmp_path):
    page = reference(read_api([TalkBridge]))["talk.md"]
    assert page.startswith("<!-- Generated by `llmspell stubs`. Do not edit. -->\n")
    assert "talk.say(text, more..., {loud, to, default}) -> text" in page
    assert "Also called `quick_say`, `tell`." in page
    assert "- `loud` (`bool`): in capitals" in page
    assert "- `to` (`Message`, *required*)" in page
    assert "talk.chat([usage]) -> Chat" in page
    assert "- `usage` (`UsageInput`, *optional*)" in page
    assert "Iterates over `text`." in page
    headings = [line for line in page.splitlines() if line.startswith("#")]
    assert headings == [
        *("# talk", "## talk.say", "## talk.chat", "## talk.share"),
        *("## Chat", "### Chat.fork", "### Chat.stream", "## Chunks", "### Chunks.whole"),
        *("## Answer", "## Message", "## Usage", "## UsageInput"),
    ]


def test_a_page_shows_overloads_under_one_heading():
    page = reference(read_api([StreamBridge]))["streams.md"]
    calls = "streams.stream(text) -> Chunks\nstreams.stream(text, callback) -> text\n"
    assert f"## streams.stream\n\n```text\n{calls}```\n\nStream.\n" in page
    assert "- `callback` (`function`, *optional*): gets each piece" in page
    assert page.count("## streams.stream") == 1


def test_a_page_shows_only_what_its_own_bridge_leads_to():
    class Other(Bridge):
        name = "other"

        @expose
        def spent(self) -> Usage:
            return Usage(0)

    pages = reference(read_api([TalkBridge, Other]))
    assert [line for line in pages["other.md"].splitlines() if line.startswith("## ")] == ["## other.spent", "## Usage"]
    assert "- [talk](talk.md): Talk to somebody." in pages["index.md"]


class Lined(Engine):
    """Writes calls in a language of its own."""

    info = EngineInfo("lined", "linish", "1", (".lined",), "#")

    binding_name = staticmethod(str.upper)

    @classmethod
    def signature(cls, owner, method, *, on_handle):
        return f"{owner} {'on it ' if on_handle else ''}{method.name}" if method.name != "share" else None

    @classmethod
    def declare(cls, api):
        return {"all.lined": f"what is always there, and {len(api.modules)} bridges\n", "settings": ""}


def test_pages_have_calls_as_each_language_writes_them_and_what_it_has_by_itself():
    pages = reference(read_api([TalkBridge]), [Lined])
    assert "## talk.say\n\n```linish\ntalk say\n```\n" in pages["talk.md"]
    assert "### Chat.fork\n\n```linish\nChat on it fork\n```\n" in pages["talk.md"]
    assert "## talk.share\n\n```text\ntalk.share(" in pages["talk.md"]
    assert "## linish\n\n```lined\nwhat is always there, and 0 bridges\n```\n" in pages["globals.md"]
    assert "(globals.md)" in pages["index.md"]


class Plainly(Lined):
    """Has the names that the host has."""

    info = EngineInfo("plainly", "plainish", "1", (".plain",), "#")
    binding_name = staticmethod(str)


def test_pages_have_those_languages_first_that_have_the_names_as_they_are_listed(tmp_path):
    write_reference(tmp_path, [TalkBridge], [Lined, Plainly])
    for page in ("talk.md", "globals.md"):
        text = (tmp_path / page).read_text()
        assert 0 < text.index("plainish") < text.index("linish")


def test_reference_pages_are_the_same_each_time(tmp_path):
    write_reference(tmp_path, [TalkBridge])
    assert check_reference(tmp_path, [TalkBridge]) == []


def test_the_committed_reference_pages_are_fresh():
    pytest.importorskip("llmspell_bridges.llm", reason="the pages are of the bridges in llmspell-bridges")
    assert check_reference(ROOT / "docs" / "reference") == []
