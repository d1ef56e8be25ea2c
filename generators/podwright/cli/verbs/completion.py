"""Print the script that completes verbs in your shell.

\b
  eval "$(podwright completion bash)"                            in ~/.bashrc
  eval "$(podwright completion zsh)"                             in ~/.zshrc
  podwright completion fish > ~/.config/fish/completions/podwright.fish
"""

from __future__ import annotations

import click
from click.shell_completion import FishComplete, ShellComplete, ZshComplete

from podwright.cli.bash import JoinedWords
from podwright.cli.verb import verb

_SHELLS: dict[str, type[ShellComplete]] = {"bash": JoinedWords, "zsh": ZshComplete, "fish": FishComplete}


@verb(__doc__)
@click.argument("shell", type=click.Choice(sorted(_SHELLS)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    click.echo(_SHELLS[shell](ctx.find_root().command, {}, "podwright", "_PODWRIGHT_COMPLETE").source())
