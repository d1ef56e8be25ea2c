"""Checks: what a design may do and still be a poor idea. Each check is a function whose prose ships with it."""

from podwright.check.deadlock import deadlock_findings, deadlock_sentence, proof_in_a_line, prove_deadlocks
from podwright.check.discovery import registry
from podwright.check.framework import Check, Fault, check
from podwright.check.run import run_checks

__all__ = [
    "Check",
    "Fault",
    "check",
    "deadlock_findings",
    "deadlock_sentence",
    "proof_in_a_line",
    "prove_deadlocks",
    "registry",
    "run_checks",
]
