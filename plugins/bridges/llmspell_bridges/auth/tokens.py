"""JSON Web Tokens: read, and verified with keys that fit how they are signed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llmspell_bridges.auth.failures import BadToken
from llmspell_bridges.missing import LibraryMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmspell_bridges.auth.records import VerifiedToken, VerifyOptions

__all__ = ["BadKey", "Key", "key_id", "key_of", "keys_of", "parse", "pick", "verify"]

_MOST = 65_536
_MOST_KEYS = 100
_RSA_BITS = (2048, 8192)
_OCTETS = (14, 4096)
"""Of a secret that signs: 112 bits is the least that can be called one."""
_FIT = {
    "oct": ("HS256", "HS384", "HS512"),
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA", "Ed25519"),
}
"""Which algorithms fit a key: never what the token alone says, so that a public key is no secret that signs."""

Key = Any
"""A key of the library's."""


class BadKey(ValueError):
    """What was given as a key is none, or none that can be relied on."""


def parse(token: str) -> VerifiedToken:
    """Return what a token says, and does not prove."""
    extracted = _extract(token)
    return {"header": dict(extracted.headers()), "claims": _claims(extracted.payload)}


def key_of(given: str | bytes | Mapping[str, Any]) -> Key:
    """Return a key: of text or bytes a secret, unless it is PEM; of a map or its JSON a JWK.

    :raises BadKey: when it is none, or too short or too long
    """
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise BadKey(f"it looks like a JWK, and is no JSON: {error}") from None
    if isinstance(given, (str, bytes)):
        return _of_text(given.encode() if isinstance(given, str) else given)
    return _of_jwk(given)


def keys_of(jwks: Mapping[str, Any], *, public: bool = False) -> list[Key]:
    """Return the keys of a JWK set that can verify signatures; others are passed over.

    :param public: pass over secrets, too: whoever can fetch one can sign
    """
    rows = jwks.get("keys")
    if not isinstance(rows, list) or len(rows) > _MOST_KEYS:
        raise BadKey(f"a JWK set has a list 'keys' of at most {_MOST_KEYS}")
    made = []
    for row in rows:
        if not isinstance(row, dict) or row.get("use", "sig") != "sig" or (public and row.get("kty") == "oct"):
            continue
        try:
            made.append(_of_jwk(row))
        except BadKey:
            continue  # a set may hold keys of kinds that are not for us
    return made


def key_id(token: str) -> str | None:
    """Return which key a token says that it was signed with."""
    found = _extract(token).headers().get("kid")
    return found if isinstance(found, str) else None


def pick(keys: Sequence[Key], token: str) -> Key | None:
    """Return the key of a set that a token names; without a name the only one that fits, or None."""
    header = _extract(token).headers()
    if (name := header.get("kid")) is not None:
        keys = [key for key in keys if key.kid == name]
    fitting = [key for key in keys if header.get("alg") in _FIT[key.key_type]]
    return fitting[0] if len(fitting) == 1 else None


def verify(token: str, key: Key, options: VerifyOptions, now: float) -> VerifiedToken:
    """Return what a token says, when it is signed with the key and says what it has to.

    :raises BadToken: when it is not
    """
    from joserfc import errors, jws

    extracted = _extract(token)
    allowed = _allowed(key, options.get("algorithms"), extracted.headers().get("alg"))
    registry = _registry(allowed)
    try:
        with _quiet():
            fits = jws.validate_compact(extracted, key, algorithms=allowed, registry=registry)
    except errors.BadSignatureError:
        raise BadToken("signature", "its signature is not by that key") from None
    except errors.JoseError as error:
        raise BadToken("malformed", str(error)) from None
    except ValueError as error:
        raise BadToken("key", f"the key does not fit: {error}") from None
    if not fits:
        raise BadToken("signature", "its signature is not by that key")
    claims = _claims(extracted.payload)
    _check_claims(claims, options, now)
    return {"header": dict(extracted.headers()), "claims": claims}


def _extract(token: str) -> Any:
    try:
        from joserfc import errors, jws
    except ModuleNotFoundError as error:
        raise LibraryMissing(error, "auth") from None
    if len(token) > _MOST:
        raise BadToken("malformed", f"it is longer than {_MOST} characters")
    if token.count(".") == 4:
        raise BadToken("malformed", "it is encrypted, and only signed tokens are read")
    try:
        extracted = jws.extract_compact(token.encode(), registry=_registry(None))
        header = extracted.headers()
    except (errors.JoseError, ValueError, UnicodeError, RecursionError, AttributeError, TypeError) as error:
        raise BadToken("malformed", f"it is no JWT: {error}") from None
    if not isinstance(header, dict) or not isinstance(header.get("alg"), str):
        raise BadToken("malformed", "its header does not say how it is signed")
    if "crit" in header:
        raise BadToken("malformed", "its header has extensions ('crit') that nobody here knows")
    return extracted


def _registry(algorithms: Sequence[str] | None) -> Any:
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    registry.max_header_length = 8192
    return registry


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise BadToken("malformed", "what it says is no map in JSON")
    return claims


def _allowed(key: Key, wanted: Sequence[str] | None, used: str) -> list[str]:
    fitting = _FIT[key.key_type]
    allowed = [name for name in fitting if wanted is None or name in wanted]
    if not allowed:
        raise BadToken(
            "algorithm", f"none of the algorithms allowed fits the key; for it there are {', '.join(fitting)}"
        )
    if used not in allowed:
        raise BadToken("algorithm", f"it is signed by {used[:40]!r}; allowed with this key: {', '.join(allowed)}")
    return allowed


def _check_claims(claims: dict[str, Any], options: VerifyOptions, now: float) -> None:
    from joserfc import errors, jwt

    wanted: dict[str, Any] = {name: {"essential": True} for name in options.get("require", ["exp"])}
    for name, option in (("iss", "issuer"), ("aud", "audience"), ("sub", "subject")):
        if option in options:
            wanted[name] = {"essential": True, "value": options[option]}  # type: ignore[literal-required]
    try:
        jwt.JWTClaimsRegistry(now=int(now), leeway=int(options.get("leeway", 0)), **wanted).validate(claims)
    except errors.ExpiredTokenError:
        raise BadToken("expired", f"it expired at {claims['exp']} (Unix seconds)", "exp") from None
    except errors.InsecureClaimError as error:
        raise BadToken("claim", str(error)) from None
    except errors.ClaimError as error:
        early = error.claim == "nbf" and isinstance(claims.get("nbf"), (int, float))
        reason, missing = "early" if early else "claim", isinstance(error, errors.MissingClaimError)
        problem = "is missing" if missing else "is in the future" if early else "is not what it has to be"
        raise BadToken(reason, f"its claim {error.claim!r} {problem}", error.claim) from None


def _of_text(data: bytes) -> Key:
    from joserfc import errors, jwk

    if b"-----BEGIN" in data[:200]:
        for kind in (jwk.RSAKey, jwk.ECKey, jwk.OKPKey):
            try:
                with _quiet():
                    return _checked(kind.import_key(data[:_MOST]))
            except (errors.JoseError, ValueError, TypeError, AttributeError) as error:
                if isinstance(error, BadKey):
                    raise
        raise BadKey("it is PEM, and no RSA, EC or Ed25519 key without a password")
    return _secret(data, None)


def _of_jwk(given: Mapping[str, Any]) -> Key:
    from joserfc import errors, jwk

    kinds: dict[str, Any] = {"RSA": jwk.RSAKey, "EC": jwk.ECKey, "OKP": jwk.OKPKey, "oct": jwk.OctKey}
    kind = given.get("kty")
    if not isinstance(kind, str) or kind not in kinds:
        raise BadKey(f"a JWK has a 'kty' of {', '.join(kinds)}")
    if any(isinstance(value, str) and len(value) > _OCTETS[1] * 2 for value in given.values()):
        raise BadKey("it is larger than any key that can be used")
    if kind == "oct":
        from llmspell_bridges.crypto.encodings import BadEncoding, decoded

        try:
            return _secret(decoded(str(given.get("k", "")), url=True), given.get("kid"))
        except BadEncoding as error:
            raise BadKey(str(error)) from None
    try:
        with _quiet():
            return _checked(kinds[kind].import_key(dict(given)))
    except BadKey:
        raise
    except (errors.JoseError, ValueError, TypeError, KeyError) as error:
        raise BadKey(f"it is no JWK: {error}") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Have the library not warn of what is refused here anyway, or is only old, as the name ``EdDSA``."""
    import warnings

    from joserfc.errors import SecurityWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield


def _secret(data: bytes, name: Any) -> Key:
    from joserfc import jwk

    least, most = _OCTETS
    if not least <= len(data) <= most:
        raise BadKey(f"a secret that signs has from {least} to {most} bytes, not {len(data)}")
    return jwk.OctKey.import_key(data, {"kid": name} if isinstance(name, str) else None)


def _checked(key: Key) -> Key:
    bits = getattr(key.raw_value, "key_size", None)
    if key.key_type == "RSA" and bits is not None and not _RSA_BITS[0] <= bits <= _RSA_BITS[1]:
        raise BadKey(f"an RSA key has from {_RSA_BITS[0]} to {_RSA_BITS[1]} bits, not {bits}")
    return key
