from __future__ import annotations

import logging

import pytest
from llmspell_bridges.log.bridge import LogBridge

from llmspell_core.errors import BadArgument


@pytest.fixture
def log(context, caplog):
    caplog.set_level(logging.DEBUG, "llmspell.spell")
    return LogBridge(context())


def test_each_level_is_a_record_of_the_spells_logger(log, caplog):
    for level in ("debug", "info", "warn", "error"):
        assert getattr(log, level)(f"it is {level}") is None
    assert caplog.record_tuples == [
        ("llmspell.spell.main", logging.DEBUG, "it is debug"),
        ("llmspell.spell.main", logging.INFO, "it is info"),
        ("llmspell.spell.main", logging.WARNING, "it is warn"),
        ("llmspell.spell.main", logging.ERROR, "it is error"),
    ]


def test_fields_are_kept_and_shown(log, caplog):
    log.info("100% done", {"n": 3, "who": "ann", "what": "two words", "list": [1, None], "none": None})
    (record,) = caplog.records
    assert record.getMessage() == '100% done n=3 who=ann what="two words" list=[1, null] none=null'
    assert record.fields == {"n": 3, "who": "ann", "what": "two words", "list": [1, None], "none": None}
    assert (record.spell, record.run) == ("test.spell", "run-1")


def test_a_record_is_one_line_whatever_the_spell_says(log, caplog):
    log.warn("bad\nERROR forged \x1b[31m", {"a\nb": "c\r\nd"})
    (record,) = caplog.records
    assert record.getMessage() == 'bad\\nERROR forged \\x1b[31m a\\nb="c\\r\\nd"'


def test_context_is_added_to_each_record(log, caplog):
    inner = log.with_context({"request": 1}).with_context({"user": "ann"})
    inner.info("hello", {"request": 2})
    log.info("bare")
    assert [record.getMessage() for record in caplog.records] == ["hello request=2 user=ann", "bare"]


def test_a_component_has_a_logger_and_a_level_of_its_own(log, caplog):
    logger = log.create_logger("db.pool", "warn")
    logger.info("quiet")
    logger.error("loud")
    logger.set_level("debug")
    logger.debug("all")
    log.debug("still")
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("llmspell.spell.db.pool", "loud"),
        ("llmspell.spell.db.pool", "all"),
        ("llmspell.spell.main", "still"),
    ]


def test_a_level_set_by_one_run_is_no_other_runs(log, context, caplog):
    log.set_level("error")
    log.info("unheard")
    LogBridge(context()).info("heard")
    assert [record.getMessage() for record in caplog.records] == ["heard"]


def test_the_hosts_level_for_a_component_holds(log, caplog):
    caplog.set_level(logging.ERROR, "llmspell.spell.noisy")
    log.create_logger("noisy").warn("unheard")
    assert caplog.records == []


def test_unknown_levels_and_odd_components_are_refused(log):
    with pytest.raises(BadArgument, match="is no level: 'warning'; did you mean 'warn'"):
        log.set_level("warning")
    for component in ("", "a b", "a\nb", "x" * 65, "a.b.c.d.e", ".."):
        with pytest.raises(BadArgument, match="must be a name"):
            log.create_logger(component)


def test_loggers_that_spells_make_up_are_not_kept(log, caplog):
    before = len(logging.Logger.manager.loggerDict)
    for i in range(50):
        log.create_logger(f"made-up-{i}").info("hello")
    assert len(caplog.records) == 50
    assert len(logging.Logger.manager.loggerDict) == before


def test_where_nothing_is_configured_records_go_to_standard_error() -> None:
    import subprocess
    import sys

    code = (
        "from llmspell_bridges.log.records import Writer\n"
        "Writer('main', {}).write('info', 'seen', {'n': 1})\n"
        "Writer('main', {}).write('debug', 'unseen')\n"
        "Writer('main', {}).at_level('debug').write('debug', 'asked for')\n"
        "Writer('main', {}).at_level('error').write('info', 'unseen')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stderr == "INFO llmspell.spell.main: seen n=1\nDEBUG llmspell.spell.main: asked for\n"
