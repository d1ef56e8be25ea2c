"""Routes travel up and then down, never up again: who learns what, and over which next hops."""

from __future__ import annotations

from lab.tiny import tiny_design
from podwright.verify.paths import Hop, Sessions


def test_a_leaf_hears_of_another_over_every_spine() -> None:
    design = tiny_design()
    learned = Sessions(design, design.sessions).learned("bl2")
    assert learned["bl1"].hops == {Hop("Ethernet44", "bs1"), Hop("Ethernet48", "bs2")}
    assert learned["bl1"].distance == 2


def test_spines_of_a_tier_never_hear_of_each_other() -> None:
    design = tiny_design()
    assert set(Sessions(design, design.sessions).learned("bs1")) == {"bl1", "bl2"}


def test_a_server_with_two_leaves_is_no_way_between_them() -> None:
    design = tiny_design()
    between_leaves = [session for session in design.sessions if session.b_device != "fs1"]
    assert set(Sessions(design, between_leaves).learned("fl1")) == {"g1", "g2"}


def test_what_is_down_tells_nobody() -> None:
    design = tiny_design()
    learned = Sessions(design, design.sessions, frozenset({"bs1"})).learned("bl2")
    assert learned["bl1"].hops == {Hop("Ethernet48", "bs2")}
    assert "bs1" not in learned
