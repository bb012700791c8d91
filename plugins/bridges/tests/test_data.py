"""Data in its forms: read and written exactly, and refused where it would be too much."""

from __future__ import annotations

import pytest
from llmspell_bridges.data.bounds import MAX_VALUES, check_value
from llmspell_bridges.data.bridge import DataBridge
from llmspell_bridges.data.failures import NotReadable
from llmspell_bridges.data.forms import FORMS, read, write

from llmspell_core.errors import BadArgument, ConversionError, LimitExceeded, ProviderError

pytest.importorskip("xmltodict")
pytest.importorskip("tomli_w")

VALUE = {"text": 'a "b" <c> & ü\U0001f600', "n": 7, "x": 1.5, "yes": True, "list": [1, 2], "map": {"k": "v"}}


@pytest.mark.parametrize("form", ["json", "yaml", "toml"])
@pytest.mark.parametrize("pretty", [False, True])
def test_what_is_written_is_read_again_as_it_was(form, pretty):
    assert read(form, write(form, VALUE, pretty=pretty)) == VALUE


def test_what_csv_and_xml_keep_is_text():
    rows = [{"a": "1", "b": 'x,"y"\nz'}, {"a": "", "b": "ü"}]
    assert read("csv", write("csv", rows)) == rows
    tree = {"r": {"@id": "1", "#text": "t & <u>", "k": ["1", {"@a": '"', "m": None}]}}
    for pretty in (False, True):
        assert read("xml", write("xml", tree, pretty=pretty)) == tree


def test_yaml_writes_text_so_that_it_is_read_as_text():
    texts = [
        "2026-01-01",
        "no",
        "null",
        "1.5",
        "1:30",
        "x: y",
        "",
        " a ",
        "- b",
        "#c",
        "~",
        "0x1f",
        "a\nb\n",
        "=",
        "<<",
    ]
    for pretty in (False, True):
        assert read("yaml", write("yaml", {"texts": texts, "no": 1}, pretty=pretty)) == {"texts": texts, "no": 1}
    shared = ["same"]
    assert "&" not in write("yaml", [shared, shared])


def test_yaml_has_a_line_for_each_item_and_field():
    value = {"title": "Hats", "sizes": [1, 2], "maker": {"name": "Ann"}}
    for pretty in (False, True):
        assert write("yaml", value, pretty=pretty) == "title: Hats\nsizes:\n- 1\n- 2\nmaker:\n  name: Ann\n"
    assert [write("yaml", value) for value in ("x", 1, None, [], {})] == ["x\n", "1\n", "null\n", "[]\n", "{}\n"]
    assert write("yaml", {"said": "well ..."}) == "said: well ...\n"


def test_yaml_keeps_times_and_keys_as_they_are_written():
    text = "1: 2026-01-01\nno: yes\nset: !!set {a, b}\npairs: !!omap [a: 1]\nraw: !!binary aGk=\n? null\n: x"
    expected = {"1": "2026-01-01", "no": True, "set": ["a", "b"], "pairs": [{"a": 1}], "raw": b"hi", "null": "x"}
    assert read("yaml", text) == expected


def test_toml_times_become_text():
    assert read("toml", "a = 1979-05-27T07:32:00Z\nb = 07:32:00\nc = 1979-05-27") == {
        "a": "1979-05-27T07:32:00+00:00",
        "b": "07:32:00",
        "c": "1979-05-27",
    }


def test_csv_rows_may_be_short_and_fields_may_be_anything():
    assert read("csv", '\ufeffa,b\r\n1\r\n\r\n"x ""q""\n,",2\r\n') == [{"a": "1"}, {"a": 'x "q"\n,', "b": "2"}]
    assert read("csv", "") == []
    assert write("csv", [{"a": 1, "b": True}, {"c": None}]) == "a,b,c\n1,true,\n,,\n"
    assert write("csv", [[1, "x,y"], [None]]) == '1,"x,y"\n""\n'


def test_integers_beyond_64_bits_become_floats():
    assert read("json", "[9223372036854775807, 9223372036854775808, -9223372036854775809]") == [
        2**63 - 1,
        float(2**63),
        -float(2**63),
    ]


@pytest.mark.parametrize(
    ("form", "text", "line", "column", "problem"),
    [
        ("json", '{"a": 1,\n "b": }', 2, 7, "Expecting value"),
        ("json", "", 1, 1, "Expecting value"),
        ("json", "[NaN]", None, None, "NaN is no value of JSON"),
        ("json", "1" * 5000, None, None, "beyond all numbers"),
        ("json", "[" * 100_000, None, None, "deeper than 100"),
        ("yaml", "a: b: c", 1, 5, "not allowed"),
        ("yaml", "a: 1\n? [x]\n: 2", 2, 3, "key must be text"),
        ("yaml", "!!python/object/apply:os.system [x]", 1, 1, "python/object/apply:os.system"),
        ("yaml", "--- 1\n--- 2", 2, 1, "single document"),
        ("yaml", "a\x00b", None, None, "may not stand in it"),
        ("yaml", "a: *b", 1, 4, "undefined alias"),
        ("yaml", "[" * 200 + "]" * 200, 1, 101, "deeper than 100"),
        ("yaml", "!!int x", None, None, "x"),
        ("toml", "a = 1\nb = ", 2, None, "Invalid value"),
        ("toml", "a = 1\na = 2", 2, None, "Cannot overwrite"),
        ("toml", f"a = {'[' * 5000}", None, None, "deeper than 100"),
        ("toml", "\n" + "a." * 100_000 + "b = 1", 2, None, "deeper than 100"),
        ("csv", "a,b\n1,2\n1,2,3", 3, None, "3 fields and the header 2"),
        ("csv", 'a\n"x', 2, None, "unexpected end"),
        ("csv", "a,a\n", 1, None, "'a' twice"),
        ("csv", f"a\n{'x' * 200_000}", 2, None, "field limit"),
        ("xml", "<a>\n<b></a>", 2, 6, "mismatched tag"),
        ("xml", "", 1, 1, "no element"),
        ("xml", "<a>&nbsp;</a>", 1, 4, "undefined entity"),
        ("xml", "<a>" * 100_000, 1, 298, "deeper than 100"),
        ("xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 1, None, "may not be declared"),
        ("xml", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 1, None, "may not be declared"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(form, text, line, column, problem):
    with pytest.raises(NotReadable, match=problem) as caught:
        read(form, text)
    data = caught.value.data
    assert (data["format"], data["line"]) == (form, line)
    assert column is None or data["column"] == column


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
MERGES = "m0: &m0 {k: 1}\n" + "".join(f"m{i}: &m{i}\n  <<: [{', '.join([f'*m{i - 1}'] * 9)}]\n" for i in range(1, 12))
ENTITIES = "<!DOCTYPE l [<!ENTITY a0 'x'>" + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 9}'>" for i in range(1, 12))


@pytest.mark.parametrize(
    ("form", "text"),
    [("yaml", LAUGHS), ("xml", f"{ENTITIES}]><l>&a11;</l>"), ("yaml", "&a [*a]")],
    ids=["aliases", "entities", "a cycle"],
)
def test_a_small_text_does_not_become_a_large_value(form, text):
    with pytest.raises((LimitExceeded, NotReadable, ConversionError)):
        read(form, text)


def test_maps_that_are_merged_over_and_over_do_not_grow():
    try:
        found = read("yaml", MERGES)
    except LimitExceeded:
        return  # older libraries keep each copy of a field, and are stopped
    assert found["m11"] == {"k": 1}


@pytest.mark.parametrize("form", FORMS)
def test_a_text_that_is_too_long_is_not_read(form):
    with pytest.raises(LimitExceeded, match="read it in parts"):
        read(form, " " * (17 * 2**20))
    with pytest.raises(LimitExceeded):
        read(form, "ü" * (9 * 2**20))


def test_a_value_may_hold_so_much_and_nest_so_deep():
    shared = [0] * 1000
    check_value([shared] * (MAX_VALUES // 1001 - 1))
    with pytest.raises(LimitExceeded, match="more than 500000 values"):
        check_value([shared] * 1000)
    deep = "x"
    for _ in range(100):
        deep = [deep]
    check_value(deep)
    with pytest.raises(ConversionError, match="deeper than 100 levels"):
        check_value([deep])


@pytest.mark.parametrize(
    ("form", "value", "path"),
    [
        ("json", {"a": [1, float("nan")]}, "$.a[1]"),
        ("json", {"a": b"x"}, "$.a"),
        ("toml", {"a": {"b": None}}, "$.a.b"),
        ("toml", {"a b": [b"x"]}, '$["a b"][0]'),
        ("toml", [1], "$"),
        ("csv", [{"a": [1]}], "$[0].a"),
        ("csv", [{"a": 1}, [2]], "$[1]"),
        ("csv", {"a": 1}, "$"),
        ("csv", [[b"x"]], "$[0][0]"),
        ("xml", {"a": 1, "b": 2}, "$"),
        ("xml", [1], "$"),
        ("xml", {"a": [[1]]}, "$.a[0]"),
        ("xml", {"a": {"b": b"x"}}, "$.a.b"),
        ("xml", {"a": [1, 2]}, "$"),
        ("xml", {"a><evil": 1}, "$"),
        ("xml", {"a": {"b": "\x00"}}, "$"),
        ("xml", {"a": {'@x="" y': "1"}}, "$"),
    ],
)
def test_what_a_form_cannot_hold_is_told_with_its_path(form, value, path):
    with pytest.raises(ConversionError) as caught:
        write(form, value)
    assert caught.value.path == path


def test_a_form_that_there_is_not_is_told(run, context):
    bridge = DataBridge(context())
    with pytest.raises(BadArgument, match=r"data\.convert: argument 3 \(target\): .*'jason'; did you mean 'json'"):
        run(bridge.convert("{}", "JSON", "jason"))
    assert run(bridge.convert("a: 1", "yml", "json")) == '{"a": 1}'


@pytest.mark.parametrize(("form", "library", "value"), [("xml", "xmltodict", {"a": 1}), ("toml", "tomli_w", {"a": 1})])
def test_without_the_library_the_cure_is_told(form, library, value, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(ProviderError, match=r"library '.*' is not installed; .* install 'llmspell-bridges\[data\]'"):
        write(form, value)


def test_large_texts_are_read_beside_the_loop(run, context):
    import asyncio

    async def story():
        text = write("json", [{"n": i} for i in range(20_000)])
        reading = asyncio.ensure_future(DataBridge(context()).parse_json(text))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        return len(await reading), turns

    rows, turns = run(story())
    assert rows == 20_000
    assert turns > 1


def test_rows_that_have_no_field_in_common_cannot_fill_the_memory_with_empty_cells():
    rows = [{f"k{i}": 1} for i in range(1000)]
    with pytest.raises(LimitExceeded, match="1000 rows of 1000 fields"):
        write("csv", rows)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("xml", {"r": {"x" * 2**20: ["1"] * 100}}),
        ("toml", {"x" * 2**20: {f"k{i}": {"v": 1} for i in range(100)}}),
    ],
)
def test_a_long_name_that_a_form_repeats_cannot_fill_the_memory(form, value):
    with pytest.raises(LimitExceeded, match="more than 67108864 characters"):
        write(form, value)


@pytest.mark.parametrize("form", ["json", "toml", "xml"])
def test_the_path_of_what_has_no_form_tells_of_a_long_name_only_its_beginning(form):
    with pytest.raises(ConversionError) as caught:
        write(form, {"k" * 1000: {"v": [1, b"x"]}})
    assert caught.value.path == f'$["{"k" * 80}..."].v[1]'
