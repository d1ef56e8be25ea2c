"""What each finding of the design means, for `podwright explain DES203`: the rule, why it is one, what to do."""

from __future__ import annotations

from typing import NamedTuple


class Prose(NamedTuple):
    """The rule as a sentence, the reason for it, and what to do."""

    title: str
    why: str
    fix: str


CODES: dict[str, Prose] = {
    "DES101": Prose(
        "runs of servers do not overlap",
        "A slot is a place in a rack. Names, addresses and ports are computed from it, so two servers cannot share one.",
        "Move one of the groups; the finding names the next free place.",
    ),
    "DES102": Prose(
        "the catalogue knows every server model",
        "Ports, their speeds and PCI addresses come from the catalogue.",
        "Correct the name; `podwright catalog list` shows all models.",
    ),
    "DES103": Prose(
        "assets belong to devices of the pod",
        "A serial number under a wrong name would reach no device, and nobody would notice.",
        "Correct the name of the device; `podwright design` lists all.",
    ),
    "DES104": Prose(
        "serial numbers, MAC addresses and addresses of controllers are unique",
        "Two devices with one value mean that a line of the delivery note was copied, or that two devices would answer.",
        "Correct one of the two.",
    ),
    "DES105": Prose(
        "no two devices have the same name",
        "A name is the key of configurations, inventories and monitoring. Host names are compared without case.",
        "Add a field to the name template that tells the devices apart.",
    ),
    "DES106": Prose(
        "a device name has at most 63 characters",
        "RFC 1123 gives a host name no more, and DNS refuses longer labels.",
        "Shorten the template, or the name of the group or fabric.",
    ),
    "DES107": Prose(
        "a name template has fields that its devices have",
        "A spine belongs to no unit and a server to every rail, so such a field would be blank, and names would meet.",
        "Use the fields that the finding lists.",
    ),
    "DES108": Prose(
        "overrides name devices of the pod",
        "An override under a wrong name would change nothing, and nobody would notice.",
        "Correct the name of the device; `podwright design` lists all.",
    ),
    "DES109": Prose(
        "overrides name interfaces of their device",
        "An interface is known by the name that the device's operating system gives it, once something is plugged in.",
        "Take a name that `podwright explain DEVICE` lists.",
    ),
    "DES110": Prose(
        "an interface that is to be watched has a BGP session",
        "BFD watches a session for BGP; where there is none, the line would have no effect.",
        "Remove the interface, or name the one that has the session.",
    ),
    "DES111": Prose(
        "overrides name groups of servers",
        "An override under a wrong name would change nothing, and nobody would notice.",
        "Correct the name of the group.",
    ),
    "DES112": Prose(
        "both ends of a cable have one MTU",
        "An end that sends larger packets than the other takes loses them, and nothing says so: pings and sessions still pass.",
        "Write the same at both ends, or at one of them: it holds for the cable.",
    ),
    "DES113": Prose(
        "no cable inside a fabric takes smaller packets than the fabric",
        "Servers send what the fabric's MTU allows, and routers in between don't split packets (RFC 8200; RoCE never). Cables to a "
        "router outside may take less: there servers learn the size of a path, or the router outside answers for its own.",
        "Write the fabric's MTU or more, or lower the MTU of the whole fabric.",
    ),
    "DES114": Prose(
        "the out-of-band network has one MTU",
        "It is bridged, so that no router in it could tell a sender that a packet is too large.",
        "Write `mtu` for the fabric.",
    ),
    "DES201": Prose(
        "the catalogue knows every switch model",
        "Cages, breakouts and the spelling of ports come from the catalogue.",
        "Correct the name; `podwright catalog list` shows all models.",
    ),
    "DES202": Prose(
        "the switch model runs the operating system",
        "Ports are spelt by the operating system, and the catalogue says how it spells those of this model.",
        "Choose one of the operating systems that the catalogue lists for the model.",
    ),
    "DES203": Prose(
        "a leaf has ports enough for its slots and uplinks",
        "A leaf serves a fixed number of slots, whether servers stand in them or not, so that growth recables nothing.",
        "Let a leaf serve fewer slots, oversubscribe its uplinks, or take a larger model.",
    ),
    "DES204": Prose(
        "a single switch serves one row of slots",
        "Without spines nothing joins a second switch.",
        "Take topology `leaf-spine` or `rail-optimised`, or keep all servers in the first row of unit 1.",
    ),
    "DES205": Prose(
        "the fabric has all rails of its servers",
        "Each compute port of a server goes to a rail of its own; a port without a rail would have no leaf.",
        "Write the number of rails that the finding names.",
    ),
    "DES206": Prose(
        "the fabric has all planes of its NICs",
        "A NIC with two ports has one on each of two planes, which never meet.",
        "Write the number of planes that the finding names.",
    ),
    "DES207": Prose(
        "leaf and spine share a speed for uplinks",
        "Both ends of a cable run at one speed.",
        "Write a speed under `link_speed: {uplink: ...}` that both models have.",
    ),
    "DES208": Prose(
        "slots of a leaf are written where they are not the whole unit",
        "How many slots a leaf serves decides names, AS numbers and prefixes of leaves. A written number stays when the model changes.",
        "Write `slots` under `leaf` with the number that the finding names.",
    ),
    "DES209": Prose(
        "the written number of spines has a port for every uplink",
        "All leaves of the planned units reach every spine by equally many links.",
        "Write the number of spines that the finding names, or leave it out.",
    ),
    "DES210": Prose(
        "two tiers have room for all leaves",
        "A leaf has one link to each spine at least, so there are no more spines than uplinks of a leaf.",
        "Plan fewer units, oversubscribe the leaves, or take a spine with more ports.",
    ),
    "DES211": Prose(
        "spines are laid out for the final size",
        "Without `planned_units` spines are counted for today's units, and a further unit moves cables.",
        "Write `planned_units` with the size that the pod may reach.",
    ),
    "DES212": Prose(
        "the pod is not larger than its plan",
        "Spines and their ports were laid out for `planned_units`; a larger number of units is laid out anew.",
        "Write the new size, and compare the cabling with what is built.",
    ),
    "DES213": Prose(
        "the topology suits the roles that the fabric carries",
        "Rails have a leaf of their own and no second home, and a tree is bridged, so neither carries routed servers.",
        "Move the role to a fabric of another topology.",
    ),
    "DES214": Prose(
        "a port runs at a speed that its cage has",
        "A cage that is split for one speed runs slower only at the speeds that the platform lists.",
        "Write the `link_speed` of the ports, or take another model of switch.",
    ),
    "DES215": Prose(
        "ports for a role are kept before its first server comes",
        "A leaf has the ports of rails first, then frontend, then storage. Where no server has ports of a role yet and their "
        "speed is unknown, the next role stands in their place.",
        "Write the `link_speed` of the role with the speed to come.",
    ),
    "DES301": Prose(
        "a pool has a bit for every bit of its layout",
        "Every address is a layout of fields over the pool; a smaller pool would give two devices one address.",
        "Write the larger pool that the finding names, or narrow a field under `layout` before anything is built.",
    ),
    "DES302": Prose(
        "a pool is a prefix of its own address family",
        "`pool` is IPv4 and `pool6` is IPv6.",
        "Write an address and a length, as 10.128.0.0/10.",
    ),
    "DES303": Prose(
        "a prefix has no host bits",
        "10.1.2.3/8 may mean 10.0.0.0/8 or one address, and guessing would renumber a pod.",
        "Write the network that the finding names.",
    ),
    "DES304": Prose(
        "a pool is not reserved for something else",
        "Routers and hosts treat loopback, multicast, documentation and other special prefixes in their own way.",
        "Take a private prefix, or one of your own.",
    ),
    "DES305": Prose(
        "pools and links to routers outside share no address",
        "One address in two places is the mistake that is found last.",
        "Give each its own prefix.",
    ),
    "DES306": Prose(
        "the management pool has a subnet for every unit",
        "Every unit, and the network row, has one subnet of 9 bits.",
        "Write a wider pool that begins at the same address, which renumbers nothing.",
    ),
    "DES307": Prose(
        "the layout has room for every unit",
        "The number of the unit is a field of every address.",
        "Widen `unit` in the layout, and the pool with it, before anything is built.",
    ),
    "DES308": Prose(
        "the layout has room for slots, rails and planes",
        "Each of them is a field of an address, and a field that overflows runs into its neighbour.",
        "Widen the field, and the pool with it, before anything is built.",
    ),
    "DES309": Prose(
        "AS numbers are private 32-bit numbers",
        "They are the base plus tier, plane, unit and number in decimals, and must stay in the private range of RFC 6996.",
        "Write a base that the finding allows.",
    ),
    "DES310": Prose(
        "a numbered underlay is IPv4",
        "Two families over numbered links take two sessions a link; one session over an unnumbered link carries both (RFC 8950).",
        "Leave the underlay unnumbered, or take the IPv6 pools away.",
    ),
    "DES311": Prose(
        "a leaf announces its slots as one prefix",
        "A leaf of rails announces one prefix a rail, so its slots are a power of two, or the whole unit.",
        "Write a power of two under `leaf: {slots: ...}`.",
    ),
    "DES312": Prose(
        "switches have numbers of their own",
        "Leaves, spines and uplinks are fields of addresses and AS numbers, with room for a fixed number of them.",
        "Use larger switches, or let a leaf serve more slots.",
    ),
    "DES313": Prose(
        "every bridged rail of a tenant has a VLAN",
        "Its number is 20 times that of the tenant, 10 for the second plane, and the rail: room for two planes of ten rails.",
        "Remove `bridged`: a routed tenant has one VLAN.",
    ),
    "DES314": Prose(
        "a bridged rail has a gateway of its own",
        "All leaves of a rail answer at the last address of unit 0, where leaves have loopbacks from the first on.",
        "Remove `bridged`, or widen `slot` or `host` before anything is built.",
    ),
    "DES315": Prose(
        "packets of tenants fit through their tunnels",
        "VXLAN over IPv4 adds 50 bytes between leaves (RFC 7348), which may not be fragmented, and a port takes 9216.",
        "Write an `mtu` for the fabric that leaves room for the tunnel.",
    ),
    "DES401": Prose(
        "every NIC role of a server is carried by a fabric",
        "Ports whose role no fabric carries have no cable. That may be meant.",
        "Add the role to the `carries` of a fabric, or leave it so.",
    ),
    "DES402": Prose(
        "ports of a role have one speed, or it is written",
        "The cages of a leaf are split for one speed of a role, so that any server may stand in any slot.",
        "Write `link_speed` for the role; slower ports then run at their own speed.",
    ),
    "DES403": Prose(
        "a server has at most two ports of a role",
        "A leaf keeps ports for two, one on each leaf of a pair.",
        "Take a server model with two ports of the role.",
    ),
    # DES404 is retired: a server speaks BGP on as many fabrics as it has routed ports on.
    "DES405": Prose(
        "a written speed is one that ports of the role have",
        "A leaf's cages are split for the written speed, and a link runs no faster than the NIC at its end.",
        "Write the speed of the NICs, or keep it for faster servers to come.",
    ),
    "DES406": Prose(
        "a DPU with a system of its own has the lossless class too",
        "In that mode the DPU's own system owns trust, PFC and notifications of its ports, and Podwright configures the server's alone. "
        "A port that does not pause, or does not mark, is a lossy hop of a lossless fabric.",
        "Set in the system of the DPU what the finding names, or have the DPU be a plain NIC: `dpu: nic` in the catalogue.",
    ),
    "DES501": Prose(
        "the management port of every switch finds a port",
        "Out-of-band leaves have ports for the slots they serve, and the rest for switches of the unit or of the network row.",
        "Let a leaf serve fewer slots, or give the tree a `spine`.",
    ),
    "DES502": Prose(
        "the root has a port for every out-of-band leaf",
        "Each leaf has one uplink, and on the root its port is counted from unit and row, so that growth moves none.",
        "Take a larger root, or let a leaf serve more slots.",
    ),
    "DES503": Prose(
        "the network row has no more leaves than a unit",
        "The root keeps as many ports for the network row as for a unit.",
        "Let a leaf serve fewer slots, which gives every row more leaves.",
    ),
    "DES504": Prose(
        "a management subnet numbers all switches",
        "It has a fixed range for the switches of each fabric.",
        "Use larger switches, so that there are fewer of them.",
    ),
    "DES505": Prose(
        "an out-of-band switch has ports for its slots",
        "Every slot has two, one for the BMC and one for the server's management port.",
        "Take topology `tree`, or let a leaf serve fewer slots.",
    ),
    "DES506": Prose(
        "a server has one BMC port and one management port",
        "A slot has a port for each on the out-of-band network; more have no place.",
        "Cable them by hand, or take a server model that lists one.",
    ),
    "DES507": Prose(
        "management is carried alone",
        "The out-of-band network is bridged and has no protocol, so that baseboard controllers can use it.",
        "Move the other roles to a fabric of their own.",
    ),
    "DES601": Prose(
        "a device fits into its share of a rack",
        "Each slot, and the switches of each role, have a fixed part of a rack, so that growth moves no device.",
        "Write fewer slots to a rack, or higher racks, under `facility`.",
    ),
    "DES602": Prose(
        "a cable of the catalogue reaches as far as it is long",
        "A medium carries a lane rate over the distance of its standard, and no further.",
        "Write a shorter length under `facility`, or nearer switches into the plan.",
    ),
    "DES701": Prose(
        "networks of a zone have no host bits",
        "A network with host bits set is an address that was meant, or a length that was not.",
        "Write the network that the finding names.",
    ),
    "DES702": Prose(
        "networks of a zone lie beyond the pod",
        "The pod's own addresses are in zones by the groups that have them. A network over the same addresses would put one "
        "server in two zones, with two answers to what it may do.",
        "Name the groups instead of the network, or correct the network.",
    ),
    "DES703": Prose(
        "somebody can reach the servers",
        "With zones everything is denied that nothing allows. Without an out-of-band network and without administrators no "
        "rule would let Ansible in again.",
        "Write `administrators` in the section `security`, or add a fabric that carries management.",
    ),
    "DES801": Prose(
        "ranges of pods and services meet nothing else",
        "A pod that has an address of a server, or a service that has one of a resolver, hides it from every node.",
        "Write a range that no pool, link or address of the blueprint lies in; the cluster has to be set up with it.",
    ),
    "DES802": Prose(
        "every node gets a prefix of the range of pods",
        "The controller manager gives each node a prefix of one length. A node that gets none has no network for its pods.",
        "Set the cluster up with a wider range of pods, or with a longer `node_prefix`.",
    ),
    "DES803": Prose(
        "the API server takes the range of services",
        "It keeps a bitmap of all addresses of services and takes 2^20 of them at most.",
        "Write a range of /12 or smaller, as 10.96.0.0/12.",
    ),
    "DES804": Prose(
        "tenants are promised no more GPUs than there are",
        "Quotas that add up to more let every tenant believe in GPUs that another one has. It may be meant, where they take turns.",
        "Lower a quota, add workers, or keep it where over-commitment is meant.",
    ),
    "DES805": Prose(
        "quotas count the GPUs of all workers",
        "A device plugin of each vendor has a resource name of its own, and a quota counts one name.",
        "Write `gpu_resource` with the one that quotas are about, or take workers of one vendor.",
    ),
    "DES806": Prose(
        "every worker can mount what its tenants mount",
        "A pod is placed on any worker, and the kubelet there mounts its volumes. Servers serve a store to those only that mount it.",
        "Add the group to `mount` of the store, or keep it out where pods choose their nodes.",
    ),
    "DES807": Prose(
        "the operator can find the NICs that it gives to pods",
        "It knows a NIC by its type and its PCI address, since neither order nor names tell which one leads to which rail.",
        "Copy the catalogue's entry of the server, write the PCI addresses that `lspci -D` shows there, and use that model.",
    ),
    "DES901": Prose(
        "servers of a store, and those that mount it, have addresses on its fabric",
        "Files travel between the addresses that both have there; a group without ports on the fabric has none.",
        "Take the fabric that the finding names, or a server model with ports for it.",
    ),
    "DES902": Prose(
        "a filer outside the pod has a way to it",
        "Servers reach what is outside by the default route, which routers outside give to the fabric.",
        "Add `outside` to the fabric, with the router that leads to the filer.",
    ),
    "DES903": Prose(
        "a filer outside the pod has an address outside its pools",
        "Every address of a pool belongs to a place in the pod, and packets to it stay there.",
        "Write the address that the filer has outside the pod.",
    ),
    "DES904": Prose(
        "servers reach a filer outside over their home fabric",
        "A server has one default route, from the fabric that gives it its AS number; answers come back there.",
        "Write that fabric as the store's.",
    ),
}
