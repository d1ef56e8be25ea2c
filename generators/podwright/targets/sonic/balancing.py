"""Which fields of a packet choose among equal paths, where the lossless class is carried.

A queue pair of RoCEv2 is told from another by its UDP source port alone, and a packet in a tunnel by that of the tunnel, which
the switch at its beginning makes from the packet in it. SONiC hashes a packet as it came in, so one list serves both:
https://github.com/sonic-net/SONiC/blob/master/doc/hash/hash-design.md

A field that an ASIC can't hash makes SONiC refuse the whole list, and capabilities are known by asking the switch. So it is
written for the families alone of which SONiC's own tests list these fields; on others the platform's default holds:
https://github.com/sonic-net/sonic-mgmt/blob/master/tests/hash/generic_hash_helper.py

Balancing by load (adaptive routing) is a setting of the ASIC's SDK, which no table of SONiC's models has.
"""

from __future__ import annotations

from collections.abc import Mapping

from podwright.projection.records import SwitchQos

FIELDS = ("IP_PROTOCOL", "DST_IP", "SRC_IP", "L4_DST_PORT", "L4_SRC_PORT")
ABLE = ("spectrum-", "silicon-one-")


def balancing_tables(qos: SwitchQos | None) -> Mapping[str, dict[str, Mapping[str, str | list[str]]]]:
    """SWITCH_HASH; none where no lossless traffic is, or where it isn't known what the ASIC can hash."""
    if qos is None or not qos.asic.startswith(ABLE):
        return {}
    return {"SWITCH_HASH": {"GLOBAL": {"ecmp_hash": list(FIELDS)}}}
