"""A spell's text cannot give orders to the terminal it is shown on."""

from __future__ import annotations

import io

import pytest

from llmspell_core.cli.terminal import harmless, write


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\r\nwith ümlauts 🙂\n", "plain\ttext\r\nwith ümlauts 🙂\n"),
        ("\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"),
        ("\x1b[6n", "\\x1b[6n"),
        ("\x9b2J", "\\x9b2J"),
        ("\x1bP$q\x1b\\", "\\x1bP$q\\x1b\\"),
        ("a\x08\x08b\x00\x7f", "a\\x08\\x08b\\x00\\x7f"),
        ("safe\u202eexe.txt\u2066", "safe\\u202eexe.txt\\u2066"),
    ],
)
def test_a_terminal_is_given_no_orders(text: str, shown: str) -> None:
    assert harmless(text) == shown
    terminal = Terminal()
    write(terminal, text)
    assert terminal.getvalue() == shown


def test_what_is_no_terminal_gets_the_text_as_it_is() -> None:
    file = io.StringIO()
    write(file, "\x1b]0;title\x07")
    assert file.getvalue() == "\x1b]0;title\x07"


def test_long_texts_full_of_orders_take_no_long_time() -> None:
    assert len(harmless("\x1b[" * 200_000)) == 1_000_000
    assert len(harmless("\x1b[" + "1;" * 200_000)) == 400_005
