"""What callers may set for the bridge ``llm``."""

from __future__ import annotations

# The config file is checked by pydantic, which wants this one on Python 3.11.
from typing_extensions import TypedDict

__all__ = ["LlmSettings", "PriceSetting", "ProviderSetting"]


class ProviderSetting(TypedDict, total=False):
    """Where a provider is: one that is known, or any server that is compatible with OpenAI's.

    :param base_url: its address
    :param api_key_env: the variable of the environment that has its key
    :param headers: go with each request
    """

    base_url: str
    api_key_env: str
    headers: dict[str, str]


class PriceSetting(TypedDict):
    """Dollars for a million tokens."""

    input: float
    output: float


class LlmSettings(TypedDict, total=False):
    """What callers may set.

    :param providers: by name
    :param prices: by ``provider:model`` or ``provider``
    :param timeout: seconds that a call may take which does not say
    :param retries: how often a request that fails is made again; 2 when left out
    :param answer_tokens: the most tokens of an answer where the budget is bounded and the call does not say
    :param max_attached_bytes: of an image or a file
    :param demo_pause: seconds between the pieces of the demo's streams
    """

    providers: dict[str, ProviderSetting]
    prices: dict[str, PriceSetting]
    timeout: float
    retries: int
    answer_tokens: int
    max_attached_bytes: int
    demo_pause: float
