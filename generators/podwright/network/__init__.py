"""Where packets go and which buffers wait for which: pure functions of a network, designed or found.

network_of(design, fabric)             the neutral graph of a fabric
prove_free_of_deadlock(network, name)  no circle of pauses, whatever fails; or the circles
"""

from podwright.network.deadlock import prove_free_of_deadlock, search_deadlocks, why_unprovable
from podwright.network.from_design import lossless_networks, network_of
from podwright.network.graph import INTACT, End, Failure, Graph, cut, down

__all__ = [
    "INTACT",
    "End",
    "Failure",
    "Graph",
    "cut",
    "down",
    "lossless_networks",
    "network_of",
    "prove_free_of_deadlock",
    "search_deadlocks",
    "why_unprovable",
]
