"""Build, test and remove virtual fabrics.

A lab is the pod's twin on real routing daemons in Linux namespaces: a part of the same design with the same names,
addresses and AS numbers.

\b
  podwright lab up pod.yaml --name atlas
  podwright lab test atlas --faults sample
  podwright lab down atlas
"""

from podwright.cli.lazy import VerbGroup

command = VerbGroup(package="podwright.cli.verbs.lab", help=__doc__, subcommand_metavar="VERB ...")
