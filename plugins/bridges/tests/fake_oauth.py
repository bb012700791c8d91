"""An authorization server on loopback, as strict as the standards, with a resource that its tokens open."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwk, jwt

REDIRECT = "https://app.example/back"


@cache
def _key(name: str) -> Any:
    return jwk.RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


class AuthorizationServer(ThreadingHTTPServer):
    """Knows a client with a secret, ``desk``, and one without, ``phone``; ``asked`` has what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.issuer = self.url
        self.clients = {"desk": "s3cret:of the/desk", "phone": None}
        self.now = 1_000_000.0
        self.lifetime: float | None = 300
        self.says: dict[str, Any] = {}  # fields of its description that are other than they should be
        self.answers: dict[str, Any] = {}  # fields of the next token answers that are other than they should be
        self.is_openid = True
        self.granted, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()
        self.rotates = True
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, float] = {}
        self.refreshes: dict[str, str] = {}
        self.keys = [_key("k1")]
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> AuthorizationServer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up."""

    def rotate(self, name: str) -> None:
        self.keys = [_key(name)]

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.keys[0].kid}, claims, self.keys[0])

    def times(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def token(self, client: str, nonce: str | None, scope: str, refreshable: bool) -> dict[str, Any]:
        access, refresh = f"at-{secrets.token_urlsafe(24)}", f"rt-{secrets.token_urlsafe(24)}"
        self.tokens[access] = self.now + (self.lifetime or 1e9)
        made: dict[str, Any] = {"access_token": access, "token_type": "Bearer"}
        if self.lifetime is not None:
            made["expires_in"] = self.lifetime
        if refreshable:
            made["refresh_token"] = refresh
            self.refreshes[refresh] = client
        if "openid" in scope.split():
            claims = {"iss": self.issuer, "aud": client, "sub": "ann", "nonce": nonce}
            made["id_token"] = self.sign({**claims, "iat": int(self.now), "exp": int(self.now) + 600})
        return {**made, **self.answers}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: AuthorizationServer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append((parts.path, query))
        getattr(self, "_get" + parts.path.replace("/", "_").replace(".", "").replace("-", "_"), self._missing)(query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = parse_qs(body, strict_parsing=True)
        assert all(len(values) == 1 for values in form.values()), "a parameter comes once"
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        fields = {name: values[0] for name, values in form.items()}
        path = urlsplit(self.path).path
        self.server.asked.append((path, fields))
        getattr(self, "_post" + path.replace("/", "_"), self._missing)(fields)

    def _send(self, status: int, value: Any = None, **headers: str) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def _missing(self, fields: dict[str, str]) -> None:
        self._send(404)

    def _get_well_known_openid_configuration(self, query: dict[str, str]) -> None:
        self._send(200, self._said()) if self.server.is_openid else self._send(404)

    def _get_well_known_oauth_authorization_server(self, query: dict[str, str]) -> None:
        self._send(200, self._said())

    def _said(self) -> dict[str, Any]:
        url = self.server.url
        return {
            "issuer": self.server.issuer,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "revocation_endpoint": f"{url}/revoke",
            "jwks_uri": f"{url}/jwks",
            "scopes_supported": ["openid", "read", "write"],
            "authorization_response_iss_parameter_supported": True,
            **self.server.says,
        }

    def _get_jwks(self, query: dict[str, str]) -> None:
        self._send(200, {"keys": [key.as_dict(private=False) for key in self.server.keys]})

    def _get_authorize(self, query: dict[str, str]) -> None:
        assert query["response_type"] == "code"
        assert query["client_id"] in self.server.clients
        assert query["redirect_uri"] == REDIRECT
        assert query["code_challenge_method"] == "S256"
        assert len(query["code_challenge"]) == 43
        assert len(query["state"]) >= 20
        code = f"code-{secrets.token_urlsafe(16)}"
        self.server.codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.server.issuer}
        self._send(302, Location=f"{REDIRECT}?{urlencode(back)}")

    def _get_resource(self, query: dict[str, str]) -> None:
        sent = self.headers.get("Authorization", "")
        if self.server.tokens.get(sent.removeprefix("Bearer "), 0) <= self.server.now:
            return self._send(401, {"error": "invalid_token"})
        return self._send(200, {"sent": sent, "text": f"you sent {sent}"})

    def _post_token(self, form: dict[str, str]) -> None:
        client = self._client(form)
        if client is None:
            return self._send(401, {"error": "invalid_client", "error_description": "who are you?"})
        kind = form.get("grant_type", "").replace("authorization_code", "code")
        grant = getattr(self, f"_grant_{kind}", None)
        made = grant(client, form) if grant is not None else {"error": "unsupported_grant_type"}
        self.server.granted.set()
        self.server.may_answer.wait(30)
        return self._send(400 if "error" in made else 200, made)

    def _post_revoke(self, form: dict[str, str]) -> None:
        if self._client(form) is None:
            return self._send(401, {"error": "invalid_client"})
        self.server.refreshes.pop(form["token"], None)
        self.server.tokens.pop(form["token"], None)
        return self._send(200)

    def _client(self, form: dict[str, str]) -> str | None:
        if (sent := self.headers.get("Authorization")) is not None:
            assert "client_secret" not in form, "one way to prove oneself at a time"
            name, _, secret = base64.b64decode(sent.removeprefix("Basic ")).decode().partition(":")
            name, given = unquote(name), unquote(secret)
        else:
            name, given = form.get("client_id", ""), form.get("client_secret")
        known = name in self.server.clients and self.server.clients[name] == given
        return name if known else None

    def _grant_code(self, client: str, form: dict[str, str]) -> dict[str, Any]:
        asked = self.server.codes.pop(form.get("code", ""), None)
        if asked is None or asked["client_id"] != client or asked["redirect_uri"] != form.get("redirect_uri"):
            return {"error": "invalid_grant", "error_description": "no such code"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return {"error": "invalid_grant", "error_description": "the verifier does not fit"}
        return self.server.token(client, asked.get("nonce"), asked.get("scope", ""), True)

    def _grant_client_credentials(self, client: str, form: dict[str, str]) -> dict[str, Any]:
        if self.server.clients[client] is None:
            return {"error": "unauthorized_client"}
        return {**self.server.token(client, None, "", False), "scope": form.get("scope", "")}

    def _grant_refresh_token(self, client: str, form: dict[str, str]) -> dict[str, Any]:
        if self.server.refreshes.get(form.get("refresh_token", "")) != client:
            return {"error": "invalid_grant", "error_description": "the token was revoked"}
        if self.server.rotates:
            del self.server.refreshes[form["refresh_token"]]
        return self.server.token(client, None, "", self.server.rotates)
