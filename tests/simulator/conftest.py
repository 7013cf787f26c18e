"""The simulator as a process, and a small product for it to call."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.simulator.product import Product

ROOT = Path(__file__).parents[2]
NUMBERS = ("+254711000111", "+254733000222")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium")


@contextmanager
def simulator_process(callbacks: str, *flags: str) -> Iterator[httpx.Client]:
    """A simulator with short delays; it ends with the block, or by itself after an hour."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["timeout", "3600", sys.executable, "-m", "simulator", f"--port={port}", "--report-delay=0.05", *flags],
        cwd=ROOT,
        env=os.environ | {"SIMULATOR_CALLBACKS": callbacks},
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            _wait_until_up(client, process)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_up(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            client.get("/_faults")
        except httpx.ConnectError:
            assert process.poll() is None, "the simulator ended at once"
            assert time.monotonic() < end, "the simulator does not answer"
            time.sleep(0.05)
        else:
            return


def settled(simulator: httpx.Client) -> None:
    """Wait until it has written down what was said to its last callback: the product hears of it a little earlier."""
    while simulator.get("/_counters").json()["callbacks_waiting"]:
        time.sleep(0.02)


@pytest.fixture(scope="session")
def _product() -> Iterator[Product]:
    product = Product()
    server = product.serve()
    yield product
    server.should_exit = True


@pytest.fixture(scope="session")
def _simulator(_product: Product) -> Iterator[httpx.Client]:
    with simulator_process(_product.address) as client:
        yield client


@pytest.fixture
def product(_product: Product) -> Product:
    """A product nothing was posted to yet."""
    _product.reset()
    return _product


@pytest.fixture
def simulator(_simulator: httpx.Client, product: Product) -> Iterator[httpx.Client]:
    """A simulator without faults, messages and open sessions, which calls `product`."""
    yield _simulator
    product.reset()
    _simulator.post("/_faults", json={"faults": []})
    for number in NUMBERS:
        if session := _simulator.get("/_phone", params={"number": number}).json()["session"]:
            _simulator.post("/_ussd/hang-up", json={"session": session["session"]})
    settled(_simulator)
    _simulator.delete("/_messages")
