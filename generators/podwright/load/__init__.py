"""Read a blueprint: strict YAML in, plain data with the line and column of every value out."""

from podwright.load.notation import meant
from podwright.load.reader import read, read_entry, read_from
from podwright.load.secrecy import REFERENCE, names_a_secret
from podwright.load.source import KeyPath, Source, Spot, dotted
from podwright.load.text import BLUEPRINT_NAME, likely_neighbour

__all__ = [
    "BLUEPRINT_NAME",
    "REFERENCE",
    "KeyPath",
    "Source",
    "Spot",
    "dotted",
    "likely_neighbour",
    "meant",
    "names_a_secret",
    "read",
    "read_entry",
    "read_from",
]
