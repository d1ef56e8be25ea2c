"""The templates of this target, loaded once a render."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from podwright.projection.records import HostConfig, HostInterface, MarkClass, SshConfig
from podwright.targets.frr.filtering import Chain
from podwright.targets.frr.kernel import Sysctl
from podwright.targets.frr.queues import HANDLE, RED_HANDLE, RED_PACKET, Queues
from podwright.targets.frr.routing import Routing

if TYPE_CHECKING:
    from jinja2 import Environment


class Spelling:
    """Texts of the files of a device. What a template does not know is an error, not an empty string."""

    def __init__(self) -> None:
        self._environment = _environment()

    def frr(self, routing: Routing) -> str:
        return self._fill("frr.conf.j2", routing=routing)

    def sysctl(self, device: str, sysctls: Iterable[Sysctl]) -> str:
        return self._fill("sysctl.conf.j2", device=device, sysctls=sysctls)

    def lldpd(self, device: str) -> str:
        return self._fill("lldpd.conf.j2", device=device)

    def marking(self, device: str, classes: Sequence[MarkClass]) -> str:
        return self._fill("marking.nft.j2", device=device, classes=classes)

    def sorting(self, device: str, queues: Queues) -> str:
        return self._fill("qos.nft.j2", device=device, queues=queues, handle=HANDLE)

    def queueing(self, device: str, queues: Queues) -> str:
        return self._fill(
            "qos.tc.j2", device=device, queues=queues, handle=HANDLE, handle_of_red=RED_HANDLE, red_packet=RED_PACKET
        )

    def sshd(self, device: str, ssh: SshConfig) -> str:
        return self._fill("sshd.conf.j2", device=device, ssh=ssh)

    def zones(self, device: str, chains: Sequence[Chain]) -> str:
        return self._fill("zones.nft.j2", device=device, chains=chains)

    def time_servers(self, host: HostConfig) -> str:
        return self._fill("chrony.sources.j2", host=host)

    def name_servers(self, host: HostConfig) -> str:
        return self._fill("resolved.conf.j2", host=host)

    def link(self, device: str, interface: HostInterface) -> str:
        return self._fill("link.j2", device=device, interface=interface)

    def unmanaged(self, interfaces: Sequence[str]) -> str:
        return self._fill("unmanaged.network.j2", interfaces=interfaces)

    def _fill(self, template: str, **values: object) -> str:
        return self._environment.get_template(template).render(values)


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # a tenth of a second, and only rendering needs it

    return Environment(
        loader=PackageLoader("podwright.targets.frr", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
