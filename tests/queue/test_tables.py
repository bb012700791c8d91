"""The tables of a new database are made once, however many come at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from llmspell_core.queue import Ledger


@pytest.mark.parametrize("any_url", ["postgresql"], indirect=True)
def test_whoever_comes_first_makes_them_and_the_others_wait(any_url: str, make_job: Any) -> None:
    begin = threading.Barrier(4)

    def submit(number: int) -> str:
        begin.wait()
        with Ledger(any_url) as ledger:
            return ledger.submit(make_job("return 1"), id=f"job-{number}")

    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(submit, range(4)))
    with Ledger(any_url) as ledger:
        assert {job.id for job in ledger.jobs()} == made
