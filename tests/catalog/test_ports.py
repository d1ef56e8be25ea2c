"""One identity for every spelling of a port, and names and lanes as the platforms' own files have them."""

from __future__ import annotations

import pytest

from podwright.catalog import Cages, Nos, PortId, Switch, cages, clash, find_port, load, ports_of, spell

SWITCHES = load().switches


@pytest.mark.parametrize(
    ("model", "nos", "mode", "first", "second"),
    [
        ("sn5600", "sonic", "1x800G", "Ethernet0", "etp1"),
        ("sn5600", "sonic", "2x400G", "Ethernet4", "etp1b"),
        ("sn5600", "sonic", "4x200G", "Ethernet12", "etp2c"),
        ("sn4600", "sonic", "2x100G", "Ethernet254", "etp64b"),
        ("sn5400", "sonic", "1x25G", "Ethernet520", "etp66"),
        ("sn5610", "sonic", "1x800G", "Ethernet504", "etp64"),
        ("ds3000", "sonic", "2x50G", "Ethernet2", "Eth1/3"),
        ("ds3000", "sonic", "4x10G", "Ethernet3", "Eth1/4"),
        ("as4630-54te", "sonic", "4x25G", "Ethernet57", "Eth54/2(Port54)"),
        ("7060x6-64pe", "sonic", "2x400G", "Ethernet508", "Ethernet64/5"),
        ("7060x6-64pe", "eos", "1x800G", "Ethernet1", "Ethernet1/1"),
        ("7060x6-64pe", "eos", "1x800G", "Et1/1", "ethernet 1/1"),
        ("7060x6-64pe", "eos", "4x200G", "et64/7", "Ethernet64/7"),
        ("7060x6-64pe", "eos", "1x10G", "Et65", "Ethernet65"),
        ("n9364e-sg2", "nxos", "2x400G", "eth1/64/2", "Ethernet1/64/2"),
        ("n9364e-sg2", "nxos", "1x800G", "e1/7", "Ethernet1/7"),
    ],
)
def test_two_spellings_of_one_port_agree(model: str, nos: str, mode: str, first: str, second: str) -> None:
    found = find_port(SWITCHES[model], nos, first, mode)
    assert found is not None
    assert found == find_port(SWITCHES[model], nos, second, mode)


@pytest.mark.parametrize(
    ("model", "nos", "spelling", "position"),
    [
        ("sn5600", "cumulus", "swp1", (1, 0)),
        ("sn5600", "cumulus", "swp64s1", (64, 2)),
        ("sn5600", "cumulus", "swp65", (65, 0)),
        ("sn5600", "sonic", "etp3d", (3, 4)),
        ("sn2201", "sonic", "Ethernet47", (48, 0)),
        ("sn2201", "sonic", "Ethernet60", (52, 0)),
        ("sn5640", "sonic", "Ethernet520", (66, 0)),
        ("qfx5240-64od", "junos", "et-0/0/0", (0, 0)),
        ("qfx5240-64od", "junos", "et-0/0/63:1", (63, 2)),
        ("7060dx5-64s", "eos", "Ethernet33/5", (33, 2)),
    ],
)
def test_a_spelling_leads_to_its_position(model: str, nos: str, spelling: str, position: tuple[int, int]) -> None:
    assert find_port(SWITCHES[model], nos, spelling) == position


@pytest.mark.parametrize(
    ("model", "nos", "spelling"),
    [
        ("sn5600", "sonic", "ethernet0"),
        ("sn5600", "sonic", "Ethernet1"),
        ("sn5600", "cumulus", "swp0"),
        ("sn5600", "cumulus", "swp1s4"),
        ("sn5600", "cumulus", "Ethernet0"),
        ("7060x6-64pe", "eos", "Ethernet65/1"),
        ("7060x6-64pe", "eos", "Management1"),
        ("n9364e-sg2", "nxos", "Ethernet2/1"),
        ("qfx5240-64od", "junos", "et-0/0/64"),
        ("qfx5240-64od", "junos", "et-0/0/0:2"),
        ("sn5600", "sonic", ""),
    ],
)
def test_what_names_no_port_is_not_found(model: str, nos: str, spelling: str) -> None:
    assert find_port(SWITCHES[model], nos, spelling) is None


def test_the_mode_decides_which_sub_port_a_number_means() -> None:
    model = SWITCHES["sn5600"]
    assert find_port(model, "sonic", "Ethernet4", "2x400G") == (1, 2)
    assert find_port(model, "sonic", "Ethernet4", "4x200G") == (1, 3)
    assert find_port(model, "sonic", "Ethernet4", "1x800G") is None


def test_a_name_goes_before_another_port_s_alias() -> None:
    model = SWITCHES["7060x6-64pe"]
    assert find_port(model, "sonic", "Ethernet66") == (9, 2)
    assert find_port(model, "sonic", "Ethernet65") == (65, 0)


def test_every_name_leads_back_to_its_port() -> None:
    for model in (SWITCHES["sn4700"], SWITCHES["7060dx5-64s"]):
        for nos in model.nos:
            for port in list(ports_of(model, model.nos[nos]))[::37]:
                assert find_port(model, nos, port.name.name, port.mode) == port.position


def test_a_whole_cage_clashes_with_its_parts_and_parts_do_not() -> None:
    whole, first, second, other = PortId(1, 0), PortId(1, 1), PortId(1, 2), PortId(2, 0)
    assert clash(whole, first)
    assert clash(second, whole)
    assert clash(first, first)
    assert not clash(first, second)
    assert not clash(whole, other)


@pytest.mark.parametrize(
    ("model", "mode", "name", "alias", "lanes"),
    [
        ("sn2201", "1x1G", "Ethernet41", "etp42", (164,)),
        ("sn2201", "2x50G", "Ethernet62", "etp52b", (206, 207)),
        ("sn4600c", "1x100G", "Ethernet236", "etp60", (472, 473, 474, 475)),
        ("sn5600", "2x400G", "Ethernet508", "etp64b", (508, 509, 510, 511)),
        ("7060x6-64pe", "2x400G", "Ethernet0", "Ethernet1/1", (17, 18, 19, 20)),
        ("7060x6-64pe", "2x400G", "Ethernet284", "Ethernet36/5", (285, 286, 287, 288)),
        ("7060x6-64pe", "1x10G", "Ethernet513", "Ethernet66", (515,)),
        ("7060dx5-64s", "1x400G", "Ethernet256", "Ethernet33/1", (1, 2, 3, 4, 5, 6, 7, 8)),
        ("7060dx5-64s", "1x10G", "Ethernet512", "Ethernet65", (515,)),
        ("z9664f", "1x400G", "Ethernet132", "etp34", (1, 2, 3, 4)),
        ("as4630-54te", "1x1G", "Ethernet16", "Eth17(Port17)", (46,)),
        ("as4630-54te", "1x25G", "Ethernet51", "Eth52(Port52)", (68,)),
        ("ds3000", "1x10G", "Ethernet128", "Eth33/1", (129,)),
    ],
)
def test_names_and_lanes_are_those_of_the_platform(
    model: str, mode: str, name: str, alias: str, lanes: tuple[int, ...]
) -> None:
    entry = SWITCHES[model]
    port = next(each for each in ports_of(entry, entry.nos["sonic"]) if (each.mode, each.name.name) == (mode, name))
    assert (port.name.alias, port.lanes) == (alias, lanes)


def test_cages_count_lanes_by_step_or_as_written() -> None:
    nos = Nos(whole="p{cage}", sub="p{cage}-{sub}-{sub0}-{lane}{letter}", management="m0")
    model = Switch(
        title="a switch",
        vendor="none",
        asic="none",
        rack_units=1,
        cages=(
            Cages(first=1, count=2, form="osfp", lanes=4, modes=("1x400G", "2x200G"), index=0, lane=0, lane_step=8),
            Cages(first=3, count=2, form="osfp", lanes=4, modes=("1x400G",), index=8, lane=24, first_lanes=(24, 16)),
        ),
        nos={"sonic": nos},
        source=("https://example.net/",),
    )
    assert [(cage.number, cage.first, cage.lane) for cage in cages(model)] == [
        (1, 0, 0),
        (2, 4, 8),
        (3, 8, 24),
        (4, 12, 16),
    ]
    assert spell(nos, cages(model)[1], "2x200G", 2).name == "p2-2-1-3b"
