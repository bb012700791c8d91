"""Databases by URL: one set of statements, SQLite without a library and PostgreSQL through SQLAlchemy."""

import asyncio
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from llmspell_core.database import Database, DatabaseError, open_database
from llmspell_core.errors import UsageError


@pytest.fixture(params=["memory", "file", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    urls = {"memory": "sqlite://", "file": f"sqlite:///{tmp_path}/kept.db"}
    opened = open_database(urls.get(request.param) or request.getfixturevalue("postgres"))
    yield opened
    opened.close()
    opened.close()


@pytest.fixture
def table(database: Database) -> Iterator[str]:
    name = f"things_{uuid4().hex}"
    with database.transaction() as transaction:
        transaction.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, what TEXT)")
    yield name
    with database.transaction() as transaction:
        transaction.execute(f"DROP TABLE {name}")


def test_a_transaction_is_kept_whole(database: Database, table: str) -> None:
    with database.transaction() as transaction:
        assert transaction.change(f"INSERT INTO {table} VALUES (:id, :what)", id=1, what="a") == 1
        assert transaction.change(f"INSERT INTO {table} VALUES (:id, :what)", id=2, what="b") == 1
    with database.transaction() as transaction:
        assert transaction.execute(f"SELECT what FROM {table} ORDER BY id") == [("a",), ("b",)]


def test_a_transaction_that_raises_leaves_nothing(database: Database, table: str) -> None:
    def work() -> None:
        with database.transaction() as transaction:
            transaction.change(f"INSERT INTO {table} VALUES (1, 'a')")
            raise KeyError("x")

    with pytest.raises(KeyError):
        work()
    with database.transaction() as transaction:
        assert transaction.execute(f"SELECT * FROM {table}") == []


def test_a_wrong_statement_names_the_database_and_undoes_the_rest(database: Database, table: str) -> None:
    def work() -> None:
        with database.transaction() as transaction:
            transaction.change(f"INSERT INTO {table} VALUES (1, 'a')")
            transaction.execute("SELECT * FROM no_such_table")

    with pytest.raises(DatabaseError, match="no_such_table") as seen:
        work()
    assert (seen.value.url, seen.value.passing) == (database.url, False)
    with database.transaction() as transaction:
        assert transaction.execute(f"SELECT * FROM {table}") == []


def test_work_is_done_in_a_transaction_of_its_own(database: Database, table: str) -> None:
    async def story() -> list[tuple[object, ...]]:
        await database.run(lambda t: t.change(f"INSERT INTO {table} VALUES (7, NULL)"))
        return await database.run(lambda t: t.execute(f"SELECT id, what FROM {table}"))

    assert asyncio.run(story()) == [(7, None)]


def test_many_at_once_lose_nothing(database: Database, table: str) -> None:
    def add(transaction: object) -> None:
        [(most,)] = transaction.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # type: ignore[attr-defined]
        transaction.change(f"INSERT INTO {table} VALUES (:id, NULL)", id=most + 1)  # type: ignore[attr-defined]

    async def story() -> None:
        added = 0
        while added < 20:
            done = await asyncio.gather(*(database.run(add) for _ in range(20 - added)), return_exceptions=True)
            added += sum(not isinstance(each, DatabaseError) for each in done)

    asyncio.run(story())
    with database.transaction() as transaction:
        assert transaction.execute(f"SELECT COUNT(*), MAX(id) FROM {table}") == [(20, 20)]


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/new/kept.db").close()
    assert stat.S_IMODE((tmp_path / "new/kept.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_password_is_in_no_message() -> None:
    with pytest.raises(DatabaseError) as seen:
        open_database("postgresql://nobody:hidden-word@127.0.0.1:1/none")
    assert "hidden-word" not in str(seen.value)
    assert seen.value.passing


def test_a_server_that_is_cut_off_is_given_up_in_time_unless_the_url_says_else(postgres: str) -> None:
    for url, wait in ((postgres, "10"), (f"{postgres}?connect_timeout=3", "3")):
        database: Any = open_database(url)
        with database.engine.connect() as connection:
            said = connection.connection.driver_connection.info.get_parameters()
        assert (said["connect_timeout"], said["tcp_user_timeout"]) == (wait, "20000")
        database.close()


def test_a_connection_that_has_gone_while_nobody_used_it_is_replaced(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmspell_core.servers._FRESH", 0.0)
    database, other = open_database(postgres, connections=1), open_database(postgres)
    with database.transaction() as transaction:
        [(process,)] = transaction.execute("SELECT pg_backend_pid()")
    with other.transaction() as transaction:
        assert transaction.execute("SELECT pg_terminate_backend(:process, 5000)", process=process) == [(True,)]
    with database.transaction() as transaction:
        assert transaction.execute("SELECT pg_backend_pid() <> :process", process=process) == [(True,)]
    database.close()
    other.close()


def test_a_file_that_cannot_grow_may_do_so_later(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/kept.db", ("CREATE TABLE IF NOT EXISTS things (what TEXT)",))
    with database.transaction() as transaction:
        transaction.execute("PRAGMA max_page_count = 8")

    def fill() -> None:
        with database.transaction() as transaction:
            transaction.change("INSERT INTO things VALUES (:what)", what="x" * 100_000)

    with pytest.raises(DatabaseError, match="full") as seen:
        fill()
    assert seen.value.passing
    database.close()


@pytest.mark.parametrize(("state", "passing"), [("53100", True), ("57P01", True), ("25006", True), ("54000", False)])
def test_what_a_server_refuses_for_now_is_told_from_what_it_will_not_do(
    postgres: str, state: str, passing: bool
) -> None:
    database = open_database(postgres)

    def refused() -> None:
        with database.transaction() as transaction:
            transaction.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")

    with pytest.raises(DatabaseError) as seen:
        refused()
    assert seen.value.passing is passing
    database.close()


@pytest.mark.parametrize("url", ["kept.db", "nosuch://x/y"])
def test_what_is_no_database_is_told(url: str) -> None:
    with pytest.raises(UsageError, match="database"):
        open_database(url)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept.db").write_text("this is no database, whatever its name says; " * 40)
    with pytest.raises(DatabaseError, match=r"kept\.db"):
        open_database(f"sqlite:///{tmp_path}/kept.db")


def test_sqlite_needs_no_library(tmp_path: Path) -> None:
    code = (
        "import sys; from llmspell_core.database import open_database;"
        f"open_database('sqlite:///{tmp_path}/kept.db').close();"
        "print('sqlalchemy' in sys.modules, 'asyncio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_two_connections_of_one_process_do_not_let_go_of_each_others_locks(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    first = open_database(f"sqlite:///{path}", ["CREATE TABLE things (id INTEGER PRIMARY KEY)"])
    second = open_database(f"sqlite:///{path}")
    # The last one to close a database removes its log; another process must not take itself for the last.
    look = f"import sqlite3; c = sqlite3.connect({str(path)!r}); print(c.execute('SELECT * FROM things').fetchall())"
    subprocess.run([sys.executable, "-c", look], check=True, capture_output=True)
    with first.transaction() as transaction:
        transaction.change("INSERT INTO things VALUES (1)")
    seen = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    assert seen.stdout == "[(1,)]\n"
    second.close()
    first.close()


def test_no_more_connections_are_open_than_asked_for(postgres: str) -> None:
    database = open_database(postgres, connections=1)
    with ThreadPoolExecutor(4) as threads:
        used = set(threads.map(lambda _: _value(database, "SELECT pg_backend_pid()"), range(20)))
    database.close()
    assert len(used) == 1


def test_many_may_make_the_same_tables_at_once(postgres: str) -> None:
    name = f"things_{uuid4().hex}"
    schema = (f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER)", f"CREATE INDEX IF NOT EXISTS {name}_by ON {name} (id)")
    begin = threading.Barrier(8)

    def make(_: int) -> Database:
        begin.wait()
        return open_database(postgres, schema)

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, range(8)))
    for each in made:
        each.close()
    _drop(postgres, name)


def test_tables_that_are_there_are_opened_while_others_write(postgres: str) -> None:
    name = f"things_{uuid4().hex}"
    schema = (f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER)", f"CREATE INDEX IF NOT EXISTS {name}_by ON {name} (id)")
    database = open_database(postgres, schema)
    with database.transaction() as transaction:
        transaction.change(f"INSERT INTO {name} VALUES (1)")
        open_database(f"{postgres}?options=-c%20lock_timeout%3D5s", schema).close()
    database.close()
    _drop(postgres, name)


def test_a_transaction_whose_process_is_stopped_holds_nobody_up(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"things_{uuid4().hex}"
    monkeypatch.setattr("llmspell_core.servers._STOPPED", 0.2)
    stopped = open_database(postgres, (f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER)",))
    other = open_database(f"{postgres}?options=-c%20lock_timeout%3D60s")
    with stopped.transaction() as transaction:
        transaction.change(f"INSERT INTO {name} VALUES (1)")

    def stop_within() -> None:
        with stopped.transaction() as transaction:
            transaction.change(f"UPDATE {name} SET id = 2")
            with other.transaction() as another:
                assert another.change(f"UPDATE {name} SET id = 3 WHERE id = 1") == 1

    with pytest.raises(DatabaseError):
        stop_within()
    assert _value(other, f"SELECT id FROM {name}") == 3
    for each in (stopped, other):
        each.close()
    _drop(postgres, name)


def test_no_statement_is_prepared_as_a_pooler_would_lose_it(postgres: str) -> None:
    database = open_database(postgres)
    with database.transaction() as transaction:
        for number in range(20):
            transaction.execute("SELECT :number + 1", number=number)
        assert transaction.execute("SELECT COUNT(*) FROM pg_prepared_statements") == [(0,)]
    database.close()


def _value(database: Database, sql: str) -> object:
    with database.transaction() as transaction:
        return transaction.execute(sql)[0][0]


def _drop(url: str, table: str) -> None:
    database = open_database(url)
    with database.transaction() as transaction:
        transaction.execute(f"DROP TABLE {table}")
    database.close()
