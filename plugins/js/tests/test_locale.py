"""Numbers, times and words as people in the United States write and sort them."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("(1234567.891).toLocaleString()", "1,234,567.891"),
        ("(1234.5).toLocaleString('en-US', { style: 'currency', currency: 'USD' })", "$1,234.50"),
        ("(-5).toLocaleString('en-US', { style: 'currency', currency: 'EUR' })", "-€5.00"),
        ("(1500).toLocaleString('en', { style: 'currency', currency: 'JPY' })", "¥1,500"),
        ("(0.256).toLocaleString(undefined, { style: 'percent', maximumFractionDigits: 1 })", "25.6%"),
        ("(1234.5).toLocaleString('en-US', { minimumFractionDigits: 2 })", "1,234.50"),
        ("(1.005).toLocaleString('en-US', { maximumFractionDigits: 2 })", "1.01"),
        ("(1234).toLocaleString('en-US', { useGrouping: false })", "1234"),
        ("(5).toLocaleString('en-US', { minimumIntegerDigits: 2 })", "05"),
        ("(1e21).toLocaleString()", "1,000,000,000,000,000,000,000"),
        ("(1e-7).toLocaleString()", "0"),
        ("(-Infinity).toLocaleString()", "-∞"),
        ("12345678901234567890n.toLocaleString()", "12,345,678,901,234,567,890"),
        ("new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(2.5)", "3"),
        ("new Intl.PluralRules('en-US').select(2)", "other"),
    ],
)
def test_numbers(value, written, text):
    assert value(f"return {written}") == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("d.toLocaleString()", "1/31/2024, 3:04:05 PM"),
        ("d.toLocaleDateString()", "1/31/2024"),
        ("d.toLocaleTimeString()", "3:04:05 PM"),
        (
            "d.toLocaleDateString('en-US', { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' })",
            "Wednesday, January 31, 2024",
        ),
        ("d.toLocaleDateString('en-US', { month: 'short', day: 'numeric' })", "Jan 31"),
        ("d.toLocaleDateString('en-US', { month: 'long', year: 'numeric' })", "January 2024"),
        ("d.toLocaleDateString('en-US', { weekday: 'short' })", "Wed"),
        ("d.toLocaleDateString([], { day: '2-digit', month: '2-digit', year: 'numeric' })", "01/31/2024"),
        ("d.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })", "03:04 PM"),
        ("d.toLocaleTimeString('en-US', { hour12: false })", "15:04:05"),
        ("d.toLocaleString('en-US', { dateStyle: 'medium', timeStyle: 'short' })", "Jan 31, 2024, 3:04 PM"),
        ("d.toLocaleString('en-US', { dateStyle: 'long', timeStyle: 'long' })", "January 31, 2024 at 3:04:05 PM UTC"),
        ("d.toLocaleString('en-US', { timeZone: 'UTC' })", "1/31/2024, 3:04:05 PM"),
        ("new Intl.DateTimeFormat('en-US', { dateStyle: 'medium' }).format(d)", "Jan 31, 2024"),
        ("Intl.DateTimeFormat().resolvedOptions().timeZone", "UTC"),
        ("new Date(NaN).toLocaleDateString()", "Invalid Date"),
        ("new Date(Date.UTC(2024, 0, 1, 0, 5)).toLocaleTimeString('en-US')", "12:05:00 AM"),
    ],
)
def test_times(value, written, text):
    assert value(f"const d = new Date('2024-01-31T15:04:05Z')\nreturn {written}") == text


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("(1).toLocaleString('de-DE')", "RangeError: the locale 'de-DE' is not there; en-US is"),
        (
            "new Date(0).toLocaleString('en-US', { timeZone: 'America/New_York' })",
            "RangeError: timeZone is UTC, GMT, Etc/UTC, not 'America/New_York'",
        ),
        ("(1e6).toLocaleString('en-US', { notation: 'compact' })", "RangeError: notation is standard, not 'compact'"),
        (
            "(1).toLocaleString('en-US', { style: 'currency' })",
            "TypeError: style 'currency' takes a currency, as 'USD'",
        ),
        (
            "(1).toLocaleString('en-US', { maximumSignificantDigits: 3 })",
            "RangeError: the option 'maximumSignificantDigits' is not there; "
            "there are style, notation, currencyDisplay",
        ),
    ],
)
def test_what_is_not_there_is_refused(error, written, message):
    assert error(f"return {written}").message == message


def test_words_are_sorted_by_letters_then_accents_then_case(value):
    words = '["b", "a", "C", "é", "e", "f", "_x", "1", "10", "2", "Z", "z", "A", "É"]'

    assert value(f"return {words}.sort((a, b) => a.localeCompare(b)).join(' ')") == "_x 1 10 2 a A b C e é É f z Z"


def test_numbers_in_words_and_likeness_are_compared_where_asked_for(value):
    source = """const natural = { numeric: true, sensitivity: "base" }
return [["item10", "item2", "Item1"].sort((a, b) => a.localeCompare(b, undefined, natural)).join(),
  "a".localeCompare("Á", undefined, { sensitivity: "base" }), "a".localeCompare("A", "en", { sensitivity: "accent" }),
  "a".localeCompare("á", "en", { sensitivity: "case" }), "a".localeCompare("A"), "ab".localeCompare("a"),
  ["b", "a"].sort(new Intl.Collator().compare).join()]"""

    assert value(source) == ["Item1,item2,item10", 0, 0, 0, -1, 1, "a,b"]
