"""A language host of the tests' own: it lets the engine run a Python program in a folder, where Pulumi's host is missing.

Usage: language_host.py RUNNER ENGINE, where RUNNER is Pulumi's `pulumi-language-python-exec` and ENGINE the address that the
engine gives. It runs programs with its own Python, whatever virtual environment the project names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

# What the runner exits with once it has shown the user what is wrong with the program.
SHOWN = 32
MESSAGE_SIZE = 400 * 1024 * 1024


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The calls that preview, up, refresh and destroy make; names and shapes are those of Pulumi's language.proto."""

    def __init__(self, runner: str, engine: str) -> None:
        self.runner = runner
        self.engine = engine

    def Handshake(self, request, context):
        self.engine = request.engine_address or self.engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="0.0.0")

    def GetRequiredPlugins(self, request, context):
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request, context):
        return language_pb2.GetRequiredPackagesResponse()

    def RuntimeOptionsPrompts(self, request, context):
        return language_pb2.RuntimeOptionsResponse()

    def Cancel(self, request, context):
        return Empty()

    def Run(self, request, context):
        done = subprocess.run(self._command(request), cwd=request.pwd, env=self._environment(request), check=False)
        if done.returncode == SHOWN:
            return language_pb2.RunResponse(bail=True)
        if done.returncode:
            return language_pb2.RunResponse(error=f"the program exited with {done.returncode}")
        return language_pb2.RunResponse()

    def _command(self, request) -> list[str]:
        options = {
            "monitor": request.monitor_address,
            "engine": self.engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [sys.executable, "-u", self.runner, *words, os.path.join(request.pwd, request.program), *request.args]

    def _environment(self, request) -> dict[str, str]:
        return {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }


def main(runner: str, engine: str) -> None:
    sizes = [("grpc.max_receive_message_length", MESSAGE_SIZE), ("grpc.max_send_message_length", MESSAGE_SIZE)]
    server = grpc.server(ThreadPoolExecutor(4), options=sizes)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(runner, engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # The engine reads it as this host's first line.
    with suppress(KeyboardInterrupt):  # The engine's way to end it.
        server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[-1])
