"""Where the files that ship beside the code are: schemas, reference blueprints, playbooks, documentation pages.

In a checkout they stand at the top level; in an installed wheel they stand in `podwright/_shipped/`.
"""

from __future__ import annotations

from pathlib import Path

from podwright.errors import EngineError

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "_shipped", _PACKAGE.parent.parent)


def folder(name: str) -> Path:
    """The shipped folder `name` (`schemas`, `blueprints`, `playbooks`, `docs`).

    Raises EngineError where the installation lacks it.
    """
    for root in _ROOTS:
        if (root / name).is_dir():
            return root / name
    raise EngineError(f"this installation of Podwright lacks its folder {name}/", fix="Install it again.")
