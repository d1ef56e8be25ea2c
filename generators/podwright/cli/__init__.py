"""The command line. Every verb is one file in verbs/, imported only when it runs; here is only what they share."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from podwright import __version__
from podwright.cli.guard import Guard
from podwright.cli.lazy import VerbGroup

_HELP = """Turn one blueprint of an AI pod into its design, its configuration and a tested virtual twin.

\b
  podwright new mypod --from hgx-h100-32    begin with a reference pod
  podwright check mypod                     prove what can be proved on paper
  podwright render mypod --output build     write configurations, Ansible, documents
  podwright lab up mypod --name mypod       build the virtual twin
"""

_EXIT_CODES = """\b
Exit codes:
  0    good
  1    the input has errors, or trials failed
  2    wrong words on the command line, or a missing file
  3    the output can't be written
  4    a program that is needed is missing or failed
  5    the virtual fabric can't be built, or is not there
  70   a bug in Podwright
  130  interrupted (Ctrl-C)
  143  terminated; 129 where the terminal went away
"""


@click.group(
    cls=VerbGroup,
    package="podwright.cli.verbs",
    name="podwright",
    subcommand_metavar="VERB ...",
    help=_HELP,
    epilog=_EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="podwright", message="%(prog)s %(version)s")
def root() -> None:
    """All verbs of Podwright."""


def main() -> NoReturn:
    """Run the command line and exit with one of the codes that `podwright --help` lists."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _leave)
    with Guard() as guard:
        guard.code = root.main(prog_name="podwright", standalone_mode=False, color=_colour()) or 0
        sys.stdout.flush()
    sys.exit(guard.code)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End as Ctrl-C does, cleaning up: a cable that a trial cut is mended, a half-built lab taken down."""
    raise SystemExit(128 + number)


def _colour() -> bool | None:
    """False where the user wants none (https://no-color.org), else None: as the terminal is."""
    return False if os.environ.get("NO_COLOR") else None
