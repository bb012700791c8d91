"""Search the web by a provider that somebody has a key of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmspell_bridges.llm.keys import KeyStore
from llmspell_bridges.tools.builtin.web import opened
from llmspell_core.errors import ProviderError

if TYPE_CHECKING:
    from llmspell_core.bridge import Context

__all__ = ["search"]

_ADDRESSES = {
    "brave": "https://api.search.brave.com/res/v1/web/search",
    "serper": "https://google.serper.dev/search",
    "tavily": "https://api.tavily.com/search",
}


class SearchFailed(ProviderError):
    """The web cannot be searched; ``data`` is ``{provider, reason}``."""

    def __init__(self, provider: str | None, reason: str, problem: str) -> None:
        self.data = {"provider": provider, "reason": reason}
        super().__init__(f"the web cannot be searched: {problem}")


async def search(context: Context, query: str, count: int, provider: str | None = None) -> list[dict[str, Any]]:
    """Return what was found: ``[{title, url, snippet}]``.

    :raises SearchFailed: when nobody has a key, or the provider does not answer as it should
    """
    name, key = _keyed(context, provider)
    # Where another server stands in for the provider's, only the caller's settings say so.
    url = context.of("tools").options.get("search", {}).get(name) or _ADDRESSES[name]
    bridge = opened(context, url)
    if name == "brave":
        headers = {"X-Subscription-Token": key, "Accept": "application/json"}
        answer = await bridge.get(url, headers=headers, query={"q": query, "count": count})
    elif name == "serper":
        answer = await bridge.post(url, headers={"X-API-KEY": key}, json={"q": query, "num": count})
    else:
        body: dict[str, Any] = {"query": query, "max_results": count}
        answer = await bridge.post(url, headers={"Authorization": f"Bearer {key}"}, json=body)
    if not answer["ok"] or not isinstance(answer["json"], dict):
        problem = f"{name} answered with the status {answer['status']}, and no results; is the key right?"
        raise SearchFailed(name, "answer", problem)
    return [_record(row) for row in _rows(name, answer["json"])[:count]]


def _keyed(context: Context, provider: str | None) -> tuple[str, str]:
    for name in [provider] if provider else _ADDRESSES:
        key = os.environ.get(f"{name.upper()}_API_KEY") or KeyStore().get(name)
        if key:
            context.secrets.add(key)
            return name, key
    names = [provider] if provider else list(_ADDRESSES)
    variables = ", ".join(f"{name.upper()}_API_KEY" for name in names)
    raise SearchFailed(provider, "no_key", f"there is no key; set {variables}, or run: llmspell keys set {names[0]}")


def _rows(name: str, answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: Any = answer.get("web", {}) if name == "brave" else answer
    rows = found.get("organic" if name == "serper" else "results") if isinstance(found, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _record(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": row.get("title"),
        "url": row.get("url") or row.get("link"),
        "snippet": row.get("description") or row.get("snippet") or row.get("content"),
    }
