"""Hold a blueprint against its schema and its own words: a typed blueprint, or every problem of the file at once.

The user's own entries of the catalogue are held against theirs in the same way.
"""

from podwright.validate.entries import with_own_entries
from podwright.validate.validator import validate

__all__ = ["validate", "with_own_entries"]
