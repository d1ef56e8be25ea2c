"""One run of a rendered Pulumi program by the Automation API; a process of its own, whose working folder is the program's.

    python -m podwright.apply.automation preview|up STACK PROJECT [CONFIG]

CONFIG is JSON that is laid over the stack's own settings. What happens is told on stdout, a JSON object a line; everything
else that anybody prints goes to stderr. Where a language host is there the program runs under it as under plain `pulumi`,
else inline, in this process.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import IO

from pulumi import automation
from pulumi.automation import errors, events

LANGUAGE_HOST = "pulumi-language-python"
COLOUR = re.compile(r"<\{%.*?%\}>")
CLUSTER_TYPES = "kubernetes:"
FAILED = "fail"
ABOUT_PLUGINS = "using pulumi-"
"""How the engine begins to say which of several plugins it takes."""


class Teller:
    """Tells the starting process what the engine does."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def hear(self, event: events.EngineEvent) -> None:
        if step := event.resource_pre_event:
            if step.metadata.type.startswith(CLUSTER_TYPES):
                self.tell("step", verb=step.metadata.op.value, name=_name(step.metadata))
        elif (failed := event.res_op_failed_event) and failed.metadata.type.startswith(CLUSTER_TYPES):
            self.tell("step", verb=FAILED, name=_name(failed.metadata))
        elif (said := event.diagnostic_event) and said.severity in ("error", "warning"):
            text = COLOUR.sub("", said.message).strip()
            if not text.startswith(ABOUT_PLUGINS):
                self.tell("said", text=text)

    def tell(self, what: str, **facts: str) -> None:
        print(json.dumps({"what": what, **facts}), file=self.stream, flush=True)


def _name(step: events.StepEventMetadata) -> str:
    """`Namespace research`."""
    return f"{step.type.rpartition(':')[2]} {step.urn.rpartition('::')[2]}"


def deploy() -> None:
    """The program of the working folder."""
    importlib.import_module("cluster").deploy()


def open_stack(name: str, project: str) -> automation.Stack:
    """The stack, made where there is none; inline where no language host can run the program."""
    if _has_language_host():
        return automation.create_or_select_stack(name, work_dir=os.getcwd())
    options = automation.LocalWorkspaceOptions(work_dir=os.getcwd())
    return automation.create_or_select_stack(name, project_name=project, program=deploy, opts=options)


def _has_language_host() -> bool:
    """The engine looks for plugins on PATH and beside itself."""
    beside = Path(shutil.which("pulumi") or "pulumi").resolve().with_name(LANGUAGE_HOST)
    return beside.exists() or shutil.which(LANGUAGE_HOST) is not None


def run(verb: str, name: str, project: str, config: str, teller: Teller) -> None:
    """Refresh the state, then preview or update, telling every step. How it ended is the last thing told."""
    try:
        stack = open_stack(name, project)
        for key, value in json.loads(config).items():
            stack.set_config(key, automation.ConfigValue(value))
        if verb == "preview":
            stack.preview(refresh=True, on_event=teller.hear, on_output=_log)
        else:
            stack.up(refresh=True, on_event=teller.hear, on_output=_log)
    except errors.ConcurrentUpdateError as problem:
        teller.tell("locked", text=str(problem))
    except (errors.CommandError, errors.InvalidVersionError) as problem:
        _log(str(problem))
        teller.tell("failed", text=_last_line(str(problem)))
    else:
        teller.tell("done")


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _last_line(text: str) -> str:
    """The engine's own last word on stderr, which its command line reports as `error: ...`."""
    lines = [line.strip() for line in COLOUR.sub("", text).splitlines()]
    complaints = [line.removeprefix("error:").strip() for line in lines if line.startswith("error:")]
    return complaints[-1] if complaints else next((line for line in reversed(lines) if line), "no reason given")


def main() -> None:
    verb, name, project, *config = sys.argv[1:]
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    run(verb, name, project, config[0] if config else "{}", Teller(stream))


if __name__ == "__main__":
    main()
