from __future__ import annotations

import pytest
from llmspell_bridges.missing import LibraryMissing
from llmspell_bridges.time.bridge import TimeBridge
from llmspell_bridges.time.failures import NoSuchZone, NotATime

from llmspell_core.errors import BadArgument

pytest.importorskip("humanize")
pytest.importorskip("dateutil")

BERLIN = "Europe/Berlin"


@pytest.fixture
def time(context):
    return TimeBridge(context())


@pytest.mark.parametrize(
    ("seconds", "pattern", "zone", "text"),
    [
        (0, None, "UTC", "1970-01-01T00:00:00Z"),
        (0.25, None, "UTC", "1970-01-01T00:00:00.250000Z"),
        (1e9, None, BERLIN, "2001-09-09T03:46:40+02:00"),
        (-62_135_596_800, "%Y-%m-%d", "UTC", "0001-01-01"),
        (
            0,
            "%A %a %B %b %d %j %I%p %y %f %% %z %Z",
            "America/New_York",
            "Wednesday Wed December Dec 31 365 07PM 69 000000 % -0500 EST",
        ),
        (1_774_745_999, "%H:%M %Z", BERLIN, "01:59 CET"),
        (1_774_746_000, "%H:%M %Z", BERLIN, "03:00 CEST"),
    ],
)
def test_a_time_is_written_by_a_zones_clock(time, seconds, pattern, zone, text):
    assert time.format(seconds, pattern, zone=zone) == text


@pytest.mark.parametrize(
    ("text", "pattern", "zone", "seconds"),
    [
        ("1970-01-02", None, "UTC", 86_400),
        ("1970-01-01T01:00:00.5+01:00", None, "UTC", 0.5),
        ("1970-01-01T00:00:00Z", None, BERLIN, 0),
        ("1970-01-01 01:00", None, BERLIN, 0),
        ("19700101T000001Z", None, "UTC", 1),
        ("1 Jan 1970 01:00", "%d %b %Y %H:%M", BERLIN, 0),
        ("01/01/1970 +0100", "%d/%m/%Y %z", "UTC", -3600),
    ],
)
def test_a_time_is_read_by_a_zones_clock(time, text, pattern, zone, seconds):
    assert time.parse(text, pattern, zone=zone) == seconds


def test_what_is_written_is_read_again(time):
    for seconds in (0.0, 1.5, -1.25, 1_774_745_999.123456, 4e9):
        for zone in ("UTC", BERLIN, "Asia/Kathmandu"):
            assert time.parse(time.format(seconds, zone=zone)) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "pattern"), [("x", None), ("", None), ("2026-02-30", None), ("1", "%Y"), ("x" * 9999, "%Y")]
)
def test_what_is_no_time_is_told(time, text, pattern):
    with pytest.raises(NotATime) as caught:
        time.parse(text, pattern)
    assert len(str(caught.value)) < 300
    assert caught.value.data["format"] == (pattern or "ISO 8601")


@pytest.mark.parametrize("pattern", ["%-d", "%", "%c", "%s", "%E", "%O", "%\n"])
def test_a_code_that_not_every_system_has_is_refused(time, pattern):
    with pytest.raises(BadArgument, match="means nothing here; there are"):
        time.format(0, pattern)
    with pytest.raises(BadArgument, match="means nothing here; there are"):
        time.parse("x", pattern)
    with pytest.raises(BadArgument, match="%Z"):
        time.parse("UTC", "%Z")
    for pattern in ("%d.%m.", "%H:%M", "%%Y"):
        with pytest.raises(BadArgument, match="has no year"):
            time.parse("x", pattern)


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "Europe", "x" * 5000, "a\0b"]
)
def test_a_zone_that_there_is_not_is_told(time, zone):
    with pytest.raises(NoSuchZone, match="names are those of IANA"):
        time.format(0, zone=zone)


@pytest.mark.parametrize("seconds", [1e12, -1e12, float("inf"), float("nan")])
def test_times_beyond_the_calendar_are_refused(time, seconds):
    for call in (lambda: time.format(seconds), lambda: time.add(seconds), lambda: time.add(0, seconds=seconds)):
        with pytest.raises(BadArgument):
            call()
    for count in ({"years": 10**5}, {"months": -(10**9)}, {"days": 10**30}, {"hours": 1e300}):
        with pytest.raises(BadArgument):
            time.add(0, **count)


@pytest.mark.parametrize(
    ("begin", "later", "end"),
    [
        ("2026-01-31T12:00:00Z", {"months": 1}, "2026-02-28T12:00:00Z"),
        ("2024-02-29T00:00:00Z", {"years": 1}, "2025-02-28T00:00:00Z"),
        ("2026-03-31T00:00:00Z", {"months": -1, "days": 1}, "2026-03-01T00:00:00Z"),
        (
            "2026-01-01T00:00:00Z",
            {"weeks": 1, "hours": 1.5, "minutes": -30, "seconds": 0.5},
            "2026-01-08T01:00:00.500000Z",
        ),
    ],
)
def test_what_is_added_by_the_calendar(time, begin, later, end):
    assert time.format(time.add(time.parse(begin), **later)) == end


def test_a_day_keeps_the_time_of_day_and_24_hours_do_not(time):
    noon = time.parse("2026-03-28T12:00:00", zone=BERLIN)
    assert time.format(time.add(noon, days=1, zone=BERLIN), "%H", zone=BERLIN) == "12"
    assert time.format(time.add(noon, hours=24, zone=BERLIN), "%H", zone=BERLIN) == "13"
    gap = time.parse("2026-03-28T02:30:00", zone=BERLIN)
    assert time.format(time.add(gap, days=1, zone=BERLIN), "%H:%M", zone=BERLIN) == "03:30"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        ("2 days", 172_800),
        ("1 week, 2 days and 3 hours", 788_400),
        ("250ms", 0.25),
        ("1.5 hours", 5400),
        ("-5 min", -300),
        ("PT1H30M", 5400),
        ("p1w", 604_800),
        ("P1DT0.5S", 86_400.5),
        ("-PT1S", -1),
    ],
)
def test_a_duration_is_read(time, text, seconds):
    assert time.duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "-", "5", "1mo", "1 year", "h", "P", "PT", "P1Y", "P1M", "1h x", "9" * 101, "1e5s"]
)
def test_what_is_no_duration_is_told(time, text):
    with pytest.raises(NotATime, match="is not a duration"):
        time.duration(text)


def test_durations_and_times_in_words(time):
    assert time.humanize(0.2) == "a moment"
    assert time.humanize(86_400 * 3) == "3 days"
    assert time.humanize(5400, exact=True) == "1 hour and 30 minutes"
    assert time.humanize(1000, now=1000 + 7200) == "2 hours ago"
    assert time.humanize(1000 + 7200, now=1000) == "2 hours from now"
    for seconds in (1e300, float("nan")):
        with pytest.raises(BadArgument):
            time.humanize(seconds)


def test_without_the_libraries_the_cure_is_told_and_the_rest_works(time, monkeypatch):
    modules = __import__("sys").modules
    monkeypatch.setitem(modules, "humanize", None)
    monkeypatch.setitem(modules, "dateutil.relativedelta", None)
    for call in (lambda: time.humanize(1), lambda: time.add(0, days=1)):
        with pytest.raises(
            LibraryMissing, match=r"library '.*' is not installed; .* install 'llmspell-bridges\[time\]'"
        ):
            call()
    assert time.format(time.add(0, hours=1)) == "1970-01-01T01:00:00Z"
