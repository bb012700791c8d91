"""What no attack may touch: a file, a server and an environment variable, all with one secret."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

from llmspell_core.policy import Policy

SECRET = "canary-5e1f0c7d9b"
"""What must never be seen by a spell, nor come from one."""
VARIABLE, OPEN_VARIABLE = "LLMSPELL_CANARY", "LLMSPELL_OPEN"


def policy(params: dict[str, Any]) -> Policy:
    """Return what every attack is granted."""
    granted = (f"read:{params['open']}", f"write:{params['open']}/sub", f"net:127.0.0.1:{params['granted_port']}")
    policy = Policy.standard().allow(*granted, f"env:{OPEN_VARIABLE}", "state:*")
    return policy.deny(f"read:{params['open']}/denied")


class Server:
    """A server on loopback that counts its connections, and answers each with one text."""

    def __init__(self, answer: str) -> None:
        self.connections = 0
        self._answer = answer.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # Closing alone does not wake a thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(65536)
                    connection.sendall(self._answer)
                except OSError:
                    continue


class Canaries:
    """A folder of which a part is granted, two servers of which one is, two variables of which one is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open = folder / "open"
        (self.open / "sub").mkdir(parents=True)
        (folder / "secret").write_text(SECRET)
        (folder / "open-too").mkdir()
        (folder / "open-too" / "secret").write_text(SECRET)
        (self.open / "note").write_text("granted")
        (self.open / "denied").write_text(SECRET)
        (self.open / "link").symlink_to(folder / "secret")
        (self.open / "up").symlink_to(folder)
        (self.open / "second-name").hardlink_to(folder / "secret")
        os.environ[VARIABLE], os.environ[OPEN_VARIABLE] = SECRET, "granted"
        body = f"HTTP/1.1 200 OK\r\nContent-Length: {len(SECRET)}\r\nConnection: close\r\n\r\n{SECRET}"
        self.server = Server(body)
        where = f"http://127.0.0.1:{self.server.port}/redirected"
        self.granted_server = Server(
            f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        self._tree = self._files()

    def close(self) -> None:
        self.server.close()
        self.granted_server.close()
        for name in (VARIABLE, OPEN_VARIABLE):
            del os.environ[name]

    @property
    def params(self) -> dict[str, Any]:
        """What every attack is told."""
        return {
            "secret": str(self.folder / "secret"),
            "folder": str(self.folder),
            "open": str(self.open),
            "port": self.server.port,
            "granted_port": self.granted_server.port,
            "variable": VARIABLE,
            "open_variable": OPEN_VARIABLE,
        }

    def changed(self) -> list[str]:
        """Return the files outside the folder that may be written that are not as they were."""
        now = self._files()
        return sorted(name for name in now.keys() | self._tree.keys() if now.get(name) != self._tree.get(name))

    def _files(self) -> dict[str, str]:
        found = {}
        for parent, folders, files in os.walk(self.folder):
            if parent == str(self.open / "sub"):
                continue
            for name in [*folders, *files]:
                path = Path(parent, name)
                found[str(path)] = path.read_text() if path.is_file() else "no file"
        return found
