"""Compares devices that run with their design, by reading only: sessions, routes, neighbours.

Every check is a function `(design, run) -> Iterator[Trial]` that asks devices through `run` (asking.py) and changes
nothing, so it serves a production pod and the virtual fabric alike.
"""
