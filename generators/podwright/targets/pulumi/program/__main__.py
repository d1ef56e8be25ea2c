"""What `pulumi preview`, `up`, `refresh` and `destroy` run; README.md says how to begin."""

from cluster import deploy

deploy()
