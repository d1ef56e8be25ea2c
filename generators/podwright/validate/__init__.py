"""Hold a blueprint against its schema and its own words: a typed blueprint, or every problem of the file at once."""

from podwright.validate.validator import validate

__all__ = ["validate"]
