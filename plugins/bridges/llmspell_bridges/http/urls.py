"""A URL as a spell writes it, looked at before anybody is asked whether the spell may go there."""

from __future__ import annotations

import re
from typing import Annotated

__all__ = ["Url", "check_url"]


def check_url(url: str) -> None:
    """:raises ValueError: when it is no URL of the web, so that no host that it seems to name is asked for."""
    if not _WEB.match(url):
        raise ValueError("a URL begins with https:// or http:// and names a host, as https://example.com/path")


Url = Annotated[str, check_url]
"""The type of a parameter that takes a URL of the web."""

_WEB = re.compile(r"https?://[^/?#\\]", re.IGNORECASE)
