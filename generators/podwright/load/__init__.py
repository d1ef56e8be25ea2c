"""Read a blueprint: strict YAML in, plain data with the line and column of every value out."""

from podwright.load.notation import meant
from podwright.load.reader import read
from podwright.load.source import KeyPath, Source, dotted

__all__ = ["KeyPath", "Source", "dotted", "meant", "read"]
