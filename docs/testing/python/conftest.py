"""A sandbox of Azure Batch's certificates for tests, as a fixture of pytest.

Copy this file beside your tests. It needs the command `thumbprint` on the PATH, or its place in THUMBPRINT, and
nothing beyond Python and pytest.
"""

import json
import os
import subprocess
import urllib.request

import pytest


class Sandbox:
    """A running sandbox. `url` is what a client takes for its endpoint."""

    def __init__(self, url):
        self.url = url

    def admin(self, method, path, body=None):
        """One request to the sandbox's own API, which specs/admin.yaml describes."""
        request = urllib.request.Request(
            f"{self.url}/__sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or "null")

    def seed(self, *certificates):
        """Has the account hold these certificates and no others."""
        self.admin("PUT", "seed", {"batch": {"certificates": certificates}})

    def fault(self, **fault):
        """Has something go wrong with the next request that it fits."""
        self.admin("POST", "faults", fault)

    def advance(self, seconds):
        """Lets time pass: deletions end, held back answers go out."""
        self.admin("POST", "clock/advance", {"seconds": seconds})

    def state(self, thumbprint):
        """The state of a certificate; None if there is no such."""
        held = self.admin("GET", "state")["holds"]["batch"].get("certificates", [])
        return next((one["state"] for one in held if one["thumbprint"] == thumbprint), None)

    def requests(self):
        """What was asked so far, as pairs of operation and status."""
        exchanges = self.admin("GET", "journal")["exchanges"]
        return [(exchange.get("operation"), exchange["status"]) for exchange in exchanges]


@pytest.fixture(scope="session")
def running_sandbox():
    command = [os.environ.get("THUMBPRINT", "thumbprint"), "--output", "json", "sandbox", "--admin"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        # The first line says where it listens; it is there as soon as the sandbox is.
        line = process.stdout.readline()
        assert line, "the sandbox did not start"
        yield Sandbox(json.loads(line)["listening_on"])
        process.terminate()


@pytest.fixture
def sandbox(running_sandbox):
    """The sandbox as it was at its start, for each test."""
    running_sandbox.admin("POST", "reset")
    return running_sandbox
