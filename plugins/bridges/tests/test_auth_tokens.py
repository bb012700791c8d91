"""JSON Web Tokens: what proves something, and what only looks as if it did."""

from __future__ import annotations

import base64
import json
import warnings

import pytest

pytest.importorskip("joserfc")

from joserfc import jwk, jwt
from llmspell_bridges.auth import tokens
from llmspell_bridges.auth.failures import BadToken

NOW = 1_000_000.0
SECRET = "a secret of thirty-two bytes...."
CLAIMS = {"iss": "https://id.example", "aud": ["api", "web"], "sub": "ann", "exp": NOW + 60, "roles": ["admin"]}


@pytest.fixture(scope="module")
def rsa():
    return jwk.RSAKey.generate_key(2048, {"kid": "r"})


@pytest.fixture(scope="module")
def ec():
    return jwk.ECKey.generate_key("P-256", {"kid": "e"})


def signed(claims, key, algorithm, **header):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode({"alg": algorithm, **header}, claims, key, algorithms=[algorithm])


def by_secret(claims=CLAIMS, **header):
    return signed(claims, jwk.OctKey.import_key(SECRET), "HS256", **header)


def made(header, payload, signature=b""):
    parts = [header if isinstance(header, bytes) else json.dumps(header).encode(), payload, signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def verify(token, key=SECRET, **options):
    return tokens.verify(token, tokens.key_of(key), options, NOW)


def refused(token, key=SECRET, **options):
    with pytest.raises(BadToken) as caught:
        verify(token, key, **options)
    return caught.value.data["reason"]


def test_a_token_is_read_and_verified_by_each_kind_of_key(rsa, ec):
    okp = jwk.OKPKey.generate_key("Ed25519")
    assert verify(by_secret())["claims"] == CLAIMS
    assert verify(by_secret(), SECRET.encode())["header"]["alg"] == "HS256"
    for key, algorithm in ((rsa, "RS256"), (rsa, "PS512"), (ec, "ES256"), (okp, "EdDSA")):
        token = signed(CLAIMS, key, algorithm)
        assert verify(token, key.as_pem(private=False).decode())["claims"] == CLAIMS
        assert verify(token, key.as_dict(private=False))["claims"] == CLAIMS
        assert verify(token, json.dumps(key.as_dict(private=False)))["claims"] == CLAIMS


def test_what_a_token_says_is_read_without_a_key():
    assert tokens.parse(by_secret(kid="x")) == {
        "header": {"typ": "JWT", "alg": "HS256", "kid": "x"},
        "claims": CLAIMS,
    }


def test_an_unsigned_token_proves_nothing(rsa):
    for name in ("none", "None", "NONE", ""):
        for signature in (b"", b"x"):
            token = made({"alg": name}, json.dumps(CLAIMS).encode(), signature)
            assert refused(token) == "algorithm"
            assert refused(token, rsa.as_dict(private=False)) == "algorithm"
            assert refused(token, algorithms=["none", "HS256"]) == "algorithm"


def test_a_public_key_is_no_secret_that_signs(rsa):
    pem = rsa.as_pem(private=False)
    import hashlib
    import hmac

    head = made({"alg": "HS256"}, json.dumps(CLAIMS).encode()).rpartition(".")[0]
    code = hmac.new(pem, head.encode(), hashlib.sha256).digest()
    forged = f"{head}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"
    assert refused(forged, pem.decode()) == "algorithm"
    assert refused(forged, pem.decode(), algorithms=["HS256"]) == "algorithm"


def test_only_the_algorithms_that_are_allowed_count(rsa):
    token = signed(CLAIMS, rsa, "RS256")
    assert refused(token, rsa.as_dict(private=False), algorithms=["PS256"]) == "algorithm"
    assert verify(token, rsa.as_dict(private=False), algorithms=["PS256", "RS256"])["claims"] == CLAIMS


def test_a_changed_token_is_refused():
    head, body, code = by_secret().split(".")
    other = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "sub": "eve"}).encode()).decode().rstrip("=")
    assert refused(f"{head}.{other}.{code}") == "signature"
    assert refused(f"{head}.{body}.{code[:-4]}AAAA") == "signature"
    assert refused(by_secret(), "another secret of thirty-two byte") == "signature"


@pytest.mark.parametrize(
    ("change", "options", "reason", "claim"),
    [
        ({"exp": NOW - 1}, {}, "expired", "exp"),
        ({"exp": None}, {}, "claim", "exp"),
        ({"exp": "soon"}, {}, "claim", "exp"),
        ({"nbf": NOW + 10}, {}, "early", "nbf"),
        ({"iat": NOW + 10}, {}, "claim", "iat"),
        ({}, {"issuer": "https://evil.example"}, "claim", "iss"),
        ({"iss": None}, {"issuer": "https://id.example"}, "claim", "iss"),
        ({}, {"audience": "other"}, "claim", "aud"),
        ({"aud": None}, {"audience": "api"}, "claim", "aud"),
        ({}, {"subject": "eve"}, "claim", "sub"),
        ({}, {"require": ["jti"]}, "claim", "jti"),
    ],
)
def test_a_claim_that_is_not_what_it_has_to_be_is_named(change, options, reason, claim):
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    token = made({"alg": "HS256"}, json.dumps(claims).encode())
    head = token.rpartition(".")[0]
    import hashlib
    import hmac

    code = hmac.new(SECRET.encode(), head.encode(), hashlib.sha256).digest()
    token = f"{head}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"
    with pytest.raises(BadToken) as caught:
        verify(token, **options)
    assert caught.value.data == {"reason": reason, "claim": claim}


def test_claims_that_are_as_they_have_to_be_are_taken():
    late = by_secret({**CLAIMS, "exp": NOW - 5})
    assert verify(late, leeway=10)["claims"]["sub"] == "ann"
    assert verify(by_secret(), issuer="https://id.example", audience="web", subject="ann")["claims"]["sub"] == "ann"
    assert verify(by_secret({"sub": "ann"}), require=[])["claims"] == {"sub": "ann"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "a.b",
        "a.b.c",
        "....",
        "a.b.c.d.e",
        "ü.ü.ü",
        "x" * 100_000,
        "." * 100_000,
        made([], b"{}"),
        made({}, b"{}"),
        made({"alg": 7}, b"{}"),
        made(b"\xff\xfe", b"{}"),
        made(b"{" * 5000, b"{}"),
        made({"alg": "HS256", "crit": ["x"], "x": 1}, b"{}"),
        made({"alg": "HS256", "b64": False, "crit": ["b64"]}, b"{}"),
    ],
)
def test_what_is_no_token_is_refused(token):
    assert refused(token) == "malformed"
    with pytest.raises(BadToken):
        tokens.parse(token)


@pytest.mark.parametrize("payload", [b"", b"[]", b"7", b"null", b"\xff", b"[" * 50_000])
def test_what_says_no_map_is_refused(payload):
    from joserfc import jws

    token = jws.serialize_compact({"alg": "HS256"}, payload, jwk.OctKey.import_key(SECRET))
    assert refused(token) == "malformed"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("short", "from 14 to 4096 bytes, not 5"),
        ("", "not 0"),
        ("x" * 5000, "not 5000"),
        ("{", "no JSON"),
        ({}, "'kty'"),
        ({"kty": "XX"}, "'kty'"),
        ({"kty": ["RSA"]}, "'kty'"),
        ({"kty": "RSA"}, "no JWK"),
        ({"kty": "RSA", "n": "x" * 100_000, "e": "AQAB"}, "larger than any key"),
        ({"kty": "oct", "k": "c2hvcnQ"}, "not 5"),
        ({"kty": "oct", "k": "%%%"}, "base64url"),
        ("-----BEGIN PUBLIC KEY-----\nnothing\n-----END PUBLIC KEY-----", "no RSA, EC or Ed25519"),
    ],
)
def test_what_is_no_key_is_told(key, problem):
    with pytest.raises(tokens.BadKey, match=problem):
        tokens.key_of(key)


def test_a_key_that_is_too_short_to_rely_on_is_refused():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa as hazmat

    small = hazmat.generate_private_key(65537, 1024).public_key()
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(tokens.BadKey, match="2048 to 8192 bits, not 1024"):
        tokens.key_of(small.public_bytes(*form).decode())


def test_of_a_set_the_key_is_taken_that_the_token_names_and_that_fits(rsa, ec):
    rows = [rsa.as_dict(private=False), ec.as_dict(private=False), {"kty": "ZZ"}, {**rsa.as_dict(), "use": "enc"}]
    keys = tokens.keys_of({"keys": rows})
    assert [key.kid for key in keys] == ["r", "e"]
    assert tokens.pick(keys, signed(CLAIMS, rsa, "RS256", kid="r")).kid == "r"
    assert tokens.pick(keys, signed(CLAIMS, ec, "ES256")).kid == "e"
    assert tokens.pick(keys, signed(CLAIMS, ec, "ES256", kid="r")) is None
    assert tokens.pick(keys, signed(CLAIMS, ec, "ES256", kid="unknown")) is None
    for wrong in ({}, {"keys": "x"}, {"keys": [{}] * 101}):
        with pytest.raises(tokens.BadKey, match="list 'keys'"):
            tokens.keys_of(wrong)
