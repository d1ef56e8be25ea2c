"""Reports as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree

from podwright.model.report import Report, Trial
from podwright.verify.junit import junit

REPORT = Report(
    "tiny",
    (
        Trial(
            "sessions", "Every session of a is up", "failed", ("a has no session with <b> & \x1b[1mc", "second"), 1.5
        ),
        Trial("mtu", "Packets cross", "passed", (), 0.25, {"mtu": 9000}),
        Trial("sessions", "Every session of b is up", "passed"),
        Trial("marking", "Servers mark", "skipped", ("This kernel has no nftables.",)),
    ),
)


def test_a_report_becomes_suites_by_group_with_counts() -> None:
    root = ElementTree.fromstring(junit(REPORT))
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("skipped")) == ("testsuites", "4", "1", "1")
    assert {suite.get("name"): suite.get("tests") for suite in root} == {"marking": "1", "mtu": "1", "sessions": "2"}
    assert root.get("time") == "1.750"


def test_a_failure_carries_every_detail_and_survives_what_xml_cannot_spell() -> None:
    failure = ElementTree.fromstring(junit(REPORT)).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "a has no session with <b> & ?[1mc"
    assert (failure.text or "").splitlines()[1] == "second"


def test_facts_and_reasons_are_kept() -> None:
    root = ElementTree.fromstring(junit(REPORT))
    fact = root.find(".//property")
    skipped = root.find(".//skipped")
    assert fact is not None
    assert fact.attrib == {"name": "mtu", "value": "9000"}
    assert skipped is not None
    assert skipped.get("message") == "This kernel has no nftables."
