"""What is checked: the engines asked for, and where their spells are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_conformance.cases import CASES, Case, CaseError
from llmspell_core import plugins
from llmspell_core.engine import Engine
from llmspell_core.errors import PluginError
from llmspell_core.spells import Manifest, Spell

if TYPE_CHECKING:
    from llmspell_core.engine import EngineInfo, Feature

__all__ = ["Target", "targets"]


@dataclass(frozen=True, slots=True)
class Target:
    """An engine class, and the folders its spells are looked for in."""

    engine: type[Engine]
    folders: tuple[Path, ...] = (CASES,)

    @property
    def info(self) -> EngineInfo:
        """What the engine says of itself."""
        return self.engine.info

    def missing(self, case: Case) -> list[Feature]:
        """Return the features that the case requires and the engine lacks."""
        return sorted(case.requires - self.info.features)

    def spell(self, case: Case) -> Spell:
        """Return the case's spell in the engine's language; :raises CaseError: when there is none."""
        for folder in self.folders:
            for extension in self.info.extensions:
                entry = folder / case.name / f"spell{extension}"
                if entry.is_file():
                    return Spell(_read(entry), entry.name, _manifest(case), self._modules(entry))
        names = " or ".join(f"spell{extension}" for extension in self.info.extensions)
        looked = ", ".join(str(folder / case.name) for folder in self.folders)
        raise CaseError(case.name, f"no {names} in {looked}; write one and name its folder's folder with --spells")

    def _modules(self, entry: Path) -> dict[str, str]:
        found = (path for path in sorted(entry.parent.rglob("*")) if path.suffix in self.info.extensions)
        return {path.relative_to(entry.parent).as_posix(): _read(path) for path in found if path != entry}


def targets(names: list[str], classes: list[str], folders: list[str]) -> list[Target]:
    """Return what is to be checked.

    :param names: engines by name, several in one with commas
    :param classes: more engines, as ``module:Class``
    :param folders: of spells, looked through before the suite's own
    :raises PluginError: when an engine cannot be had
    """
    for folder in folders:
        if not Path(folder).is_dir():
            raise PluginError(f"there is no folder {folder!r} to look for spells in; name one with --spells")
    where = (*(Path(folder).resolve() for folder in folders), *plugins.conformance_spells(), CASES)
    wanted = [name.strip() for several in names for name in several.split(",") if name.strip()]
    found = [plugins.engine_class(name) for name in dict.fromkeys(wanted)] + [_class(path) for path in classes]
    return [Target(engine, where) for engine in found]


def _class(path: str) -> type[Engine]:
    from importlib import import_module

    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise PluginError(f"there is no engine class {path!r}: {error}; name one as MODULE:CLASS") from error
    plugins.check_engine(found)
    return found  # type: ignore[no-any-return]


def _read(path: Path) -> str:
    return path.read_bytes().decode()


def _manifest(case: Case) -> Manifest:
    if case.manifest is None:
        return Manifest()
    import yaml

    from llmspell_core.manifests import read

    return read(yaml.safe_dump(dict(case.manifest)), "spell.yaml")
