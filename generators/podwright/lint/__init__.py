"""Lint: the cross-layer checks of lossless traffic on configurations that Podwright did not write."""

from podwright.lint.framework import Fault
from podwright.lint.records import Options
from podwright.lint.run import Linted, lint, rules

__all__ = ["Fault", "Linted", "Options", "lint", "rules"]
