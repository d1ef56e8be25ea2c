"""Readers: a module for each kind of file. They are strict about types, and pass over what they do not know."""
