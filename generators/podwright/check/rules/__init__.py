"""The checks themselves, one module a subject. Adding one is a function here and a fixture pair in tests/checks/."""
