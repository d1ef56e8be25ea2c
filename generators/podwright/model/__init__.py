"""Plain records that every stage shares; this package imports nothing else of Podwright."""
