"""Promises/A+: the public suite for promises, run on those of Lua."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from llmspell_core.protocol import Call, Inbox, Outbox, Reject, Resolve, Start
from llmspell_core.values import ErrorValue

if TYPE_CHECKING:
    from llmspell_core.engine import Session

HERE = Path(__file__).parent / "aplus"
CASES = 872


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    """The folder of the suite, installed there."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed, and Promises/A+ is written for it")
    folder = tmp_path_factory.mktemp("aplus")
    shutil.copy(HERE / "package.json", folder)
    install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"npm could not install Promises/A+: {done.stderr.strip().splitlines()[-1]}")
    return folder


class Asked:
    """A session that waits to be told what to do with promises."""

    def __init__(self, session: Session) -> None:
        self._session, self._next = session, 0

    def begin(self) -> list[list[Any]]:
        return self._calls(self._session.step(Inbox(0.0, (Start({}, 1, ("probe",)),))))

    def take(self, message: dict[str, Any]) -> list[list[Any]]:
        """Hand over what the suite asks, or answers; return what the session wants to know."""
        if "ask" in message:
            event: Resolve | Reject = Resolve(self._next, message["ask"])
        elif "answer" in message:
            event = Resolve(*message["answer"])
        else:
            call, thrown = message["failure"]
            event = Reject(call, ErrorValue("thrown", "the suite threw", thrown))
        return self._calls(self._session.step(Inbox(0.0, (event,))))

    def _calls(self, outbox: Outbox) -> list[list[Any]]:
        assert all(isinstance(request, Call) for request in outbox.requests), outbox
        calls = [request for request in outbox.requests if isinstance(request, Call)]
        self._next = next((call.id for call in calls if call.method == "next"), self._next)
        return [[call.id, call.method, list(call.args)] for call in calls]


def serve(asked: Asked, questions: IO[str], answers: IO[str]) -> None:
    print(json.dumps(asked.begin()), file=answers, flush=True)
    for line in questions:
        print(json.dumps(asked.take(json.loads(line))), file=answers, flush=True)


@pytest.mark.slow
def test_promises_pass_promises_a_plus(suite, open_session):
    asked = Asked(open_session((HERE / "promises.lua").read_text()))
    (from_node, to_python), (from_python, to_node) = os.pipe(), os.pipe()
    # The adapter finds its ends at 3 and 4, wherever they were.
    plumbing = f'exec 3>&{to_python} 4<&{from_python}; exec node "$0" "$1"'
    command = ["bash", "-c", plumbing, str(HERE / "adapter.js"), str(suite)]
    with subprocess.Popen(command, pass_fds=(to_python, from_python), stdout=subprocess.PIPE, text=True) as node:
        os.close(to_python)
        os.close(from_python)
        with os.fdopen(from_node) as questions, os.fdopen(to_node, "w") as answers:
            serve(asked, questions, answers)
        said = node.communicate()[0]
    assert json.loads(said.splitlines()[-1]) == {"passed": CASES, "failed": 0}, said
