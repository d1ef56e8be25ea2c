"""One file a verb: its first line is its help line, its docstring its help, its `command` what runs."""
