"""A real Kubernetes control plane for tests: etcd, API server, controller manager, scheduler, and KWOK for the nodes.

    def test_quota(cluster: Cluster, kubeconfig: Path, pulumi: Pulumi, language_host: Path) -> None:
        cluster.add_nodes([SimulatedNode("gpu-u001-s01", {"topology.kubernetes.io/zone": "a"})])
        pulumi.run("up", "--yes", cwd=rendered)
        assert cluster.exists("/api/v1/namespaces/ml")

The fixtures are in conftest.py; tests with a cluster run in one worker of pytest-xdist. One control plane serves a test run:
a test takes names of its own, or gives back what it made (`inventory` before and after says whether it did). Its processes
die with the one that started them, even where that is killed. The programs come from tools/engines.sh; where one is
missing, the tests are skipped and say so.
"""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

STAGES = Path(__file__).with_name("stages.yaml")
TOKEN = "token-of-this-test-run"
# Seconds. The API server is ready in 3 s on an idle machine; these are for one that builds and runs labs besides.
STARTING, SETTLING, STOPPING = 120.0, 60.0, 10.0
PAUSE, STILL = 0.1, 2.0

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl")

# What the control plane keeps writing by itself; everything else is there because somebody asked for it.
OWN_WRITES = {"events", "leases", "endpoints", "endpointslices", "componentstatuses", "apiservices"}

Document = dict[str, Any]


class ClusterError(AssertionError):
    """The control plane did not do what a test needs of it; the sentence ends with the log's last lines."""


@dataclass(frozen=True)
class SimulatedNode:
    """A node that KWOK keeps Ready. Amounts are the node's capacity as Kubernetes writes them."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    capacity: Mapping[str, str] = field(
        default_factory=lambda: {"cpu": "224", "memory": "2Ti", "pods": "110", "nvidia.com/gpu": "8"}
    )

    def document(self) -> Document:
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": {"kubernetes.io/hostname": self.name, **self.labels}},
            "status": {"capacity": dict(self.capacity), "allocatable": dict(self.capacity)},
        }


class Cluster:
    """A running control plane: `kubeconfig` for programs, and the calls that tests make themselves as its administrator."""

    def __init__(self, folder: Path, url: str, kubectl: Path) -> None:
        self.folder = folder
        self.url = url
        self.kubeconfig = folder / "kubeconfig"
        self._kubectl = kubectl

    def request(
        self, method: str, path: str, body: Document | None = None, *, form: str = "application/json"
    ) -> Document:
        """One call of the API, by its path. A refusal is a `ClusterError` with the API server's own words."""
        return json.loads(self._call(method, path, body, form))

    def _call(self, method: str, path: str, body: Document | None = None, form: str = "application/json") -> bytes:
        call = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": form},
        )
        try:
            with urllib.request.urlopen(call, context=self._trust(), timeout=SETTLING) as answer:
                return answer.read()
        except HTTPError as error:
            raise ClusterError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def _trust(self) -> ssl.SSLContext:
        trust = ssl.create_default_context(cafile=str(self.folder / "apiserver.crt"))
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT  # the API server's own certificate has no key identifiers
        return trust

    def ready(self) -> bool:
        """Whether the API server answers, and says that it is ready."""
        try:
            self._call("GET", "/readyz")
        except (ClusterError, OSError):
            return False
        return True

    def get(self, path: str) -> Document:
        return self.request("GET", path)

    def exists(self, path: str) -> bool:
        try:
            self.get(path)
        except ClusterError as error:
            if ": 404 " in str(error):
                return False
            raise
        return True

    def merge(self, path: str, change: Document) -> Document:
        """A change made by hand: a JSON merge patch on one object."""
        return self.request("PATCH", path, change, form="application/merge-patch+json")

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """What kubectl prints; a failure is a `ClusterError` with its own words."""
        done = subprocess.run(
            [str(self._kubectl), "--kubeconfig", str(self.kubeconfig), *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ClusterError(f"kubectl {' '.join(words)}: {done.stderr}")
        return done.stdout

    def add_nodes(self, nodes: Iterable[SimulatedNode]) -> None:
        """Adds simulated nodes and waits until each is Ready."""
        wanted = list(nodes)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda node: self.request("POST", "/api/v1/nodes", node.document()), wanted))
        names = {node.name for node in wanted}
        wait_for(lambda: names <= self.ready_nodes(), SETTLING, f"the nodes {sorted(names)} to be Ready")

    def ready_nodes(self) -> set[str]:
        return {node["metadata"]["name"] for node in self.get("/api/v1/nodes")["items"] if _is(node, "Ready")}

    def remove_nodes(self, names: Iterable[str]) -> None:
        for name in names:
            self.request("DELETE", f"/api/v1/nodes/{name}")

    def define(self, *files: Path) -> None:
        """Creates the CustomResourceDefinitions that the files hold and waits until they are served."""
        definitions = [
            document
            for file in files
            for document in yaml.safe_load_all(file.read_text())
            if document and document["kind"] == "CustomResourceDefinition"
        ]
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for definition in definitions:
            if not self.exists(f"{path}/{definition['metadata']['name']}"):
                self.request("POST", path, definition)
        for definition in definitions:
            name = definition["metadata"]["name"]
            wait_for(lambda n=name: _is(self.get(f"{path}/{n}"), "Established"), SETTLING, f"{name} to be served")

    def inventory(self) -> set[str]:
        """Every object there is, as its API path; without what the control plane keeps writing by itself."""
        groups = ["/api/v1"] + [
            f"/apis/{group['preferredVersion']['groupVersion']}" for group in self.get("/apis")["groups"]
        ]
        return {path for group in groups for path in self._objects(group)}

    def _objects(self, group: str) -> Iterator[str]:
        for kind in self.get(group)["resources"]:
            if "list" in kind["verbs"] and kind["name"] not in OWN_WRITES:
                for item in self.get(f"{group}/{kind['name']}")["items"]:
                    namespace = item["metadata"].get("namespace")
                    within = f"/namespaces/{namespace}" if namespace else ""
                    yield f"{group}{within}/{kind['name']}/{item['metadata']['name']}"

    def logs(self, lines: int = 15) -> str:
        """The last lines of each process's log."""
        return "\n".join(
            f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
            for log in sorted(self.folder.glob("*.log"))
        )


@contextmanager
def running(folder: Path, programs: Mapping[str, Path]) -> Iterator[Cluster]:
    """A control plane whose files are all in `folder`, ready to be used; gone at the end. `programs`: name to path."""
    etcd, etcd_peers, api = _free_ports(3)
    cluster = Cluster(folder, f"https://127.0.0.1:{api}", programs["kubectl"])
    _write_files(cluster)
    with ExitStack() as stack:
        processes: dict[str, subprocess.Popen[bytes]] = {}

        def start(name: str, *flags: str) -> None:
            processes[name] = stack.enter_context(_process(programs[name], flags, folder / f"{name}.log"))

        try:
            start("etcd", *_etcd_flags(folder, etcd, etcd_peers))
            start("kube-apiserver", *_api_server_flags(folder, etcd, api))
            _ready(processes, "an API server that is ready", cluster.ready)
            start("kube-controller-manager", *_controller_manager_flags(folder))
            start("kube-scheduler", f"--kubeconfig={cluster.kubeconfig}", "--leader-elect=false", "--secure-port=0")
            start("kwok", f"--kubeconfig={cluster.kubeconfig}", "--manage-all-nodes=true", f"--config={STAGES}")
            account = "/api/v1/namespaces/default/serviceaccounts/default"
            _ready(processes, "a namespace that controllers have set up", lambda: cluster.exists(account))
            _ready(processes, "an end of what controllers set up", lambda: _still(cluster))
        except ClusterError as error:
            raise ClusterError(f"{error}\n{cluster.logs()}") from None
        yield cluster


def wait_for(done: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise ClusterError(f"waited {seconds:.0f} s for {what}")
        time.sleep(PAUSE)


def _ready(processes: Mapping[str, subprocess.Popen[bytes]], what: str, done: Callable[[], bool]) -> None:
    def done_or_dead() -> bool:
        for name, process in processes.items():
            if process.poll() is not None:
                raise ClusterError(f"{name} ended with {process.returncode} before there was {what}")
        return done()

    wait_for(done_or_dead, STARTING, what)


def _still(cluster: Cluster) -> bool:
    """Whether nothing comes or goes for a while; what is there at the start is then what a test finds before its own."""
    before = cluster.inventory()
    time.sleep(STILL)
    return cluster.inventory() == before


@contextmanager
def _process(program: Path, flags: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with this block, and with the process that started it if that is killed."""
    guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    with log.open("wb") as output:
        # A session of its own: Ctrl-C in a terminal reaches the tests, and they end it in order.
        process = subprocess.Popen(
            [*guard, str(program), *flags],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]


def _is(item: Document, condition: str) -> bool:
    conditions = item.get("status", {}).get("conditions", ())
    return any(one["type"] == condition and one["status"] == "True" for one in conditions)


def _write_files(cluster: Cluster) -> None:
    folder = cluster.folder
    (folder / "tokens.csv").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
    (folder / "sa.key").write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    access = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "tests",
                "cluster": {"server": cluster.url, "certificate-authority": str(folder / "apiserver.crt")},
            }
        ],
        "users": [{"name": "admin", "user": {"token": TOKEN}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "admin"}}],
        "current-context": "tests",
    }
    cluster.kubeconfig.write_text(yaml.safe_dump(access))


def _etcd_flags(folder: Path, clients: int, peers: int) -> list[str]:
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{clients}",
        f"--advertise-client-urls=http://127.0.0.1:{clients}",
        f"--listen-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peers}",
        f"--initial-cluster=default=http://127.0.0.1:{peers}",
        "--unsafe-no-fsync",
    ]


def _api_server_flags(folder: Path, etcd: int, port: int) -> list[str]:
    return [
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        f"--cert-dir={folder}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder / 'sa.key'}",
        f"--service-account-signing-key-file={folder / 'sa.key'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
    ]


def _controller_manager_flags(folder: Path) -> list[str]:
    return [
        f"--kubeconfig={folder / 'kubeconfig'}",
        "--use-service-account-credentials",
        f"--service-account-private-key-file={folder / 'sa.key'}",
        f"--root-ca-file={folder / 'apiserver.crt'}",
        "--leader-elect=false",
        "--secure-port=0",
    ]
