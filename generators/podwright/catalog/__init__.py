"""Facts about hardware, as YAML, and the one loader that reads them."""

from podwright.catalog.loader import load
from podwright.catalog.records import Cages, Catalog, Nic, Nos, Server, Switch

__all__ = ["Cages", "Catalog", "Nic", "Nos", "Server", "Switch", "load"]
