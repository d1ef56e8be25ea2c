"""Where each secret of the blueprint is found; the secrets themselves are never read here."""

from __future__ import annotations

from podwright.design.draft import Draft
from podwright.model.blueprint import Secret
from podwright.model.design import SecretPlace

TACACS_SECRET = "management.tacacs.secret"


def record_secrets(draft: Draft) -> None:
    """One record a reference. A section that holds secrets adds its references here."""
    for name, fabric in sorted(draft.blueprint.fabrics.items()):
        for router, outside in sorted(fabric.outside.items()):
            if outside.password is not None:
                draft.secrets.append(_place(password_of(name, router), outside.password))
    if draft.blueprint.management.tacacs is not None:
        draft.secrets.append(_place(TACACS_SECRET, draft.blueprint.management.tacacs.secret))


def password_of(fabric: str, router: str) -> str:
    """The name of the secret that authenticates the sessions with a router outside."""
    return f"fabrics.{fabric}.outside.{router}.password"


def _place(name: str, secret: Secret) -> SecretPlace:
    if secret.vault is not None:
        return SecretPlace(name=name, kind="vault", place=secret.vault.path, key=secret.vault.key, origin=name)
    if secret.sops is not None:
        return SecretPlace(name=name, kind="sops", place=secret.sops.file, key=secret.sops.key, origin=name)
    if secret.file is not None:
        return SecretPlace(name=name, kind="file", place=secret.file, origin=name)
    return SecretPlace(name=name, kind="env", place=secret.env or "", origin=name)
