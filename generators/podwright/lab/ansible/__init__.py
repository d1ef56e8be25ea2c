"""Ansible's way into a lab: connection variables for each node, laid over the inventory of the pod."""
