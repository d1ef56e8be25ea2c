"""Asks a cluster for its version before anything else is done: one call, and a sentence where it fails."""

from __future__ import annotations

import json
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from podwright.apply.kubeconfig import SEE, Access
from podwright.errors import EngineError
from podwright.scratch import private_folder

SECONDS = 10.0
UNAUTHORISED = 401
FORBIDDEN = 403


def ask_version(access: Access) -> str:
    """The version of the API server, as `1.36`; empty where it tells nobody, or where a SOCKS proxy stands before it.

    Raises EngineError with the kubeconfig, the context, the server and the reason where it can't be reached.
    """
    if _proxy(access).startswith("socks"):
        return ""
    try:
        status, body = _get(access, "/version")
    except ssl.SSLCertVerificationError as problem:
        raise _unreachable(access, f"its certificate is not trusted ({problem.verify_message})") from problem
    except ConnectionRefusedError as problem:
        raise _unreachable(access, "it refuses connections") from problem
    except socket.gaierror as problem:
        raise _unreachable(access, "no resolver knows its name") from problem
    except TimeoutError as problem:
        raise _unreachable(access, f"it does not answer within {SECONDS:.0f} s") from problem
    except (OSError, HTTPException, ValueError) as problem:
        raise _unreachable(access, str(problem) or type(problem).__name__) from problem
    if status == UNAUTHORISED and (access.token or access.certificate):
        raise _unreachable(access, "it does not accept the credentials", fix="Renew them in the kubeconfig.")
    if status in (UNAUTHORISED, FORBIDDEN):
        return ""
    return _version(access, body)


def _version(access: Access, body: bytes) -> str:
    try:
        facts = json.loads(body)
        return f"{facts['major']}.{str(facts['minor']).rstrip('+')}"
    except (ValueError, KeyError, TypeError) as problem:
        raise _unreachable(access, "what answers there is no Kubernetes API server") from problem


def _unreachable(access: Access, reason: str, fix: str = "") -> EngineError:
    return EngineError(
        f"the cluster at {access.server} can't be used: {reason} ({access})",
        fix=fix or "Start the cluster or correct the kubeconfig; nothing was changed.",
        see=SEE,
    )


def _get(access: Access, path: str) -> tuple[int, bytes]:
    url = urlsplit(access.server)
    headers = {"Authorization": f"Bearer {access.token}"} if access.token else {}
    connection = _connection(access, url.scheme, url.hostname or "", url.port)
    try:
        connection.request("GET", url.path + path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _proxy(access: Access) -> str:
    """The proxy of the kubeconfig, else that of the environment, as Kubernetes' own client has it; empty where none is."""
    url = urlsplit(access.server)
    if access.proxy or proxy_bypass(url.hostname or ""):
        return access.proxy
    return getproxies().get(url.scheme, "")


def _connection(access: Access, scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(host, port, timeout=SECONDS)
    context = _trust(access)
    if proxy := _proxy(access):
        way = urlsplit(proxy)
        tunnel = HTTPSConnection(way.hostname or "", way.port, timeout=SECONDS, context=context)
        tunnel.set_tunnel(host, port)
        return tunnel
    if not access.server_name:
        return HTTPSConnection(host, port, timeout=SECONDS, context=context)
    connection = HTTPSConnection(access.server_name, port, timeout=SECONDS, context=context)
    connection.sock = context.wrap_socket(
        socket.create_connection((host, port or connection.default_port), SECONDS), server_hostname=access.server_name
    )
    return connection


def _trust(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=access.authority.decode() if access.authority else None)
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if access.certificate and access.key:
        with private_folder("apply") as folder:
            pair = Path(folder) / "client.pem"
            pair.touch(mode=0o600)
            pair.write_bytes(access.certificate + b"\n" + access.key)
            context.load_cert_chain(pair)
    return context
