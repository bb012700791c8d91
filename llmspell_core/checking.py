"""What is wrong with a spell before it runs, and what it asks for, uses and needs to be granted."""

from __future__ import annotations

import json
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from llmspell_core import plugins
from llmspell_core.errors import (
    CallError,
    PluginError,
    SpellFailed,
    SpellSyntaxError,
    UnknownBridge,
    UnknownMethod,
    UsageError,
)
from llmspell_core.facts import Fact, fact
from llmspell_core.guard import capabilities
from llmspell_core.limits import Limits
from llmspell_core.mount import signatures_of
from llmspell_core.policy import Policy, Rule, flag
from llmspell_core.protocol import Finish, Inbox, Start
from llmspell_core.spells import Spell
from llmspell_core.uses import UNKNOWN, Use, Uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmspell_core.engine import Engine
    from llmspell_core.signatures import Signature

__all__ = ["Check", "Finding", "Need", "examine"]


@fact
class Need(Fact):
    """A capability that a place in a spell uses.

    :param known: False when only a run can tell the scope; then ``*`` stands for it
    :param asked: whether the manifest asks for it
    :param granted: whether ``standard`` grants it anyway, or only the run can tell if it is needed at all
    """

    capability: str
    bridge: str
    method: str
    file: str
    line: int
    known: bool
    asked: bool
    granted: bool


@fact
class Finding(Fact):
    """Something to be told.

    :param kind: ``syntax``, ``unknown_bridge``, ``unknown_method``, ``missing_module``, ``permission``, ``plugin``,
        ``not_asked``, ``dependency``; and what is no mistake: ``unlocked``, ``not_used``, ``unclear``, ``not_inferred``
    :param wrong: whether it is a mistake
    """

    kind: str
    message: str
    file: str = ""
    line: int | None = None
    wrong: bool = True


@fact
class Check(Fact):
    """What came of looking at a spell.

    :param asks: what its manifest asks for
    :param sets: the permission sets of its manifest
    :param dependencies: what the manifests of its dependencies ask for, by their names; the spell has to be granted it
    :param needs: what its source uses
    :param flags: what grants all that, on the command line
    """

    asks: tuple[str, ...] = ()
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    findings: tuple[Finding, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not any(finding.wrong for finding in self.findings)


def examine(spell: Spell, engine: Engine) -> Check:
    """Return what can be told of a spell without running it."""
    manifest = spell.manifest
    sets = {name: tuple(rules) for name, rules in manifest.permission_sets.items()}
    asked, findings = _rules((*manifest.permissions, *(rule for rules in sets.values() for rule in rules)))
    findings += _syntax(spell, engine)
    needed, missing = _dependencies(spell)
    findings += missing
    try:
        uses = engine.uses(spell, plugins.bridge_names(), _globals(engine))
    except PluginError as error:
        uses, problem = None, str(error)
    else:
        problem = f"the engine {engine.info.name!r} cannot tell what a source uses"
    if uses is None:
        findings.append(Finding("not_inferred", f"what the spell uses is not known: {problem}", wrong=False))
        return Check(tuple(manifest.permissions), sets, needed, (), tuple(findings), ())
    needs, found = _needs(uses, asked)
    findings += [*found, *_compared(needs, asked)]
    return Check(tuple(manifest.permissions), sets, needed, tuple(needs), tuple(findings), _flags(needs, asked))


def _dependencies(spell: Spell) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """Return what the spell's dependencies ask for, and what is wrong with them."""
    manifest = spell.manifest
    needed: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    if manifest.plugins:
        from llmspell_core.versions import installed_faults

        findings += [Finding("plugin", text) for text in installed_faults(manifest.plugins)]
    if not manifest.dependencies or spell.folder is None:
        return needed, findings
    from llmspell_core.packages.lock import LOCK, load_dependency, read_lock

    for name in manifest.dependencies:
        try:
            needed[name] = tuple(load_dependency(spell.folder, manifest, name).manifest.permissions)
        except UsageError as error:
            findings.append(Finding("dependency", str(error)))
    if not any(finding.kind == "dependency" for finding in findings) and read_lock(spell.folder) is None:
        text = f"there is no {LOCK}, so other versions may run tomorrow; run `llmspell lock {spell.folder}`"
        findings.append(Finding("unlocked", text, wrong=False))
    return needed, findings


def _rules(texts: Iterable[str]) -> tuple[list[Rule], list[Finding]]:
    rules, findings = [], []
    for text in texts:
        try:
            rules.append(Rule.read(text))
        except UsageError as error:
            findings.append(Finding("permission", f"the manifest asks for {error}"))
    return rules, findings


def _syntax(spell: Spell, engine: Engine) -> list[Finding]:
    """Compile each file as if it were the entry, so that what is wrong with one does not hide another."""
    found: dict[tuple[str, int | None], Finding] = {}
    for name, text in {spell.file: spell.source, **spell.modules}.items():
        try:
            if name.endswith(".json"):
                _parse_json(text, name)
            elif name == spell.file or name.endswith(engine.info.extensions):
                engine.compile(replace(spell, source=text, file=name))
        except SpellSyntaxError as error:
            found[error.file, error.line] = Finding("syntax", str(error), error.file, error.line)
    return list(found.values())


def _parse_json(text: str, name: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise SpellSyntaxError(f"not JSON: {error}", name, getattr(error, "lineno", 1)) from error


def _globals(engine: Engine) -> list[str]:
    """Return the globals that a spell of the language has, as the language itself tells."""
    spell = engine.listing_globals
    if spell is None:
        return []
    with engine.open(engine.compile(Spell(spell)), Limits()) as session:
        (request,) = session.step(Inbox(0.0, (Start({}, 0, ()),), plain=True)).requests
    return list(request.value) if isinstance(request, Finish) else []


def _needs(uses: Uses, asked: list[Rule]) -> tuple[list[Need], list[Finding]]:
    needs: list[Need] = []
    # A spell may make modules of its own functions, under names that are written there.
    made = {name for use in uses.calls if use.method == "library" and (name := _name_in(use.arguments)) is not None}
    findings = [
        Finding("missing_module", f"no module named {each.name!r}: no file, bridge or built-in", each.file, each.line)
        for each in uses.missing
        if each.name not in made
    ]
    for use in uses.calls:
        try:
            needs += _needs_of(use, asked)
            if not use.method:
                text = f"what of {use.bridge!r} is used here, only a run can tell"
                findings.append(Finding("unclear", text, use.file, use.line, wrong=False))
        except (PluginError, SpellFailed) as error:
            findings.append(Finding(error.kind, str(error), use.file, use.line))
    return list(dict.fromkeys(needs)), list(dict.fromkeys(findings))


def _name_in(arguments: tuple[Any, ...] | None) -> str | None:
    """Return the name that a call is given first, where one is written there."""
    return arguments[0] if arguments and isinstance(arguments[0], str) else None


def _needs_of(use: Use, asked: list[Rule]) -> Iterator[Need]:
    names = plugins.bridge_names()
    if use.bridge not in names:
        raise UnknownBridge(use.bridge, names)
    bridge = plugins.bridge_class(use.bridge)
    signatures = signatures_of(bridge, bridge.name)
    if use.method and use.method not in signatures:
        raise UnknownMethod(bridge.name, use.method, list(signatures))
    standard = Policy.standard()
    for _, signature, templates, _ in [signatures[use.method]] if use.method else ():
        for capability, known in _filled(templates, signature, use):
            granted = known and standard.decide(capability).allowed
            is_asked = any(_overlap(rule, capability, known=known) for rule in asked)
            yield Need(capability, bridge.name, use.method, use.file, use.line, known, is_asked, granted)
    for kind in bridge.asks:
        is_asked = any(rule.kind in ("*", kind) for rule in asked)
        yield Need(f"{kind}:*", bridge.name, use.method, use.file, use.line, known=False, asked=is_asked, granted=True)


def _filled(templates: tuple[str, ...], signature: Signature, use: Use) -> Iterator[tuple[str, bool]]:
    """Yield the capabilities that a use needs, and whether all of each is known."""
    arguments = _arguments(signature, use.arguments)
    for template in templates:
        known = all(not _is_unknown(arguments[name]) for name in _names(template))
        filled = {name: "*" if _is_unknown(value) else value for name, value in arguments.items()}
        for capability in capabilities((template,), filled):
            try:
                yield (Rule.exactly(capability).text if known else _pattern(capability)), known
            except CallError:
                continue  # it says so itself when it is made


def _pattern(capability: str) -> str:
    kind, _, scope = capability.partition(":")
    return f"{kind}:*" if kind in ("read", "write", "net") else f"{kind}:{scope}"


def _names(template: str) -> list[str]:
    return [part.partition("}")[0] for part in template.split("{")[1:]]


def _is_unknown(value: Any) -> bool:
    if isinstance(value, list | dict):
        return any(map(_is_unknown, value.values() if isinstance(value, dict) else value))
    return value is UNKNOWN


def _arguments(signature: Signature, given: tuple[Any, ...] | None) -> dict[str, Any]:
    """Return what is written for each parameter, as far as it is; the rest of them with their defaults."""
    variadic = [signature.variadic] if signature.variadic is not None else []
    named = {parameter.name: parameter.default for parameter in (*signature.positional, *variadic)}
    named |= {name: option.default for name, option in signature.options.items()}
    if given is None:
        return dict.fromkeys(named, UNKNOWN)
    positional = list(given)
    if positional and _is_options(positional[-1], signature, len(positional)):
        last = positional.pop()
        named |= dict.fromkeys(signature.options, UNKNOWN) if last is UNKNOWN else last
    named |= {parameter.name: value for parameter, value in zip(signature.positional, positional, strict=False)}
    if signature.variadic is not None:
        named[signature.variadic.name] = positional[len(signature.positional) :]
    return named


def _is_options(value: Any, signature: Signature, count: int) -> bool:
    if not signature.options:
        return False
    if value is UNKNOWN or value == []:
        return count > len(signature.positional)
    return isinstance(value, dict) and (count > len(signature.positional) or set(value) <= set(signature.options))


def _overlap(rule: Rule, capability: str, *, known: bool) -> bool:
    """Tell whether what is asked for is, or may be, what is used."""
    return rule.covers(Rule.exactly(capability)) if known else rule.kind in ("*", capability.partition(":")[0])


def _compared(needs: list[Need], asked: list[Rule]) -> Iterator[Finding]:
    told = set()
    for need in needs:
        if need.asked or need.granted or need.capability in told:
            continue
        told.add(need.capability)
        text = f"{need.bridge}.{need.method} uses {need.capability!r}, which the manifest does not ask for"
        yield Finding("not_asked", text, need.file, need.line)
    for rule in asked:
        if not any(_overlap(rule, need.capability, known=need.known) for need in needs):
            yield Finding("not_used", f"the manifest asks for {rule.text!r}, which is not seen to be used", wrong=False)


def _flags(needs: list[Need], asked: list[Rule]) -> tuple[str, ...]:
    """Return the flags that grant what is used; where only a run can tell the scope, what the manifest asks for."""
    wanted: dict[str, None] = {}
    for need in needs:
        kind = need.capability.partition(":")[0]
        if need.asked and not need.known:
            wanted |= dict.fromkeys(rule.text for rule in asked if rule.kind == kind)
        elif not need.granted:
            wanted[f"{kind}:" if need.capability == f"{kind}:*" else need.capability] = None
    return tuple(
        flag(name) for name in wanted if not name.partition(":")[2] or f"{name.partition(':')[0]}:" not in wanted
    )
