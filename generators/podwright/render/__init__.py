"""The one package that writes the output tree: `write` makes a folder hold artifacts, `diff` says what changes by it.

Both read the same list of steps (`steps.py`), so what `diff` shows is what `write` does.
"""

from podwright.render.clash import ClashError
from podwright.render.difference import diff
from podwright.render.selection import Selection
from podwright.render.writer import Written, write

__all__ = ["ClashError", "Selection", "Written", "diff", "write"]
