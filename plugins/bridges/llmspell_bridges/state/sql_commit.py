"""One change of a space in a SQL database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from llmspell_bridges.state.store import Change, Conflict, Full, Unheld, Write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llmspell_bridges.state.store import Bounds

__all__ = ["Commit", "Transaction", "enter", "rows_of"]

_AT_ONCE = 500


class Transaction(Protocol):
    """Statements that take effect together."""

    def execute(self, sql: str, **values: Any) -> list[tuple[Any, ...]]: ...
    def change(self, sql: str, **values: Any) -> int: ...


class Commit:
    """One change of a space, within a transaction that has the row of the space.

    :param write: returns the text of a value
    :param now: the time by which values expire
    :param server_time: returns the time by which locks end
    """

    def __init__(
        self,
        transaction: Transaction,
        space: str,
        bounds: Bounds,
        write: Callable[[Any], str],
        now: float,
        server_time: Callable[[Transaction], float],
    ) -> None:
        self._transaction, self._space, self._bounds, self._write = transaction, space, bounds, write
        self._now, self._server_time = now, server_time
        self._used, self._past, self._entries, self._revision = enter(transaction, space)
        self._history = bounds.history
        self._present: dict[str, tuple[int, int, float | None]] = {}

    def make(self, change: Change) -> int:
        """Return the version of what was set; errors as :meth:`Store.commit`."""
        self._check(change)
        texts = {key: self._write(write.value) for key, write in change.writes.items() if write}
        sizes = {key: len(key.encode()) + len(text.encode()) for key, text in texts.items()}
        self._make_room(change, sizes)
        for key, write in change.writes.items():
            if key in self._present:
                self._leave(key, self._history if write is None or not write.same else 0)
            if write is not None:
                self._keep(key, texts[key], sizes[key], write)
            elif key in self._present:
                self._execute("DELETE FROM state_entries WHERE space = :space AND name = :name", name=key)
        self._execute(
            "UPDATE state_spaces SET used = :used, used_by_past = :past, entries = :entries, revision = :revision"
            " WHERE space = :space",
            used=self._used,
            past=self._past,
            entries=self._entries,
            revision=self._revision + 1,
        )
        return self._revision + 1

    def _check(self, change: Change) -> None:
        if change.lock is not None:
            self._check_lock(*change.lock)
        if change.revision not in (None, self._revision):
            raise Conflict
        keys = list({*change.expected, *change.writes})
        for name, version, size, expires in rows_of(
            self._transaction, "name, version, size, expires", self._space, keys
        ):
            self._present[bytes(name).decode()] = version, size, expires
        for key, wanted in change.expected.items():
            version, _, expires = self._present.get(key, (0, 0, None))
            if (0 if expires is not None and expires <= self._now else version) != wanted:
                raise Conflict

    def _check_lock(self, name: str, fence: int) -> None:
        rows = self._execute("SELECT fence, expires FROM state_locks WHERE space = :space AND name = :name", name=name)
        if not rows or rows[0][0] != fence or rows[0][1] <= self._server_time(self._transaction):
            raise Unheld(name)

    def _make_room(self, change: Change, sizes: dict[str, int]) -> None:
        try:
            self._check_room(change, sizes)
        except Full:
            self._forget_expired()
            self._execute("DELETE FROM state_past WHERE space = :space")
            self._past = self._history = 0
            self._check_room(change, sizes)

    def _check_room(self, change: Change, sizes: dict[str, int]) -> None:
        size, entries = self._used + self._past, self._entries
        for key, added in sizes.items():
            write = change.writes[key]
            # What a value replaces is counted as long as it is remembered.
            kept = self._history and write is not None and not write.same
            size += added - (0 if kept else self._present.get(key, (0, 0, None))[1])
            entries += key not in self._present
        self._bounds.check(size, entries)

    def _forget_expired(self) -> None:
        gone = self._execute(
            "DELETE FROM state_entries WHERE space = :space AND expires <= :now RETURNING name, size", now=self._now
        )
        for name, size in gone:
            self._used -= size
            self._entries -= 1
            self._present.pop(bytes(name).decode(), None)

    def _leave(self, key: str, history: int) -> None:
        """Count what a key has no more, and remember it so many times."""
        size = self._present[key][1]
        if history:
            self._execute(
                "INSERT INTO state_past (space, name, version, value, time, until, size)"
                " SELECT space, name, version, value, time, :now, size FROM state_entries"
                " WHERE space = :space AND name = :name",
                name=key,
                now=self._now,
            )
            forgotten = self._execute(
                "DELETE FROM state_past WHERE space = :space AND name = :name AND version <= (SELECT version FROM"
                " state_past WHERE space = :space AND name = :name ORDER BY version DESC LIMIT 1 OFFSET :history)"
                " RETURNING size",
                name=key,
                history=history,
            )
            self._past += size - sum(each for (each,) in forgotten)
        self._used -= size
        self._entries -= 1

    def _keep(self, key: str, text: str, size: int, write: Write) -> None:
        self._execute(
            "INSERT INTO state_entries (space, name, version, value, expires, time, size)"
            " VALUES (:space, :name, :version, :value, :expires, :time, :size)"
            " ON CONFLICT (space, name) DO UPDATE SET version = excluded.version, value = excluded.value,"
            " expires = excluded.expires, time = excluded.time, size = excluded.size",
            name=key,
            version=self._revision + 1,
            value=text,
            expires=write.expires,
            time=self._now,
            size=size,
        )
        self._used += size
        self._entries += 1

    def _execute(self, sql: str, *, name: str | None = None, **values: Any) -> list[tuple[Any, ...]]:
        if name is not None:
            values["name"] = name.encode()
        return self._transaction.execute(sql, space=self._space.encode(), **values)


def enter(transaction: Transaction, space: str) -> tuple[int, int, int, int]:
    """Take the row of a space, which nobody else has until the transaction ends, and return what it says."""
    [row] = transaction.execute(
        "INSERT INTO state_spaces (space, used, used_by_past, entries, revision, fence) VALUES (:space, 0, 0, 0, 0, 0)"
        " ON CONFLICT (space) DO UPDATE SET revision = state_spaces.revision"
        " RETURNING used, used_by_past, entries, revision",
        space=space.encode(),
    )
    return row


def rows_of(transaction: Transaction, what: str, space: str, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Return columns of what is kept under keys."""
    for start in range(0, len(keys), _AT_ONCE):
        names = {f"name{i}": key.encode() for i, key in enumerate(keys[start : start + _AT_ONCE])}
        wanted = ", ".join(f":{each}" for each in names)
        yield from transaction.execute(
            f"SELECT {what} FROM state_entries WHERE space = :space AND name IN ({wanted})",
            space=space.encode(),
            **names,
        )
