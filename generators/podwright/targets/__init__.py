"""Targets spell projections. One folder is one target; each has `render(pod) -> Iterator[Artifact]` and touches no disk."""
