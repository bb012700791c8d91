"""The metrics and the health of the runs over HTTP."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from llmspell_bridges.observability.health import Health

__all__ = ["Server"]


class Server:
    """Answers ``GET /metrics`` and ``GET /healthz`` in a thread of its own.

    :raises UsageError: when nobody can listen there
    """

    def __init__(self, host: str, port: int, registry: Any, health: Health) -> None:
        class Handler(_Handler):
            pass

        Handler.registry, Handler.health = registry, health
        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except (OSError, OverflowError) as error:
            raise UsageError(f"nobody can listen at {host}:{port}: {error}; choose another port") from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, name="llmspell-metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait until it has stopped."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    registry: Any
    health: Health
    timeout = 10  # seconds that a client may take for its request

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            from prometheus_client.exposition import choose_encoder

            encode, kind = choose_encoder(self.headers.get("Accept", ""))
            self._answer(200, kind, encode(self.registry))
        elif path == "/healthz":
            ok, report = self.health.report()
            self._answer(200 if ok else 503, "application/json", json.dumps(report).encode())
        else:
            self._answer(404, "text/plain; charset=utf-8", b"there are /metrics and /healthz\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a scrape every few seconds is no news."""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
