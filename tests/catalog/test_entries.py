"""What every shipped entry keeps to, whatever it describes."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from podwright.catalog import Asic, Nos, Server, Switch, cages, load, ports_of
from podwright.catalog.ports import ways

CATALOG = load()
SWITCHES = [pytest.param(model, id=name) for name, model in CATALOG.switches.items()]
SERVERS = [pytest.param(model, id=name) for name, model in CATALOG.servers.items()]
ASICS = [pytest.param(asic, id=name) for name, asic in CATALOG.asics.items()]
NAMINGS = [
    pytest.param(model, nos, id=f"{name}-{nos}") for name, model in CATALOG.switches.items() for nos in model.nos
]
GRAMMAR = {
    "sonic": r"Ethernet\d+",
    "cumulus": r"swp[1-9]\d*(s\d)?",
    "eos": r"Ethernet[1-9]\d*(/[1-8])?",
    "nxos": r"Ethernet1/[1-9]\d*(/[1-8])?",
    "junos": r"et-0/0/\d+(:[0-7])?",
}


def speed(mode: str) -> int:
    return int(mode.split("x")[1].removesuffix("G"))


def megabits(speed: str) -> int:
    """SONiC's unit is Mb/s where a speed has no G."""
    return int(speed.removesuffix("G")) * (1000 if speed.endswith("G") else 1)


def test_the_catalogue_has_the_models_that_blueprints_name() -> None:
    assert {"sn2201", "sn4700", "sn5600"} <= set(CATALOG.switches)
    assert {"cpu-1u", "hgx-h100", "nvme-2u"} <= set(CATALOG.servers)


@pytest.mark.parametrize("model", SWITCHES)
def test_modes_fit_the_lanes_of_a_cage_and_get_denser(model: Switch) -> None:
    for run in model.cages:
        counts = [ways(mode) for mode in run.modes]
        assert counts[0] == 1
        assert counts == sorted(counts)
        assert all(run.lanes % count == 0 for count in counts)
        assert {speed(each) for each in (f"1x{slow}" for slow in run.slower)}.isdisjoint(map(speed, run.modes))


@pytest.mark.parametrize("model", SWITCHES)
def test_no_cage_shares_its_number_or_a_lane_with_another(model: Switch) -> None:
    every = cages(model)
    lanes = list(chain.from_iterable(range(cage.lane, cage.lane + cage.run.lanes) for cage in every))
    assert len({cage.number for cage in every}) == len(every)
    assert len(set(lanes)) == len(lanes)


@pytest.mark.parametrize("model", SWITCHES)
def test_lanes_written_cage_by_cage_cover_the_run_and_begin_where_it_says(model: Switch) -> None:
    for run in model.cages:
        if run.first_lanes:
            assert len(run.first_lanes) == run.count
            assert run.first_lanes[0] == run.lane
            assert run.lane_step == 0


@pytest.mark.parametrize(("model", "nos"), NAMINGS)
def test_a_name_belongs_to_one_port_of_a_mode_and_is_of_the_grammar(model: Switch, nos: str) -> None:
    names: dict[str, set[str]] = {}
    for port in ports_of(model, model.nos[nos]):
        assert re.fullmatch(GRAMMAR[nos], port.name.name), port
        known = names.setdefault(port.mode, set())
        assert port.name.name not in known, port
        known.add(port.name.name)


@pytest.mark.parametrize(("model", "nos"), NAMINGS)
def test_the_same_name_in_two_modes_is_of_the_same_cage(model: Switch, nos: str) -> None:
    owner: dict[str, int] = {}
    for port in ports_of(model, model.nos[nos]):
        assert owner.setdefault(port.name.name, port.position.cage) == port.position.cage


@pytest.mark.parametrize(("model", "nos"), NAMINGS)
def test_sonic_knows_its_platform_and_no_other_needs_one(model: Switch, nos: str) -> None:
    naming: Nos = model.nos[nos]
    assert bool(naming.platform) == bool(naming.hwsku) == (nos == "sonic")


@pytest.mark.parametrize(("model", "nos"), NAMINGS)
def test_sonic_has_its_own_spelling_of_every_mode_and_means_the_same(model: Switch, nos: str) -> None:
    spelt = model.nos[nos].breakout_modes
    assert set(spelt) == ({mode for run in model.cages for mode in run.modes} if nos == "sonic" else set())
    for mode, spelling in spelt.items():
        assert (ways(spelling), megabits(spelling.split("[")[0].split("x")[1])) == (ways(mode), speed(mode) * 1000)


@pytest.mark.parametrize(
    "model", [pytest.param(each, id=name) for name, each in CATALOG.switches.items() if "sonic" in each.nos]
)
def test_the_densest_mode_lists_the_slower_speeds_of_sonic(model: Switch) -> None:
    for run in model.cages:
        for slower in run.slower:
            mode = [each for each in run.modes if speed(each) > megabits(slower) // 1000][-1]
            listed = model.nos["sonic"].breakout_modes[mode].partition("[")[2].removesuffix("]").split(",")
            assert slower in listed, mode


@pytest.mark.parametrize("model", SWITCHES)
def test_a_switch_names_its_chip_and_runs_no_port_faster_than_it(model: Switch) -> None:
    chip = CATALOG.asics[model.asic]
    speeds = {speed(mode) for run in model.cages for mode in run.modes}
    assert speeds | {speed(f"1x{slow}") for run in model.cages for slow in run.slower} <= set(chip.speeds)


@pytest.mark.parametrize("asic", ASICS)
def test_speeds_of_a_chip_are_in_order_and_its_lanes_no_faster(asic: Asic) -> None:
    assert list(asic.speeds) == sorted(set(asic.speeds))
    assert asic.lane <= max(asic.speeds)
    assert set(asic.adaptive_routing) <= set(asic.speeds)


@pytest.mark.parametrize("asic", ASICS)
def test_the_latency_before_rounding_is_the_one_that_was_rounded_up(asic: Asic) -> None:
    if asic.pipeline_latency_bytes:
        assert 0 <= asic.pipeline_latency_kib * 1024 - asic.pipeline_latency_bytes < 1024


def test_all_generations_of_spectrum_are_there_and_both_of_tomahawk_that_have_a_fit() -> None:
    by_formula: dict[str, set[str]] = {}
    for name, asic in CATALOG.asics.items():
        by_formula.setdefault(asic.headroom, set()).add(name)
    assert by_formula["spectrum"] == {f"spectrum-{number}" for number in range(1, 7)}
    assert by_formula["broadcom"] == {"tomahawk-4", "tomahawk-5"}


@pytest.mark.parametrize("model", SWITCHES + SERVERS + ASICS)
def test_sources_are_public_addresses(model: Switch | Server | Asic) -> None:
    assert model.source
    assert all(re.fullmatch(r"https://[a-z0-9.-]+/\S*", address) for address in model.source)


@pytest.mark.parametrize("model", SERVERS)
def test_rails_are_contiguous_on_every_plane(model: Server) -> None:
    compute = [nic for nic in model.nics if nic.role == "compute"]
    planes = {nic.plane for nic in compute}
    assert planes == set(range(1, len(planes) + 1))
    for plane in planes:
        assert [nic.rail for nic in compute if nic.plane == plane] == list(range(len(compute) // len(planes)))
    assert all(nic.rail == -1 and nic.plane == 1 for nic in model.nics if nic.role != "compute")


@pytest.mark.parametrize("model", SERVERS)
def test_no_two_ports_share_a_pci_address(model: Server) -> None:
    addresses = [nic.pci for nic in model.nics if nic.pci]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("model", SERVERS)
def test_compute_ports_have_all_their_addresses_or_none(model: Server) -> None:
    assert len({bool(nic.pci) for nic in model.nics if nic.role == "compute"}) <= 1


@pytest.mark.parametrize("model", SERVERS)
def test_a_server_has_one_controller_and_one_management_port_beside_it(model: Server) -> None:
    management = [nic for nic in model.nics if nic.role == "management"]
    assert sorted(nic.controller for nic in management) == [False, True]
    assert not any(nic.controller for nic in model.nics if nic.role != "management")


@pytest.mark.parametrize("model", SERVERS)
def test_gpus_have_a_model_and_what_has_none_is_no_compute_server(model: Server) -> None:
    assert bool(model.gpus) == bool(model.gpu_model) == (model.purpose == "compute")
