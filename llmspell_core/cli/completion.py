"""``llmspell completion``: print the completion script of a shell."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL; have the shell's start-up file evaluate it.

    \b
    bash:  eval "$(llmspell completion bash)"
    zsh:   eval "$(llmspell completion zsh)"
    fish:  llmspell completion fish | source
    """
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(ctx.find_root().command, {}, "llmspell", "_LLMSPELL_COMPLETE").source())
