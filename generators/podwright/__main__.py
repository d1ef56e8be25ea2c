"""`python -m podwright`: the same as the command `podwright`."""

from podwright.cli import main

main()
