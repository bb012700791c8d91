"""A web server on loopback, which answers as its paths say and remembers what it was asked."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Web(ThreadingHTTPServer):
    """Serves until it is closed; ``asked`` has what came, ``held`` ends the answers that wait."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.found: dict[str, Any] = {}
        self.busy: list[tuple[int, dict[str, str]]] = []
        self.held = threading.Event()
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.held.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Web

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        query = parse_qsl(parts.query)
        asked = {
            "method": self.command,
            "path": parts.path,
            "query": [list(row) for row in query],
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(size).decode("latin-1"),
        }
        self.server.asked.append(asked)
        getattr(self, "_" + parts.path.strip("/").replace("/", "_"), self._missing)(dict(query), asked)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _missing(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self._send(404, b"nothing here", Content_Type="text/plain")

    def _found(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self._send(200, json.dumps(self.server.found).encode(), Content_Type="application/json")

    def _echo(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self._send(200, json.dumps(asked).encode(), Content_Type="application/json; charset=utf-8")

    def _say(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self._send(200, query["body"].encode("latin-1"), Content_Type=query.get("type", "text/plain"))

    def _go(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self._send(int(query.get("status", "302")), Location=query["to"])

    def _around(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self._send(302, Location="/around")

    def _big(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self._send(200, b"x" * int(query["size"]))

    def _chunked(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(int(query["size"]) // 1000):
            self.wfile.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _packed(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        pack = {"gzip": gzip.compress, "deflate": zlib.compress, "raw": lambda data: zlib.compress(data)[2:-4]}
        name = query["as"]
        body = pack.get(name, lambda data: data)(b"x" * int(query["size"]))
        self._send(200, body, Content_Encoding="deflate" if name == "raw" else query.get("called", name))

    def _slow(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"x")
        self.wfile.flush()
        self.server.held.wait()
        self.close_connection = True

    def _hang(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self.server.held.wait()
        self.close_connection = True

    def _drop(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        self.close_connection = True

    def _busy(self, query: dict[str, str], asked: dict[str, Any]) -> None:
        status, headers = self.server.busy.pop(0) if self.server.busy else (200, {})
        self._send(status, **headers)
