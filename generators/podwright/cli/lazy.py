"""A group of verbs that knows them by their files: a verb is imported when it runs, its help line is read, not run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from podwright.model.near import likely_meant

_CLI = Path(__file__).resolve().parent


class VerbGroup(click.Group):
    """Verbs are the modules of `package` (below podwright.cli), each with a `command`; a folder is a group of verbs."""

    def __init__(self, *args: Any, package: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.package = package
        self.folder = _CLI.joinpath(*package.removeprefix("podwright.cli.").split("."))

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(_files(self.folder))

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _files(self.folder):
            return None
        verb: click.Command = import_module(f"{self.package}.{cmd_name}").command
        verb.name = cmd_name
        return verb

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if not word.startswith("-") and self.get_command(ctx, word) is None:
            near = likely_meant(word, self.list_commands(ctx), most=1, least=0.5)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"`{ctx.command_path}` has no verb `{word}`.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, help_line(path)) for name, path in sorted(_files(self.folder).items())])


def help_line(path: Path) -> str:
    """The first line of the file's docstring, without running or parsing the file."""
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().strip('"')


def _files(folder: Path) -> dict[str, Path]:
    modules = {path.stem: path for path in folder.glob("*.py") if not path.stem.startswith("_")}
    groups = {path.parent.name: path for path in folder.glob("*/__init__.py")}
    return {**modules, **groups}
