"""Images and files on their way to a model: read where the run may read them, bounded, and known by their type."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from llmspell_bridges.llm.failures import ProviderFailed
from llmspell_core.errors import BadArgument, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_bridges.llm.models import Attachment, Message, Model
    from llmspell_core.bridge import Context

__all__ = ["Attachments"]

_MAX_BYTES = 16 * 2**20


class Attachments:
    """Prepares the messages of a run.

    :param context: whose policy is asked; its option ``max_attached_bytes`` bounds what goes with one request
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._max_bytes = int(context.options.get("max_attached_bytes", _MAX_BYTES))

    async def ready(self, messages: Sequence[Message], model: Model) -> Sequence[Message]:
        """Return messages as the model takes them: files read, types known.

        :raises ProviderFailed: when the model takes no such thing
        :raises Denied: when the run may not read a file, or not have a URL fetched
        :raises LimitExceeded: when it is more than goes with one request
        """
        if not any(message.attachments for message in messages):
            return messages
        left = self._max_bytes
        made = []
        for message in messages:
            attachments = [await self._ready(each, model, left) for each in message.attachments]
            left -= sum(len(each.data or b"") for each in attachments)
            if left < 0:
                raise self._too_much()
            made.append(replace(message, attachments=tuple(attachments)))
        return made

    async def _ready(self, given: Attachment, model: Model, left: int) -> Attachment:
        attachment = replace(given, media_type=given.media_type or _media_type(given))
        if (problem := model.refusal(attachment)) is not None:
            raise ProviderFailed(model.name, "bad_request", problem)
        if attachment.path is not None:
            data = await self._read(attachment.path, left)
            return replace(attachment, data=data, path=None)
        if attachment.url is not None:
            # Whoever fetches it, the spell says what: an address can carry away what the spell knows.
            self._context.require(f"net:{attachment.url}")
        return attachment

    async def _read(self, path: str, left: int) -> bytes:
        import asyncio

        from llmspell_bridges.fs.failures import failing
        from llmspell_bridges.fs.files import Files, TooLarge

        granted = self._context.require(f"read:{path}").path
        hard_links = self._context.policy.decide("read:").allowed

        def read() -> bytes:
            return Files(left, 0).read(granted or os.path.realpath(path), hard_links=hard_links)

        with failing(path):
            try:
                return await asyncio.to_thread(read)
            except TooLarge:
                raise self._too_much() from None

    def _too_much(self) -> LimitExceeded:
        message = f"the images and files of one request may have {self._max_bytes} bytes; send fewer, or smaller ones"
        return LimitExceeded("attached_bytes", self._max_bytes, message)


def _media_type(attachment: Attachment) -> str:
    from mimetypes import guess_type

    named = attachment.path or (attachment.url or "").partition("?")[0]
    found = guess_type(named)[0] or _of_data(attachment.data or b"")
    if found is None or (attachment.kind == "image") != found.startswith("image/"):
        problem = f"cannot be told for {named or 'the data'!r}; say it, as image/png"
        raise BadArgument("llm", None, "media_type", problem)
    return found


def _of_data(data: bytes) -> str | None:
    for beginning, found in _BEGINNINGS.items():
        if data.startswith(beginning):
            return found
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"%PDF-": "application/pdf",
}
