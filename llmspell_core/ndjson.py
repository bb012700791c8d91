"""Files of JSON lines that are appended to: the audit log, the trace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["LineFile"]


class LineFile:
    """Appends lines to a file that only its owner can read; a line that cannot be written raises.

    :param what: what the file is called in an error
    :raises UsageError: when the file cannot be opened
    """

    def __init__(self, path: str, what: str) -> None:
        self._what = what
        try:
            self._file: int | None = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise UsageError(f"cannot write {what} {path!r}: {error.strerror}") from error

    def append(self, line: str) -> None:
        """Append a line, whole or not at all."""
        if self._file is None:
            raise ValueError(f"{self._what} is closed")
        os.write(self._file, line.encode(errors="surrogatepass") + b"\n")

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
