"""The permissions of a cast on the command line: ``--allow-NAME[=SCOPE,...]``, ``--deny-NAME[=...]``, profiles, audit.

A scope is taken from the same word only, so that ``--allow-net SPELL`` never eats the name of the spell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from llmspell_core.policy import KINDS, PROFILES, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from llmspell_core.audit import AuditFile
    from llmspell_core.guard import Ask
    from llmspell_core.spells import Manifest

__all__ = ["CastCommand", "Permissions", "permission_options"]

_F = TypeVar("_F", bound="Callable[..., Any]")
_WORDS = {f"--{verb}-{kind}" for verb in ("allow", "deny") for kind in KINDS}


class CastCommand(click.Command):
    """A command whose permission flags need no scope, and take none from the next word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words; a bare ``--allow-net`` is ``--allow-net=*``."""
        return super().parse_args(ctx, list(self._with_scopes(args)))

    def _with_scopes(self, args: list[str]) -> Iterator[str]:
        takes = {
            name
            for param in self.params
            if isinstance(param, click.Option) and not param.is_flag
            for name in param.opts
            if name not in _WORDS
        }
        words = iter(args)
        for word in words:
            if word == "--":
                yield word
                break
            yield f"{word}=*" if word in _WORDS else word
            if word in takes:
                yield from (following for following in [next(words, None)] if following is not None)
        yield from words


class Permissions:
    """What the caller grants, the audit log that was asked for, and whom to ask: open for one cast.

    :param base: what is granted to begin with
    :param rules: each ``allow``, ``deny`` or ``rate``, and a capability; with a rate its text after ``=``
    :param sets: names of permission sets of the manifest
    :param prompt: ask on the terminal, where there is one
    :param save: writes what the person allows for good into the spell's manifest, where it has one
    :raises UsageError: when a capability is none, or the audit log cannot be written
    """

    def __init__(
        self,
        base: Policy,
        rules: tuple[tuple[str, str], ...],
        sets: tuple[str, ...],
        manifest: Manifest,
        audit: str | None,
        *,
        prompt: bool,
        save: Callable[[str], str] | None = None,
    ) -> None:
        self.policy = (
            base.allow(*(rule for verb, rule in rules if verb == "allow"))
            .allow(*(capability for name in sets for capability in manifest.permission_set(name)))
            .deny(*(rule for verb, rule in rules if verb == "deny"))
        )
        if rates := [rule for verb, rule in rules if verb == "rate"]:
            self.policy = _rated(self.policy, rates)
        self._path, self._prompt, self._save = audit, prompt, save
        self.audit: AuditFile | None = None

    @property
    def ask(self) -> Ask | None:
        """How to ask the person at the terminal, or None when there is none."""
        import sys

        if not (self._prompt and sys.stdin.isatty() and sys.stderr.isatty()):
            return None
        from llmspell_core.cli.asking import Terminal
        from llmspell_core.cli.saving import can_be_saved

        return Terminal(self._save, can_be_saved)

    def __enter__(self) -> Permissions:
        if self._path is not None:
            from llmspell_core.audit import AuditFile

            self.audit = AuditFile(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.audit is not None:
            self.audit.close()


def permission_options(function: _F) -> _F:
    """Give a command the options that say what a cast may do; ``rules`` is what they amount to."""
    for option in reversed([*_flags("allow", "Allow"), *_flags("deny", "Deny"), _RATE, *_OPTIONS]):
        function = option(function)
    return function


def _flags(verb: str, word: str) -> Iterator[Callable[[Any], Any]]:
    for kind in KINDS:
        scope, meaning = _SCOPES[kind]
        yield click.option(
            f"--{verb}-{kind}",
            multiple=True,
            expose_value=False,
            callback=_collect,
            metavar=f"[={scope},...]",
            help=f"{word} {meaning}, all or only these.",
        )
    yield click.option(
        f"--{verb}",
        multiple=True,
        expose_value=False,
        callback=_collect,
        metavar="KIND:SCOPE",
        help=f"{word} any capability, also of a plugin's own kind.",
    )


def _collect(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> None:
    verb, _, kind = (param.name or "").partition("_")
    found = [f"{kind}:{scope}" for value in values for scope in _split(value, param)] if kind else values
    ctx.params["rules"] = (*ctx.params.get("rules", ()), *((verb, rule) for rule in found))


def _rated(policy: Policy, rates: list[str]) -> Policy:
    from llmspell_core.rates import rated

    for text in rates:
        capability, _, rate = text.rpartition("=")
        policy = rated(policy, capability, rate)
    return policy


def _split(value: str, param: click.Parameter) -> list[str]:
    """Return the scopes in a value; ``,,`` is a comma that belongs to one."""
    scopes = [scope.replace("\0", ",") for scope in value.replace(",,", "\0").split(",")]
    if not all(scopes):
        name = param.opts[0]
        raise click.BadParameter(f"{name}={value} names nothing in one place; write {name} alone for all", param=param)
    return scopes


def _trust(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.params["policy"] = "trusted"


def _profile(ctx: click.Context, param: click.Parameter, value: str) -> str:
    return "trusted" if ctx.params.get("policy") == "trusted" else value


_SCOPES = {
    "net": ("HOST", "requests to hosts"),
    "read": ("PATH", "reading files"),
    "write": ("PATH", "writing files"),
    "env": ("NAME", "reading environment variables"),
    "run": ("PROGRAM", "running programs"),
    "llm": ("MODEL", "calling models, as provider:model"),
    "state": ("KEY", "keeping values, as shared:*"),
    "events": ("PATTERN", "emitting and hearing events, as orders.>"),
    "mcp": ("SERVER", "using MCP servers"),
    "tool": ("NAME", "calling tools that want to be confirmed"),
}

_RATE = click.option(
    "--rate",
    multiple=True,
    expose_value=False,
    callback=_collect,
    metavar="KIND:SCOPE=N/TIME",
    help="Allow it so often at the most, as net:api.example.com=10/60s.",
)

_OPTIONS = (
    click.option(
        "-P",
        "--permission-set",
        "permission_sets",
        multiple=True,
        metavar="SET",
        help="Allow a set of permissions of the spell's manifest; 'asked' is all it asks for.",
    ),
    click.option(
        "--allow-all", is_flag=True, expose_value=False, is_eager=True, callback=_trust, help="Allow everything."
    ),
    click.option(
        "--policy",
        type=click.Choice(PROFILES),
        default="standard",
        show_default=True,
        callback=_profile,
        help="What is allowed to begin with.",
    ),
    click.option(
        "--audit",
        metavar="FILE",
        envvar="LLMSPELL_AUDIT",
        show_envvar=True,
        help="Append every decision to a file, as JSON lines.",
    ),
    click.option("--no-prompt", is_flag=True, help="Never ask on the terminal; refuse."),
)
