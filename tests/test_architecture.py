"""The house rules that can be read off the files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ROOT / "llmspell_core"

# A module may import from its own row and from the rows above it.
LAYERS = (
    ("facts", "errors", "values", "ndjson", "amounts", "subjects", "present", "forking"),
    (
        "protocol",
        "limits",
        "budget",
        "measures",
        "config",
        "docstrings",
        "frontmatter",
        "entrypoints",
        "scopes",
        "policy",
        "rates",
        "audit",
        "guard",
        "actions",
        "standing",
        "points",
        "background",
        "deadlines",
        "secretlogs",
        "secrets",
        "database",
        "servers",
        "versions",
        "yamltext",
    ),
    ("wire", "manifests", "sources", "spells", "stubs", "uses", "arguments", "intake"),
    ("signatures", "telling"),
    ("engine", "bridge", "converter", "annotations", "from_map", "settings", "veils"),
    ("hookspecs", "programs", "contracts", "exposure", "library"),
    ("converters", "loading", "plugins"),
    ("mount", "apitypes", "apidoc", "schemas", "router", "packages"),
    ("parameters",),
    ("crossing", "checking", "inspection"),
    ("eventloop", "replies", "journal"),
    ("flight", "invocations", "mismatch", "bounds"),
    ("drive", "isolation"),
    ("replaying", "taping"),
    ("rehearsal",),
    ("asking",),
    ("casts",),
    ("children", "runs"),
    ("underway",),
    ("stage",),
    ("performance",),
    ("runner",),
    ("testing", "reference", "spelltests"),
    ("declarations", "queue"),
    ("cli",),
    ("__main__",),
)
LEVEL = {name: level for level, row in enumerate(LAYERS) for name in row}


def imports(path: Path) -> Iterator[str]:
    """The core modules that a module imports at run time."""
    tree = ast.parse(path.read_text())
    typing_only = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for child in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "llmspell_core":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("llmspell_core."):
            assert node.module is not None
            yield node.module.split(".")[1]


def _without_typing(tree: ast.Module) -> ast.Module:
    tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node))]
    return tree


def modules() -> list[Path]:
    return sorted(path for path in CORE.rglob("*.py") if path != CORE / "__init__.py")


def owner(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(CORE)))
def test_imports_go_one_way(path: Path) -> None:
    here = owner(path)
    assert here in LEVEL, f"{here} has no place in LAYERS"
    for name in imports(path):
        if name in LEVEL:
            assert LEVEL[name] <= LEVEL[here], f"{here} imports {name}, which stands above it"


def test_the_core_names_no_engine_library() -> None:
    guilty = [path for path in CORE.rglob("*") if path.suffix != ".pyc" and path.is_file()]
    assert not [path for path in guilty if re.search("lupa|quickjs", path.read_text(), re.IGNORECASE)]


def test_an_engine_names_no_bridge_and_a_bridge_no_language() -> None:
    bridges = {path.name for path in (ROOT / "plugins/bridges/llmspell_bridges").iterdir() if path.is_dir()}
    for plugin in ("lua", "js"):
        package = ROOT / f"plugins/{plugin}/llmspell_{plugin}"
        # A module of the guest's may share its name with a bridge, whose functions are added to it.
        own = {path.stem for path in (package / "guest").rglob("*") if path.is_file()}
        for path in package.rglob("*.py"):
            for name in bridges - own - {"__pycache__"}:
                assert not re.search(rf"[\"']{name}[\"']", path.read_text()), f"{path} names the bridge {name}"
        (told,) = (package / "guest").glob("missing.*")
        called = set(re.findall(r"\b(\w+)\.\w+\(", told.read_text())) & (bridges - own)
        assert not called, f"{told} names the bridges {called}"
        for path in (ROOT / f"plugins/{plugin}/llmspell_{plugin}/guest").rglob("*"):
            called = set(re.findall(r"[\"']\"(\w+)\",\"\w+\"[\"']", path.read_text())) if path.is_file() else set()
            assert not called & bridges, f"{path} names the bridges {called & bridges}"
    for path in (ROOT / "plugins/bridges/llmspell_bridges").rglob("*.py"):
        assert not re.search(r"\b(lua|javascript|quickjs|lupa)\b", path.read_text(), re.IGNORECASE), path


def test_only_one_module_knows_the_plugin_libraries() -> None:
    for path in CORE.rglob("*.py"):
        at_run_time = ast.unparse(_without_typing(ast.parse(path.read_text())))
        if path.name != "plugins.py":
            assert not re.search(r"^\s*(import|from) (stevedore|pluggy)", at_run_time, re.MULTILINE), path


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc", "manager"])
def test_no_module_has_a_name_that_says_nothing(name: str) -> None:
    found = [path for path in ROOT.rglob(f"{name}.*") if ".venv" not in path.parts and "node_modules" not in path.parts]
    assert not [path for path in found if path.suffix in (".py", ".lua", ".js")]


def test_both_engine_plugins_have_the_same_rooms() -> None:
    def names(plugin: str) -> set[str]:
        return {path.stem for path in (ROOT / f"plugins/{plugin}/llmspell_{plugin}").glob("*.py")}

    shared = {"__init__", "declare", "engine", "sandbox", "session"}
    assert names("lua") & names("js") >= shared


def test_no_test_is_skipped_here_for_want_of_a_library() -> None:
    """Those who have less may skip; ``make test`` installs all, and would else pass with nothing tested."""
    folders = [ROOT / "tests", ROOT / "conformance_tests", *(ROOT / "plugins").glob("*/tests")]
    wanted = {
        name
        for folder in folders
        for path in folder.rglob("*.py")
        for name in re.findall(r"importorskip\(\"([\w.]+)\"", path.read_text())
    }
    assert len(wanted) > 10
    assert sorted(name for name in wanted if find_spec(name) is None) == []
