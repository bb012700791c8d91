"""A session that is fed text gives the text of what it gives when it is fed messages."""

from __future__ import annotations

import pytest
from llmspell_js.engine import JsEngine

from llmspell_core.limits import Limits
from llmspell_core.protocol import Cancel, Inbox, Resolve, Start
from llmspell_core.spells import Spell
from llmspell_core.wire import encode_inbox, encode_outbox

WORDS = [
    '["cancel","no"]',
    '["finish",1]',
    '["fail",{}]',
    ["cancel", "no"],
    ["finish", 1],
    ["fail", {"kind": "x"}],
    2**60,
]
ECHO = "return [params.word, await probe.echo(params.word)]"


def sessions(source: str, limits: Limits | None = None):
    engine = JsEngine()
    program = engine.compile(Spell(source, "spell.js"))
    return [engine.open(program, limits or Limits()) for _ in range(2)]


@pytest.mark.parametrize("word", WORDS, ids=str)
def test_what_looks_like_a_message_is_a_value(word):
    by_message, by_text = sessions(ECHO)
    start = Inbox(1.0, (Start({"word": word}, 1, ("probe",)),))
    answer = Inbox(2.0, (Resolve(1, word),))

    for inbox, is_last in ((start, False), (answer, True)):
        expected = encode_outbox(by_message.step(inbox))
        text, ended = by_text.step_text(encode_inbox(inbox))
        assert (text, ended) == (expected, is_last)


@pytest.mark.parametrize(
    ("source", "event", "kind"),
    [
        ("await probe.echo(1)", Cancel("enough"), '"cancelled"'),
        ("await probe.echo(1); throw new Error('no')", Resolve(1, 1), '"runtime"'),
        ("await probe.echo(1); for (;;) {}", Resolve(1, 1), '"limit"'),
        ("await probe.echo(1); await probe.echo('x'.repeat(9000))", Resolve(1, 1), '"limit"'),
        ("await probe.echo(1)", Resolve(1, "x" * 9000), '"limit"'),
        ("await probe.echo(1); await new Promise(() => {})", Resolve(1, 1), '"deadlock"'),
    ],
)
def test_every_end_is_told(source, event, kind):
    _, session = sessions(source, Limits(cpu=0.1, message=8000))
    _, ended = session.step_text(encode_inbox(Inbox(1.0, (Start({}, 1, ("probe",)),))))
    assert not ended

    text, ended = session.step_text(encode_inbox(Inbox(2.0, (event,))))
    assert ended
    assert text.startswith('[["fail",')
    assert kind in text
