"""The embedded driver: a node is a set of Linux namespaces, a cable a veth pair, a lab one keeper process.

    podwright lab up -> keeper -> setpriv, unshare -> node.sh (PID 1 of the node) -> whatever runs in the node

Each arrow is a parent whose death kills the child, so a lab ends with its keeper, however that ends.
"""
