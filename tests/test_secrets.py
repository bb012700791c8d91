"""Secrets are taken out of what the host tells, in every form that they come in."""

from __future__ import annotations

import base64
import io
import json
import logging
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.audit import AuditRecord
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import Denied, ProviderError
from llmspell_core.runner import Runner
from llmspell_core.secrets import Secrets
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "canary/K+7y=Qz\"9'end-of-it"


@pytest.fixture
def secrets() -> Secrets:
    made = Secrets()
    made.add(KEY)
    return made


FORMS = {
    "plain": KEY,
    "split over lines": "\n  ".join([KEY[:5], KEY[5:11], KEY[11:]]),
    "split over lines of JSON": json.dumps("\n".join([KEY[:7], KEY[7:]])),
    "JSON": json.dumps(KEY),
    "JSON of JSON's escapes": KEY.replace("/", "\\/").replace('"', '\\"'),
    "JSON with code points": "".join(f"\\u{ord(c):04x}" for c in KEY),
    "URL": urllib.parse.quote(KEY, safe=""),
    "URL in lower case": urllib.parse.quote(KEY, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "URL, all of it": "".join(f"%{ord(c):02X}" for c in KEY),
    "hexadecimal digits": KEY.encode().hex(),
    "capital digits": KEY.encode().hex().upper(),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(KEY.encode()).decode(),
    "basic auth": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "basic auth of another": base64.b64encode(f"users:{KEY}:more".encode()).decode(),
    "basic auth of a third": base64.b64encode(f"sam:{KEY}".encode()).decode(),
    "base64 in lines": base64.encodebytes(b"x" * 40 + KEY.encode() * 2).decode(),
    "repr": repr(KEY),
    "bytes": repr(KEY.encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_every_form(secrets: Secrets, form: str) -> None:
    told = secrets.redact(f"before {FORMS[form]} after")
    assert told.startswith("before ")
    assert told.endswith(" after")
    assert "***" in told
    for piece in (KEY[6:12], FORMS[form][4:-4]):
        assert piece not in told


def test_what_is_no_secret_is_left_as_it_is(secrets: Secrets) -> None:
    text = "canary, key, K+7y, and base64: " + base64.b64encode(b"canary and other birds").decode()
    assert secrets.redact(text) == text
    assert Secrets().redact(KEY) == KEY


def test_the_beginning_of_a_secret_where_a_text_breaks_off_is_taken_out_too(secrets: Secrets) -> None:
    assert secrets.redact(f"the key is {KEY[:15]}") == "the key is ***"
    assert secrets.redact("the key is canary") == "the key is canary"


def test_a_word_is_no_secret() -> None:
    secrets = Secrets()
    secrets.add("ollama")
    secrets.add(None)
    assert not secrets
    assert secrets.redact("ollama") == "ollama"


def test_every_text_in_a_value_is_cleaned(secrets: Secrets) -> None:
    value = {"a": [KEY, 1, None, (KEY.encode(), 2.5)], KEY: ErrorValue("x", KEY, {"k": KEY}, ErrorValue("y", KEY))}
    told = repr(secrets.clean(value))
    assert "canary" not in told
    assert told.count("***") == 6
    record = AuditRecord(1.0, "r", f"net:{KEY}", True, "rule", "http", "get")
    assert secrets.clean(record).capability == "net:***"


class Shy(Exception):
    """An error that shows what it has nowhere else."""

    def __repr__(self) -> str:
        return f"Shy({KEY!r})"


def test_an_error_is_scrubbed_with_what_it_was_caused_by(secrets: Secrets) -> None:
    error = ProviderError(f"it said {KEY}")
    error.data = {"body": KEY}
    error.__cause__ = ValueError(KEY)
    error.__cause__.__cause__ = Shy()
    error.__context__ = Shy()
    secrets.scrub(error)
    assert str(error) == "it said ***"
    assert error.data == {"body": "***"}
    assert str(error.__cause__) == "***"
    assert error.__cause__.__cause__ is None
    assert error.__context__ is None


def test_errors_that_refer_to_each_other_are_scrubbed_once(secrets: Secrets) -> None:
    one, two = ValueError(KEY), ValueError(KEY)
    one.__cause__, two.__cause__ = two, one
    secrets.scrub(one)
    assert (str(one), str(two)) == ("***", "***")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What a handler that was there before writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s %(args)s"))
    logger = logging.getLogger("some.library")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)


def test_log_records_of_any_library_lack_the_secrets(secrets: Secrets, logged: io.StringIO) -> None:
    log = logging.getLogger("some.library.deep")
    log.debug("sending %s with %r", {"authorization": f"Bearer {KEY}"}, KEY.encode())
    log.info("nothing to hide: %d", 7)
    try:
        raise ValueError(KEY)
    except ValueError:
        log.exception("it failed")
    try:
        raise ValueError("harmless")
    except ValueError:
        log.exception("it failed")
    told = logged.getvalue()
    assert "canary" not in told
    assert "DEBUG sending {'authorization': 'Bearer ***'} with b'***'" in told
    assert "INFO nothing to hide: 7 (7,)" in told
    assert "ValueError: ***" in told
    assert "ValueError: harmless" in told


class Leaky(Bridge):
    """Read a key, and be careless with it."""

    name = "leaky"

    def _key(self) -> str:
        self.context.secrets.add(KEY)
        return KEY

    @expose
    async def provider(self) -> None:
        """Fail as a provider that sends the key back."""
        error = ProviderError(f"bad key {self._key()}")
        error.data = {"sent": {"authorization": f"Bearer {KEY}"}}
        raise error from Denied(f"no {KEY}")

    @expose
    def crash(self) -> None:
        """Fail with the key in a library's error."""
        raise KeyError(self._key())

    @expose
    def require(self) -> None:
        """Need a capability with the key in it."""
        self.context.require(f"net:{self._key()}")


@pytest.fixture
def leak(engines: Any) -> Any:
    """Cast a spell that calls the leaky bridge; return the result and what the spell and the audit saw."""

    def go(method: str) -> tuple[Any, str]:
        audit: list[Any] = []
        spell = (
            "def main(params):\n    try:\n        yield call('leaky', params['method'])\n    except Exception as e:\n"
            "        show(f'{e.value!r} {e}')\n    yield call('leaky', params['method'])"
        )

        def traced(action: Any) -> None:
            audit.append((repr(action), str(action.error), repr(vars(action.error))))

        with Runner(bridges={"leaky": Leaky}, engines=engines, audit=audit.append, trace=traced) as runner:
            result = runner.cast(spell, engine="fake", params={"method": method})
        return result, result.output + repr(audit)

    return go


@pytest.mark.parametrize("method", ["provider", "crash", "require"])
def test_neither_spell_nor_caller_nor_audit_nor_trace_nor_log_sees_a_key(leak: Any, caplog: Any, method: str) -> None:
    result, seen = leak(method)
    everything = [seen, repr(result), str(result.error), repr(vars(result.error)), caplog.text]
    assert not [text for text in everything if "canary" in text]
    assert "***" in seen
    assert "***" in str(result.error)


def test_what_one_run_calls_a_secret_is_hidden_in_that_run_alone() -> None:
    host = Secrets()
    mine, other = Secrets(host), Secrets(host)
    mine.add_own("evil.example")
    mine.add("a key of the host's")
    assert mine.redact("evil.example, a key of the host's") == "***, ***"
    assert other.redact("evil.example, a key of the host's") == "evil.example, ***"
    assert host.clean(["evil.example", "a key of the host's"]) == ["evil.example", "***"]
    assert mine
    assert not Secrets(Secrets())


@pytest.mark.parametrize("length", [63, 64, 65, 2000])
def test_a_long_secret_is_taken_out_whole_and_in_every_form(length: int) -> None:
    import secrets as random

    secret = random.token_urlsafe(length)[:length]
    made = Secrets()
    made.add(secret)
    for form in (secret, base64.b64encode(f"x:{secret}".encode()).decode(), secret.encode().hex()):
        assert made.redact(f"<{form}>").count("*") == 3
        assert secret[-20:] not in made.redact(f"<{form}>")
    near = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    assert made.redact(f"<{near}>") == f"<{near}>"
    assert made.redact(f"it begins {secret[:40]}") == "it begins ***"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("abcdefgh", "***"),
        ("key abcdefghijk", "key ***"),
        ("abcdefgh abcdefghi", "abcdefgh ***"),
        ("key abcdefg", "key abcdefg"),
        ("abcdefghx", "abcdefghx"),
    ],
)
def test_the_beginning_of_a_secret_at_the_end_of_a_text_is_taken_out(text: str, told: str) -> None:
    secrets = Secrets()
    secrets.add("abcdefghijklmnop")
    assert secrets.redact(text) == told
