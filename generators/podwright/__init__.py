"""Podwright: one blueprint of an AI pod becomes everything needed to build, test, run and change it."""

__version__ = "0.1.0"
