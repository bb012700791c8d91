from __future__ import annotations

import re
import uuid

import pytest
from llmspell_bridges.crypto.bridge import ALGORITHMS, CryptoBridge

from llmspell_core.errors import BadArgument


@pytest.fixture
def crypto(context):
    return CryptoBridge(context())


def test_identifiers_and_random_text_differ_each_time(crypto):
    assert uuid.UUID(crypto.uuid()).version == 4
    assert len({crypto.uuid() for _ in range(100)}) == 100
    assert len({crypto.random_string() for _ in range(100)}) == 100
    assert len({crypto.random_bytes(16) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("alphabet", "pattern"),
    [
        ("alphanumeric", "[A-Za-z0-9]"),
        ("letters", "[A-Za-z]"),
        ("digits", r"\d"),
        ("hex", "[0-9a-f]"),
        ("url", r"[\w-]"),
    ],
)
def test_random_text_has_the_letters_asked_for(crypto, alphabet, pattern):
    assert re.fullmatch(f"{pattern}{{500}}", crypto.random_string(500, alphabet=alphabet))


@pytest.mark.parametrize("count", [-1, 65_537, 2**62])
def test_lengths_are_bounded(crypto, count):
    for make in (crypto.random_string, crypto.random_bytes):
        with pytest.raises(BadArgument, match="from 0 to 65536"):
            make(count)
    assert (crypto.random_string(0), crypto.random_bytes(0)) == ("", b"")


def test_hashes_are_those_that_are_published(crypto):
    known = {
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
        "md5": "900150983cd24fb0d6963f7d28e17f72",
        "sha3_256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    }
    for algorithm, expected in known.items():
        assert crypto.hash("abc", algorithm) == crypto.hash(b"abc", algorithm) == expected
    assert crypto.hash("abc", "SHA-256") == crypto.hash("abc", "sha256", encoding="hex")
    for algorithm in ALGORITHMS:
        assert len(crypto.hash("", algorithm, encoding="bytes")) * 2 == len(crypto.hash("", algorithm))


def test_a_code_with_a_key_is_that_of_the_standard(crypto):
    # RFC 4231, test case 2
    found = crypto.hmac("what do ya want for nothing?", "Jefe")
    assert found == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert crypto.hmac("x", b"\xff\x00", "sha512", encoding="base64url").endswith("=") is False
    assert crypto.equals(found, found)
    assert not crypto.equals(found, found[:-1] + "4")
    assert crypto.equals("ü", "ü".encode())


@pytest.mark.parametrize("name", ["sha257", "shake_128", "", "md4", "sha256\0", "x" * 1000])
def test_an_unknown_algorithm_is_told(crypto, name):
    for call in (lambda: crypto.hash("x", name), lambda: crypto.hmac("x", "k", name)):
        with pytest.raises(BadArgument, match="is no hash algorithm here"):
            call()


@pytest.mark.parametrize("data", [b"", b"f", b"fo", b"foo", bytes(range(256))])
def test_base64_is_read_as_it_was_written(crypto, data):
    assert crypto.base64_decode(crypto.base64_encode(data), bytes=True) == data
    assert crypto.base64_decode(crypto.base64_encode(data).rstrip("="), bytes=True) == data
    assert crypto.base64url_decode(crypto.base64url_encode(data), bytes=True) == data
    assert "=" not in crypto.base64url_encode(data)


@pytest.mark.parametrize(
    ("method", "text", "problem"),
    [
        ("base64_decode", "_wA", "looks like base64url"),
        ("base64url_decode", "/wA=", "looks like base64"),
        ("base64_decode", "a", "is no base64"),
        ("base64_decode", "ab c", "is no base64"),
        ("base64_decode", "ü", "is no base64"),
        ("base64_decode", "/w==", "pass the option 'bytes'"),
    ],
)
def test_what_is_no_base64_is_told(crypto, method, text, problem):
    with pytest.raises(BadArgument, match=problem):
        getattr(crypto, method)(text)
