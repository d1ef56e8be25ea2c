"""The rules of lint, a module for each subject; see `podwright.check.framework` for their form."""
