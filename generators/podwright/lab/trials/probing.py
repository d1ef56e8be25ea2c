"""Sends jobs into nodes: nodeside.py travels with each, on the standard input of the node's own Python."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from podwright.errors import LabError
from podwright.lab.driver import Fabric
from podwright.verify.asking import Run

_SCRIPT = Path(__file__).with_name("nodeside.py")
_CALL = "\nimport json as _json\nprint(_json.dumps(answer(_json.loads({job!r}))))\n"
_AT_ONCE = 8
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def ask_node(fabric: Fabric, node: str, job: dict[str, Any], timeout: float = 120.0) -> Any:
    """What nodeside.py answers to `job` inside `node`. Raises LabError where it fails."""
    script = _SCRIPT.read_text(encoding="utf-8") + _CALL.format(job=json.dumps(job))
    done = fabric.run(node, ["python3", "-"], stdin=script, timeout=timeout)
    if done.status != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise LabError(f"The probe in {node} failed: {last}", fix="The node needs Python 3 and raw sockets.")
    return json.loads(done.stdout)


def side_by_side(function: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Results in the order of `items`, some at a time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(function, items))


def reader(fabric: Fabric) -> Run:
    """The lab as `verify` asks devices: a command's stdout, LabError where it fails."""

    def run(device: str, argv: Sequence[str]) -> str:
        done = fabric.run(device, argv)
        if done.status != 0:
            raise LabError(f"{device} answered {' '.join(argv)} with: {done.stderr.strip() or done.status}")
        return done.stdout

    return run
