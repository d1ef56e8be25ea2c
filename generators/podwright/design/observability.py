"""What the pod's switches tell of themselves, and how they know people; one record each, where the blueprint says so."""

from __future__ import annotations

from podwright.design.draft import Draft
from podwright.design.secrets import TACACS_SECRET
from podwright.model.design import Login, Monitoring


def plan_observability(draft: Draft) -> None:
    """Adds at most one Monitoring and one Login."""
    written = draft.blueprint.observability
    if written is not None:
        draft.monitorings.append(
            Monitoring(
                syslog=written.syslog,
                gnmi_port=written.gnmi.port if written.gnmi else 0,
                sflow_collectors=written.sflow.collectors if written.sflow else (),
                sflow_port=written.sflow.port if written.sflow else 0,
                sflow_sampling=(written.sflow.sampling or 0) if written.sflow else 0,
                origin="observability",
            )
        )
    tacacs = draft.blueprint.management.tacacs
    if tacacs is not None:
        draft.logins.append(
            Login(servers=tacacs.servers, port=tacacs.port, key=TACACS_SECRET, origin="management.tacacs")
        )
