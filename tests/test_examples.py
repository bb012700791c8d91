"""Every example runs offline, from both languages, and prints what its README shows; what it does is really done."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmspell_core.checking import examine
from llmspell_core.cli.outcome import Outcome
from llmspell_core.cli.reporters import Text
from llmspell_core.plugins import bridge_names, engine_class, engine_names
from llmspell_core.spells import Spell

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parent.parent / "examples"
ENGINE = "third_party_engine"
"""The folder that holds no spell but a plugin, with tests of its own."""
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != ENGINE)
LANGUAGES = ("lua", "js")
PLACE = "process" if sys.platform == "linux" else "inline"
SITE = "127.0.0.1:8000"
"""Where the READMEs serve the website of the example ``research``."""

pytestmark = pytest.mark.skipif(
    not {*LANGUAGES} <= {*engine_names()} or not {"llm", "agent", "mcp"} <= {*bridge_names()},
    reason="llmspell-lua, llmspell-js and llmspell-bridges are not all installed",
)


class Server(ThreadingHTTPServer):
    """A server on loopback, and the lines of the requests that it saw."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), handler)
        self.place = f"127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class Noting:
    """What the handlers share: each notes what was asked."""

    server: Server

    def log_request(self, *_: object) -> None:
        self.server.seen.append(self.requestline.rpartition(" ")[0])  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Website(Noting, SimpleHTTPRequestHandler):
    """Serves the website of the example ``research``."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, directory=str(EXAMPLES / "research" / "site"))


class Shut(Noting, BaseHTTPRequestHandler):
    """Speaks for a provider that knows nobody."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"error": {"message": "no such key"}}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True)
class Shown:
    """Command lines of a README, and what each of them is shown to print."""

    folder: str
    commands: list[list[str]]
    output: str


def shown(name: str) -> list[Shown]:
    """Return what the README of an example shows."""
    folder, found = ".", []
    readme = (EXAMPLES / name / "README.md").read_text()
    for block in re.findall(r"^```console\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL):
        for commands, output in re.findall(r"((?:^\$ .*\n)+)((?:^(?!\$ ).*\n)*)", block, re.MULTILINE):
            lines = [shlex.split(line.removeprefix("$ ")) for line in commands.splitlines()]
            folder = next((words[1] for words in lines if words[0] == "cd"), folder)
            found.append(Shown(folder, [words for words in lines if words[0] != "cd"], output))
    return found


def command(name: str, language: str) -> tuple[str, list[str], str]:
    """Return the folder, the words and the output of the command line that casts an example in one language."""
    return next(
        (each.folder, words, each.output)
        for each in shown(name)
        for words in each.commands
        if words[:2] == ["llmspell", "run"] and words[2].endswith(f"spell.{language}")
    )


@pytest.fixture
def cast(tmp_path: Path) -> Any:
    """Cast a copy of an example by the command line of its README, with words added."""
    scripts = sysconfig.get_path("scripts")
    kept = {k: v for k, v in os.environ.items() if not k.endswith(("_API_KEY", "_BASE_URL")) and k != "LLMSPELL_MODEL"}
    env = {**kept, "PATH": os.pathsep.join([scripts, os.environ["PATH"]]), "LLMSPELL_HOME": str(tmp_path / "home")}

    def run(
        name: str, language: str, *more: str, without: str = "", site: str = SITE, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        copied(name, tmp_path / "examples" / name, site)
        folder, words, _ = command(name, language)
        words = shlex.split(shlex.join(words).replace(without, "", 1))
        place = [] if PLACE == "process" else ["--isolation", PLACE]
        return subprocess.run(
            [shutil.which("llmspell", path=env["PATH"]) or "llmspell", *words[1:], *place, *more],
            cwd=tmp_path / folder,
            env={**env, **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def copied(name: str, to: Path, site: str) -> None:
    """Copy an example; the address of the website in it becomes that of the server of the test."""
    if to.exists():
        return
    shutil.copytree(EXAMPLES / name, to)
    for spell in to.glob("spell.*"):
        spell.write_text(spell.read_text().replace(SITE, site))


@pytest.fixture
def site() -> Iterator[Server]:
    with Server(Website) as server:
        yield server


def as_text(told: dict[str, Any]) -> str:
    """Return what a cast prints where no other form of output is asked for."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        reporter = Text()
        reporter.output(told["output"], "info")
        reporter.end(Outcome(value=told["value"]))
    return out.getvalue()


def as_read(output: str) -> list[Any]:
    """Return the lines of an output; of a map in JSON the order of the fields is the language's."""
    lines = output.splitlines()
    return [json.loads(line) if line.startswith("{") else line for line in lines]


# All of them


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_both_spells_a_readme_and_a_row_in_the_index(name: str) -> None:
    spells = [Spell.load(EXAMPLES / name / f"spell.{language}") for language in LANGUAGES]
    assert spells[0].manifest == spells[1].manifest
    assert spells[0].manifest.description
    assert [command(name, language)[1][:2] for language in LANGUAGES] == [["llmspell", "run"]] * 2
    assert f"| [{name}]({name}/README.md) |" in (EXAMPLES / "README.md").read_text()


def test_the_index_has_no_row_too_many() -> None:
    rows = re.findall(r"^\| \[(\w+)\]", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted([*NAMES, ENGINE])


@pytest.mark.parametrize("name", NAMES)
def test_the_links_of_a_readme_lead_somewhere(name: str) -> None:
    page = EXAMPLES / name / "README.md"
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_an_example_asks_for_what_it_uses_and_nothing_is_wrong_with_it(name: str, language: str) -> None:
    engine = engine_class(language)()
    try:
        check = examine(Spell.load(EXAMPLES / name / f"spell.{language}"), engine)
    finally:
        engine.close()
    assert check.findings == ()


@pytest.mark.parametrize(
    "name", [name if name == "hello" else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]
)
def test_both_languages_print_what_the_readme_shows_and_return_the_same(name: str, cast: Any, site: Server) -> None:
    values = []
    for language in LANGUAGES:
        ran = cast(name, language, "--output", "json", site=site.place)
        assert (ran.returncode, ran.stderr) == (0, "")
        told = json.loads(ran.stdout)
        assert (told["error"], told["isolation"]["mode"]) == (None, PLACE)
        assert told["usage"]["requests"] > 0
        assert as_read(as_text(told)) == as_read(command(name, language)[2])
        values.append(told["value"])
    assert values[0] == values[1]


# What single ones do


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_command_line_of_a_readme_prints_what_stands_under_it(cast: Any, language: str) -> None:
    assert cast("handoff", language).stdout == command("handoff", language)[2]


def answers(path: Path, *replies: Any) -> list[str]:
    """Write a file of answers, and return the words that choose it."""
    path.write_text(json.dumps(list(replies)))
    return ["--model", f"mock:{path}"]


def test_a_chat_sends_what_was_said_before(cast: Any, language: str, tmp_path: Path) -> None:
    model = answers(tmp_path / "answers.json", "Hello!", {"echo": True})
    told = cast("chat", language, *model, "-p", "says=Hi", "-p", "says=And now?")
    sent = json.loads(told.stdout.splitlines()[-2].removeprefix("model: "))["messages"]
    assert [message["content"] for message in sent][1:] == ["Hi", "Hello!", "And now?"]


def test_a_comparison_tells_a_failure_beside_the_answers(cast: Any, language: str, tmp_path: Path) -> None:
    model = answers(tmp_path / "answers.json", {"error": {"reason": "refusal", "message": "not that"}})
    told = json.loads(
        cast("comparison", language, *model, "-p", f'models:=["demo", "{model[1]}"]', "--output", "json").stdout
    )
    assert list(told["value"]) == ["demo"]
    assert told["output"].endswith(": not that\n")


def test_the_fallback_goes_on_from_a_provider_that_refuses(cast: Any, language: str) -> None:
    with Server(Shut) as provider:
        told = cast(
            "fallback",
            language,
            *("-p", 'models:=["openai-compatible:x", "demo"]', "--allow-llm=openai-compatible:x"),
            LLMSPELL_OPENAI_BASE_URL=f"http://{provider.place}/v1",
            LLMSPELL_OPENAI_API_KEY="not-a-key",
        )
    first, *_, last = told.stdout.splitlines()
    assert provider.seen == ["POST /v1/chat/completions"]
    assert (first.startswith("no: openai-compatible:x: "), last, told.returncode) == (True, "demo", 0)


def test_the_researcher_fetches_the_pages(cast: Any, language: str, site: Server) -> None:
    assert cast("research", language, site=site.place).returncode == 0
    assert site.seen[0] == "GET /index.html"
    assert sorted(site.seen[1:3]) == ["GET /light.html", "GET /storm.html"]
    assert site.seen[3:] == ["GET /keepers.html"]


def test_the_researcher_fetches_nothing_without_the_grant(cast: Any, language: str, site: Server) -> None:
    told = cast("research", language, without="-P asked", site=site.place)
    assert (told.returncode, site.seen) == (8, [])
    assert f"none matches \"error (denied): http.get needs 'net:{site.place}'" in told.stderr


def test_the_summaries_are_written_where_that_is_granted(cast: Any, language: str, tmp_path: Path) -> None:
    assert cast("batch_summarizer", language).returncode == 0
    written = tmp_path / "examples" / "batch_summarizer" / "summaries"
    assert {path.name: path.read_text() for path in written.iterdir()} == {
        "bees.txt": "Bees tell each other by a dance where flowers are, and how far.\n",
        "lenses.txt": "By keeping only the surface of a lens, Fresnel made lighthouses bright and light.\n",
    }


@pytest.mark.parametrize(
    ("granted", "missing"), [([], "read:texts/*.txt"), (["--allow-read=texts"], "write:summaries")]
)
def test_no_file_is_touched_without_the_grants(
    cast: Any, language: str, tmp_path: Path, granted: list[str], missing: str
) -> None:
    told = cast("batch_summarizer", language, *granted, without="-P asked")
    assert (told.returncode, told.stdout) == (5, "")
    assert f"needs {missing!r}, which was not granted; the manifest asks for it" in told.stderr
    assert not (tmp_path / "examples" / "batch_summarizer" / "summaries").exists()


@pytest.mark.parametrize("written_in", LANGUAGES)
def test_code_mode_casts_what_the_model_writes(cast: Any, tmp_path: Path, written_in: str) -> None:
    code = {"language": written_in, "source": "return 123457 * 7919"}
    model = answers(
        tmp_path / "answers.json",
        {"tool_calls": [{"name": "llmspell_search_api", "arguments": {"query": "chat", "language": written_in}}]},
        {"match": "chat", "tool_calls": [{"name": "llmspell_run_code", "arguments": code}]},
        {"match": str(123457 * 7919), "text": "done"},
    )
    told = json.loads(cast("code_mode", written_in, *model, "--output", "json").stdout)
    assert (told["error"], told["value"], told["usage"]["requests"]) == (None, "done", 3)
    assert f"the model writes: {code['source']}\n" in told["output"]


def test_code_mode_starts_no_program_without_the_grant(cast: Any, language: str) -> None:
    told = cast("code_mode", language, without="-P asked")
    assert (told.returncode, "needs 'mcp:llmspell'" in told.stderr) == (5, True)
