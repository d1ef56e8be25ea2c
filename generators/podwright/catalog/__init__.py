"""Facts about hardware, as YAML, the one loader that reads them, and the ports they describe."""

from podwright.catalog.loader import entry_texts, join, load, shelves
from podwright.catalog.ports import Cage, PortId, PortName, cages, clash, find_port, ports_of, spell
from podwright.catalog.records import (
    CONFIGURED_SYSTEMS,
    Asic,
    Cable,
    Cages,
    Catalog,
    Nic,
    Nos,
    Reach,
    Server,
    Standard,
    Switch,
)

__all__ = [
    "CONFIGURED_SYSTEMS",
    "Asic",
    "Cable",
    "Cage",
    "Cages",
    "Catalog",
    "Nic",
    "Nos",
    "PortId",
    "PortName",
    "Reach",
    "Server",
    "Standard",
    "Switch",
    "cages",
    "clash",
    "entry_texts",
    "find_port",
    "join",
    "load",
    "ports_of",
    "shelves",
    "spell",
]
