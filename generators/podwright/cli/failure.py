"""How each kind of failure is told, and its exit code. Loaded only when something failed."""

from __future__ import annotations

import errno
import os
import platform
import sys
import time
import traceback

import click

from podwright import __version__
from podwright.cli.findings import coloured, openable, summary
from podwright.errors import BlueprintError, PodwrightError
from podwright.lab.registry import state_folder

USAGE, OUTPUT, BUG, INTERRUPTED = 2, 3, 70, 130


def tell(problem: BaseException) -> int:
    """Say on stderr what went wrong and what to do; the exit code."""
    match problem:
        case click.exceptions.NoArgsIsHelpError():
            problem.show()
            return USAGE
        case click.ClickException():
            return _tell_usage(problem)
        case click.Abort() | KeyboardInterrupt():
            _say("\nInterrupted. What was begun was given up.")
            return INTERRUPTED
        case PodwrightError():
            return _tell_error(problem)
        case OSError(errno=errno.ENOSPC, filename=None):
            _say_error("the output can't be written: the disk is full", "Free some space, then run the command again.")
            return OUTPUT
        case _:
            return _tell_bug(problem)


def _tell_usage(problem: click.ClickException) -> int:
    context = getattr(problem, "ctx", None)
    where = f"Run `{context.command_path} --help`." if context else "Run `podwright --help`."
    _say_error(problem.format_message(), where)
    return USAGE


def _tell_error(problem: PodwrightError) -> int:
    if isinstance(problem, BlueprintError):
        _say("\n\n".join(map(coloured, problem.findings)))
        _say(f"\n{summary(problem.findings)}")
    else:
        _say_error(problem.message, problem.fix, problem.see)
    return problem.exit_code


def _tell_bug(problem: BaseException) -> int:
    """The traceback goes into a file; the user reads what to do with it."""
    what = traceback.format_exception_only(problem)[-1].strip()
    last = traceback.extract_tb(problem.__traceback__)[-1:]
    where = f" (in {os.path.basename(last[0].filename)}, line {last[0].lineno})" if last else ""
    _say_error(
        f"Podwright has a bug: {what}{where}",
        f"Open an issue and attach {_logged(problem)}. Your input is not to blame.",
    )
    return BUG


def _logged(problem: BaseException) -> str:
    """What to send: the log with the traceback, or the version where no log can be written."""
    log = state_folder() / "bugs" / f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.log"
    facts = f"podwright {__version__}, Python {platform.python_version()}, {platform.platform()}\n{sys.argv}\n\n"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(facts + "".join(traceback.format_exception(problem)), encoding="utf-8")
    except OSError:
        return f"the command you ran and the version, {__version__} (no log could be written to {log.parent})"
    return f"the file {log}"


def _say_error(message: str, fix: str = "", see: str = "") -> None:
    lines = [f"{click.style('error:', fg='red', bold=True)} {message}"]
    lines += [f"  fix: {fix}"] if fix else []
    lines += [f"  read: {openable(see)}"] if see else []
    _say("\n".join(lines))


def _say(text: str) -> None:
    click.echo(text, err=True, color=False if os.environ.get("NO_COLOR") else None)
