"""Look at the hardware that Podwright knows.

\b
  podwright catalog list
  podwright catalog show sn5600
"""

from podwright.cli.lazy import VerbGroup

command = VerbGroup(package="podwright.cli.verbs.catalog", help=__doc__, subcommand_metavar="VERB ...")
