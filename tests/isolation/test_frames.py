"""Frames come out as they went in, however the bytes between are cut."""

from __future__ import annotations

import pytest

from llmspell_core.errors import ProtocolError
from llmspell_core.isolation.frames import Incoming, pack

TEXTS = ["", "a", "ä" * 300, "[]"]


@pytest.mark.parametrize("step", [1, 3, 7, 10_000])
def test_frames_are_told_apart_wherever_they_are_cut(step: int) -> None:
    sent = b"".join(map(pack, TEXTS))
    incoming, taken = Incoming(1000), []
    for at in range(0, len(sent), step):
        incoming.add(sent[at : at + step])
        while (text := incoming.take()) is not None:
            taken.append(text)
    assert taken == TEXTS


def test_a_frame_that_is_not_whole_is_waited_for() -> None:
    incoming = Incoming(10)
    incoming.add(pack("abc")[:-1])
    assert incoming.take() is None


def test_a_frame_is_refused_as_soon_as_it_announces_too_much() -> None:
    incoming = Incoming(10)
    incoming.add(pack("x" * 11)[:4])
    with pytest.raises(ProtocolError, match="11 bytes is announced, and 10 are allowed"):
        incoming.take()


def test_a_frame_that_is_no_text_is_refused() -> None:
    incoming = Incoming(10)
    incoming.add(b"\0\0\0\1\xff")
    with pytest.raises(ProtocolError, match="no text"):
        incoming.take()
