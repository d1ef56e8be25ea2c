"""The rendered program under Pulumi's mocks: every resource and its inputs, over the data of two blueprints.

The program runs in a process of its own, as it does for a user: its package is called `cluster`, and its folder comes first.
After an intended change, freeze again and read the difference before it is committed:

    PODWRIGHT_FREEZE=1 pytest tests/targets/pulumi && git diff tests/golden/pulumi
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from podwright.pipeline import design_pod, render_pod
from podwright.render import write

HERE = Path(__file__).parent
GOLDEN = HERE.parents[1] / "golden" / "pulumi"
REFERENCE = HERE.parents[2] / "blueprints" / "hgx-h100-32"
EVERYTHING = HERE.parents[1] / "validate" / "whole.yaml"
RUNNER = HERE / "mocked.py"

Resource = dict[str, Any]


def rendered(text: str, folder: Path) -> Path:
    """The rendered pulumi/ of a blueprint."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pod.yaml").write_text(text, encoding="utf-8")
    artifacts = render_pod(design_pod(folder / "pod.yaml"))
    write([each for each in artifacts if each.target == "pulumi"], folder / "build")
    return folder / "build" / "pulumi"


def declared(program: Path, **config: str) -> list[Resource]:
    """What the program declares, in order of identity."""
    done = subprocess.run(
        [sys.executable, str(RUNNER), json.dumps(config)], cwd=program, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return sorted(json.loads(done.stdout), key=lambda each: (each["type"], each["name"]))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rendered((REFERENCE / "pod.yaml").read_text("utf-8"), tmp_path_factory.mktemp("atlas"))


@pytest.fixture(scope="module")
def resources(program: Path) -> list[Resource]:
    return declared(program)


def of(resources: list[Resource], kind: str) -> dict[str, Any]:
    return {each["name"]: each["inputs"] for each in resources if each["type"].endswith(f":{kind}")}


def test_every_resource_has_the_frozen_inputs(resources: list[Resource]) -> None:
    text = json.dumps(resources, indent=1, sort_keys=True) + "\n"
    frozen = GOLDEN / "hgx-h100-32.json"
    if os.environ.get("PODWRIGHT_FREEZE"):
        frozen.parent.mkdir(exist_ok=True)
        frozen.write_text(text, encoding="utf-8")
    assert text == frozen.read_text("utf-8")


def test_every_namespace_is_shut_both_ways_before_anything_opens_it(resources: list[Resource]) -> None:
    policies = of(resources, "NetworkPolicy")
    for namespace in of(resources, "Namespace"):
        spec = policies[f"{namespace}/default-deny"]["spec"]
        assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [], "egress": []}


def test_no_role_of_a_tenant_can_open_its_namespace_or_lift_its_quota(resources: list[Resource]) -> None:
    """Kubernetes' own roles edit and admin can do the first."""
    for role in of(resources, "ClusterRole").values():
        for rule in role["rules"]:
            guarded = {"networkpolicies", "resourcequotas", "limitranges", "namespaces"} & set(rule["resources"])
            assert not guarded or set(rule["verbs"]) <= {"get", "list", "watch"}
            assert "*" not in {*rule["verbs"], *rule["resources"], *rule["apiGroups"]}


def test_no_resource_is_a_node(resources: list[Resource]) -> None:
    """Labels come from files on the nodes: a pod of 12,500 servers has no larger program."""
    assert not of(resources, "Node")
    assert not of(resources, "NodePatch")


def test_a_tenant_has_no_pod_of_a_class_that_is_not_its_own(resources: list[Resource]) -> None:
    spec = of(resources, "ResourceQuota")["research/priorities"]["spec"]
    assert spec["hard"] == {"pods": "0"}
    (expression,) = spec["scopeSelector"]["matchExpressions"]
    assert expression["values"] == ["system-cluster-critical", "system-node-critical", "urgent"]


def test_a_volume_is_one_claim_s_of_one_namespace(resources: list[Resource]) -> None:
    """Else the first tenant to ask would get what is another's."""
    claims = of(resources, "PersistentVolumeClaim")
    volumes = of(resources, "PersistentVolume")
    assert len(claims) == len(volumes) == 8
    for name, volume in volumes.items():
        spec, wanted = volume["spec"], volume["spec"]["claimRef"]
        claim = claims[f"{wanted['namespace']}/{wanted['name']}"]["spec"]
        assert (claim["volumeName"], claim["storageClassName"]) == (name, spec["storageClassName"])
        assert spec["nfs"]["path"] == "/scratch"
        assert spec["persistentVolumeReclaimPolicy"] == "Retain"


def test_every_object_is_called_what_the_register_calls_it(resources: list[Resource]) -> None:
    named = [each for each in resources if "metadata" in each["inputs"]]
    identities = [
        (each["type"], each["inputs"]["metadata"].get("namespace"), each["inputs"]["metadata"]["name"])
        for each in named
    ]
    assert (
        len(set(identities))
        == len(named)
        == len([each for each in resources if each["type"].startswith("kubernetes:")])
    )


def test_every_resource_also_answers_to_the_other_layers(resources: list[Resource]) -> None:
    members = [each for each in resources if each["type"].startswith("kubernetes:")]
    layers = {each["parent"] for each in members}
    assert len(layers) == 4
    for each in members:
        assert {"no component", *layers} - {each["parent"]} <= set(each["aliases"])
        assert each["parent"] not in each["aliases"]


def test_every_key_of_the_blueprint_arrives(tmp_path: Path) -> None:
    """Each value of the section that is not its default, in the resource that it is about."""
    text = EVERYTHING.read_text("utf-8")
    document = yaml.safe_load(text)
    small = yaml.safe_load((REFERENCE / "pod.yaml").read_text("utf-8")) | {"kubernetes": document["kubernetes"]}
    small["kubernetes"]["kubeconfig"] = {"env": "TESTS_KUBECONFIG"}
    program = rendered(json.dumps(small), tmp_path)
    os.environ["TESTS_KUBECONFIG"] = "/nowhere/kubeconfig"
    found = declared(program)
    (provider,) = [each["inputs"] for each in found if each["type"] == "pulumi:providers:kubernetes"]
    assert provider == {
        "clusterIdentifier": "atlas",
        "context": "admin@whole",
        "kubeconfig": "/nowhere/kubeconfig",
    }
    namespace = of(found, "Namespace")["team-research"]["metadata"]["labels"]
    assert namespace["pod-security.kubernetes.io/enforce"] == "restricted"
    assert namespace["pod-security.kubernetes.io/enforce-version"] == "v1.36"
    assert namespace["app.kubernetes.io/instance"] == "research"
    assert of(found, "ResourceQuota")["team-research/resources"]["spec"] == {
        "hard": {"requests.amd.com/gpu": "16", "requests.cpu": "1024", "requests.memory": "8192Gi", "pods": "500"}
    }
    assert of(found, "LimitRange")["team-research/requests"]["spec"] == {
        "limits": [{"type": "Container", "defaultRequest": {"cpu": "2", "memory": "8Gi"}}]
    }
    bindings = of(found, "RoleBinding")
    assert [each["name"] for each in bindings["team-research/tenant-edit"]["subjects"]] == ["research-team"]
    assert [each["kind"] for each in bindings["team-research/tenant-admin"]["subjects"]] == ["User"]
    assert of(found, "PriorityClass")["batch"]["preemptionPolicy"] == "Never"


def test_zones_open_to_pods_what_they_allow_and_nothing_more(tmp_path: Path) -> None:
    document = yaml.safe_load((REFERENCE / "pod.yaml").read_text("utf-8"))
    document["security"] = {
        "zones": {"compute": ["gpu"], "storage": ["nfs"], "control": ["control"], "outside": ["edge"]},
        "services": {"overlay": {"udp": [8472]}, "mixed": {"udp": [4789, 9101]}},
        "allow": [
            {"from": "compute", "to": "storage", "service": "nfs"},
            {"from": "compute", "to": "outside", "service": "https"},
            {"from": "control", "to": "compute", "service": "kubelet"},
            {"from": "control", "to": "storage", "service": "ssh"},
            {"from": "compute", "to": "control", "service": "overlay"},
            {"from": "control", "to": "compute", "service": ["overlay", "mixed"]},
        ],
    }
    policy = of(declared(rendered(json.dumps(document), tmp_path)), "NetworkPolicy")["research/zones"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    ports = [[(each["protocol"], each["port"]) for each in rule["ports"]] for rule in policy["egress"]]
    assert sorted(ports) == [[("TCP", 443)], [("TCP", 2049)]]
    assert [[each["port"] for each in rule["ports"]] for rule in policy["ingress"]] == [[10250], [9101]]
    blocks = [peer["ipBlock"] for rule in policy["egress"] for peer in rule["to"]]
    for pods in (ip_network("10.244.0.0/16"), ip_network("10.96.0.0/12")):
        for block in blocks:
            reached = ip_network(block["cidr"])
            assert not reached.overlaps(pods) or str(pods) in block["except"], "a zone would join two tenants"


def test_manifests_need_no_cluster(program: Path, tmp_path: Path) -> None:
    (provider,) = [
        each["inputs"]
        for each in declared(program, manifests=str(tmp_path))
        if each["type"] == "pulumi:providers:kubernetes"
    ]
    assert provider == {"renderYamlToDirectory": str(tmp_path)}
