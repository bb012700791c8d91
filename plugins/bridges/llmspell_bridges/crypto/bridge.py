"""The bridge ``crypto``."""

from __future__ import annotations

import hashlib
import hmac as hmacs
import secrets
import string
import uuid
from typing import Literal, TypeAlias

from llmspell_bridges.crypto.encodings import BadEncoding, Encoding, decoded, encoded, octets
from llmspell_core.bridge import Bridge, expose
from llmspell_core.errors import BadArgument, closest

__all__ = ["CryptoBridge"]

Data: TypeAlias = str | bytes
Alphabet: TypeAlias = Literal["alphanumeric", "letters", "digits", "hex", "url"]

ALGORITHMS = ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s", "sha1", "md5")
_ALPHABETS: dict[str, str] = {
    "alphanumeric": string.ascii_letters + string.digits,
    "letters": string.ascii_letters,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "url": string.ascii_letters + string.digits + "-_",
}
_MOST = 65_536


class CryptoBridge(Bridge):
    """Make identifiers and random text; hash, sign and encode data.

    What is random here comes from the operating system and can be used for keys. It is what a call answered, so a run
    that is replayed gets the same again; what ``math`` has of random numbers follows from the run's seed instead.
    Text is taken as UTF-8.
    """

    name = "crypto"

    @expose
    def uuid(self) -> str:
        """Return a new random UUID (version 4)."""
        return str(uuid.uuid4())

    @expose
    def random_string(self, length: int = 32, *, alphabet: Alphabet = "alphanumeric") -> str:
        """Return random text of which each character is as likely as any other.

        :param length: how many characters, at most 65,536
        :param alphabet: ``alphanumeric``, ``letters``, ``digits``, ``hex``, or ``url`` (letters, digits, ``-``, ``_``)
        """
        letters = _ALPHABETS[alphabet]
        return "".join(secrets.choice(letters) for _ in range(_counted("crypto.random_string", "length", length)))

    @expose
    def random_bytes(self, count: int = 32) -> bytes:
        """Return random bytes.

        :param count: how many, at most 65,536
        """
        return secrets.token_bytes(_counted("crypto.random_bytes", "count", count))

    @expose
    def hash(self, data: Data, algorithm: str = "sha256", *, encoding: Encoding = "hex") -> str | bytes:
        """Return the hash of data.

        :param data: text or bytes
        :param algorithm: ``sha256``, ``sha384``, ``sha512``, ``sha3_256``, ``sha3_384``, ``sha3_512``, ``blake2b``,
            ``blake2s``; ``sha1`` and ``md5`` tell copies apart and protect nothing
        :param encoding: ``hex``, ``base64``, ``base64url`` or ``bytes``
        """
        name = _algorithm("crypto.hash", 2, algorithm)
        return encoded(hashlib.new(name, octets(data), usedforsecurity=False).digest(), encoding)

    @expose(secret="key")
    def hmac(self, data: Data, key: Data, algorithm: str = "sha256", *, encoding: Encoding = "hex") -> str | bytes:
        """Return the code that proves that data comes from who has the key.

        :param data: text or bytes
        :param key: text or bytes
        :param algorithm: as of ``hash``
        :param encoding: ``hex``, ``base64``, ``base64url`` or ``bytes``
        """
        name = _algorithm("crypto.hmac", 3, algorithm)
        return encoded(hmacs.new(octets(key), octets(data), name).digest(), encoding)

    @expose
    def equals(self, first: Data, second: Data) -> bool:
        """Tell whether two codes are the same, in a time that does not tell where they differ.

        :param first: text or bytes
        :param second: text or bytes
        """
        return hmacs.compare_digest(octets(first), octets(second))

    @expose
    def algorithms(self) -> list[str]:
        """Return the names of the hash algorithms."""
        return list(ALGORITHMS)

    @expose
    def base64_encode(self, data: Data) -> str:
        """Return data in base64, with padding.

        :param data: text or bytes
        """
        return str(encoded(octets(data), "base64"))

    @expose
    def base64_decode(self, text: str, *, bytes: bool = False) -> Data:
        """Return what base64 stands for.

        :param text: base64, with or without padding
        :param bytes: return bytes, not text
        """
        return _decoded("crypto.base64_decode", text, url=False, raw=bytes)

    @expose
    def base64url_encode(self, data: Data) -> str:
        """Return data in the base64 that URLs and file names take, without padding.

        :param data: text or bytes
        """
        return str(encoded(octets(data), "base64url"))

    @expose
    def base64url_decode(self, text: str, *, bytes: bool = False) -> Data:
        """Return what the base64 of URLs stands for.

        :param text: base64url, with or without padding
        :param bytes: return bytes, not text
        """
        return _decoded("crypto.base64url_decode", text, url=True, raw=bytes)


def _counted(function: str, parameter: str, count: int) -> int:
    if not 0 <= count <= _MOST:
        raise BadArgument(function, 1, parameter, f"must be from 0 to {_MOST}, not {count}")
    return count


def _algorithm(function: str, position: int, name: str) -> str:
    found = name.lower().replace("-", "_").replace("sha_", "sha")
    if found not in ALGORITHMS:
        hint = closest(found, ALGORITHMS) or f"; there are {', '.join(ALGORITHMS)}"
        raise BadArgument(function, position, "algorithm", f"is no hash algorithm here: {name[:40]!r}{hint}")
    return found


def _decoded(function: str, text: str, *, url: bool, raw: bool) -> Data:
    try:
        data = decoded(text, url=url)
        return data if raw else data.decode()
    except BadEncoding as error:
        raise BadArgument(function, 1, "text", str(error)) from None
    except UnicodeDecodeError:
        raise BadArgument(function, 1, "text", "holds bytes that are no text; pass the option 'bytes'") from None
