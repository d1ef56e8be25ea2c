"""A blueprint that extends another: what the two say together, and that every value keeps the place where it stands."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.errors import BlueprintError
from podwright.load import read
from podwright.load import tree as growing
from podwright.load.chain import LONGEST
from podwright.load.source import Value
from podwright.model.prose import spell

BASE = """\
podwright: 1
name: base
site: {domain: base.example.net, dns: [192.0.2.53, 192.0.2.54]}
servers:
  gpu: {model: hgx-h100, count: 4}
  nfs: {model: nvme-2u, count: 1}
"""
CHILD = """\
extends: ../base
name: child
site: {dns: [192.0.2.99]}
servers:
  gpu:
    count: 8
  nfs: null
  login: {model: cpu-1u, count: 1}
"""

Put = Callable[[str, str], Path]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Write a file at a path of the working folder, which is a fresh one."""
    monkeypatch.chdir(tmp_path)

    def write(path: str, text: str) -> Path:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def child(put: Put) -> Path:
    put("base/pod.yaml", BASE)
    return put("child/pod.yaml", CHILD)


def findings(path: Path) -> list[str]:
    with pytest.raises(BlueprintError) as caught:
        read(path)
    return [spell(finding) for finding in caught.value.findings]


def test_mappings_merge_all_else_is_replaced_and_null_removes(child: Path) -> None:
    assert read(child).data == {
        "extends": "../base",
        "podwright": 1,
        "name": "child",
        "site": {"domain": "base.example.net", "dns": ["192.0.2.99"]},
        "servers": {
            "gpu": {"model": "hgx-h100", "count": 8},
            "login": {"model": "cpu-1u", "count": 1},
        },
    }


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, "child/pod.yaml:1:1"),
        (("name",), False, "child/pod.yaml:2:7"),
        (("podwright",), True, "base/pod.yaml:1:1"),
        (("site",), True, "child/pod.yaml:3:1"),
        (("site", "domain"), False, "base/pod.yaml:3:16"),
        (("site", "dns", 0), False, "child/pod.yaml:3:14"),
        (("servers", "gpu"), True, "child/pod.yaml:5:3"),
        (("servers", "gpu", "model"), False, "base/pod.yaml:5:16"),
        (("servers", "gpu", "count"), False, "child/pod.yaml:6:12"),
        (("servers", "gpu", "at"), False, "child/pod.yaml:5:3"),
        (("fabrics",), False, "child/pod.yaml:1:1"),
    ],
)
def test_every_value_has_its_place_in_its_own_file(
    path: tuple[str | int, ...], key: bool, place: str, child: Path
) -> None:
    found = read(child).place(path, key=key)
    assert str(found) == place
    assert found.text == Path(found.file).read_text("utf-8").splitlines()[found.line - 1]


@pytest.mark.usefixtures("child")
def test_a_chain_is_laid_one_over_the_other(put: Put) -> None:
    grandchild = put("grandchild.yaml", "extends: child/pod.yaml\nservers: {gpu: null, nfs: {count: 3}}\n")
    source = read(grandchild)
    assert source.data["servers"] == {"login": {"model": "cpu-1u", "count": 1}, "nfs": {"count": 3}}
    assert source.data["extends"] == "child/pod.yaml"
    assert source.file == "grandchild.yaml"


@pytest.mark.usefixtures("child")
def test_a_key_that_was_removed_can_be_written_anew(put: Put) -> None:
    """What was removed on the way is gone, not hidden: nothing of it comes back."""
    grandchild = put("grandchild.yaml", "extends: child\nservers: {nfs: {count: 3}}\n")
    assert read(grandchild).data["servers"] == {
        "gpu": {"model": "hgx-h100", "count": 8},
        "login": {"model": "cpu-1u", "count": 1},
        "nfs": {"count": 3},
    }


def test_a_folder_that_is_a_link_is_left_the_way_it_leads(put: Put) -> None:
    put("far/away/base.yaml", "name: far\n")
    put("far/pod/pod.yaml", "extends: ../away/base.yaml\npodwright: 1\n")
    os.symlink("far/pod", "near")
    put("away/base.yaml", "name: near\n")
    source = read(Path("near"))
    assert source.data["name"] == "far"
    assert source.place(("name",)).file == "near/../away/base.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "extends: ../base\nservers: {gpu: }\n",
        "extends: ../base\nservers: {gpu: ~}\n",
        "extends: ../base\nservers: {gpu: Null}\n",
        "extends: ../base\nservers: {gpu: {absent: [null]}}\n",
        "extends: ../base\nservers: {gpu: {absent: [{unit: null}]}}\n",
        "extends: null\n",
        "extends: [../base]\nname: null\n",
        "name: null\n",
    ],
)
def test_only_the_word_null_under_a_key_removes(text: str, child: Path) -> None:
    child.write_text(text)
    assert ["SRC027" in each for each in findings(child)] == [True]


def test_each_file_is_read_as_strictly_as_any(child: Path, put: Put) -> None:
    put("base/pod.yaml", BASE + "name: again\ndescription: on\n")
    codes = [each.split(" ")[0] + " " + each.split(" ")[1] for each in findings(child)]
    assert codes == ["error[SRC010] base/pod.yaml:7:1:", "error[SRC020] base/pod.yaml:8:14:"]


def test_the_limits_hold_for_the_whole(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = 35
    monkeypatch.setattr("podwright.load.chain.MOST_VALUES", whole)
    monkeypatch.setattr(growing, "MOST_VALUES", whole)
    assert read(child).data
    child.write_text(CHILD + "".join(f"  more{number}: x\n" for number in range(20)))
    assert "SRC005" in findings(child)[0]


def test_so_many_blueprints_may_extend_one_another_and_no_more(put: Put) -> None:
    put("base0.yaml", BASE)
    for number in range(1, LONGEST + 1):
        put(f"base{number}.yaml", f"extends: base{number - 1}.yaml\nname: n{number}\n")
    assert read(Path(f"base{LONGEST - 1}.yaml")).data["name"] == f"n{LONGEST - 1}"
    (refusal,) = findings(Path(f"base{LONGEST}.yaml"))
    assert "SRC033" in refusal
    assert "base1.yaml:1:10" in refusal
    assert f"base{LONGEST}.yaml" in refusal


def as_rfc_7396(target: object, patch: object) -> object:
    """MergePatch of RFC 7396, section 2, to the letter."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = as_rfc_7396(merged.get(name), value)
    return merged


def removes_nothing(target: object, patch: object) -> bool:
    """Whether a null of the patch has nothing to remove, which is no fault to the RFC."""
    if not isinstance(patch, dict):
        return False
    held = target if isinstance(target, dict) else {}
    return any(
        key not in held if value is None else removes_nothing(held.get(key), value) for key, value in patch.items()
    )


KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.integers(0, 9) | st.sampled_from(["x", "y"])
DOCUMENTS = st.recursive(
    SCALARS | st.lists(SCALARS, max_size=2), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
PATCHES = st.recursive(
    SCALARS | st.none() | st.lists(SCALARS, max_size=2),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def at_places(data: Value, path: tuple[str | int, ...] = ()) -> Mapping[tuple[str | int, ...], Value]:
    """Every scalar of the data by its path."""
    if isinstance(data, dict | list):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        return {key: value for step, inner in items for key, value in at_places(inner, (*path, step)).items()}
    return {path: data}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=st.dictionaries(KEYS, DOCUMENTS, max_size=3), over=st.dictionaries(KEYS, PATCHES, max_size=3))
def test_the_rule_is_that_of_json_merge_patch(base: object, over: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(json.dumps(base))
    (tmp_path / "pod.yaml").write_text(json.dumps({"extends": "base.yaml", **over}, indent=0))
    if removes_nothing(base, over):
        with pytest.raises(BlueprintError, match="problem"):
            read(tmp_path)
        return
    source = read(tmp_path)
    assert source.data == as_rfc_7396(base, {"extends": "base.yaml", **over})
    for path, value in at_places(source.data).items():
        place = source.place(path)
        assert place.text[place.column - 1 : place.column - 1 + place.width].strip('"') == str(value)
