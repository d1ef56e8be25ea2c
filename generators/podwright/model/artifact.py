"""One rendered file, before it touches a disk."""

from __future__ import annotations

from typing import Literal

import msgspec


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the output tree.

    `path` is relative to the tree, with `/`. `owned` files are ours to rewrite and prune; `seeded` ones are written once
    and the user's from then on. `target` and `device` say who rendered it and for whom (empty: for the whole pod).
    """

    path: str
    text: str
    mode: int = 0o644
    keep: Literal["owned", "seeded"] = "owned"
    target: str = ""
    device: str = ""
