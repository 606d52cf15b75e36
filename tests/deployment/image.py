"""The image builds and its container predicts, read-only and without rights. Run by `make test-container`.

Not collected by default: it needs an engine. IMAGE_BUILD and IMAGE_RUN are the commands, by default those of Docker;
for buildah and podman for example

    IMAGE_BUILD="buildah bud --isolation chroot --format docker" IMAGE_RUN="podman run" pytest tests/deployment/image.py
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import time
import urllib.request
from typing import Any

import pytest

BUILD = shlex.split(os.environ.get("IMAGE_BUILD", "docker build"))
RUN = shlex.split(os.environ.get("IMAGE_RUN", "docker run"))
ENGINE = RUN[: RUN.index("run")]
IMAGE = "localhost/nbmde-test-penguins:dev"


def engine(*command: str) -> str:
    """Output of a command of the engine."""
    done = subprocess.run([*ENGINE, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def image(trained: Any) -> str:
    command = [*BUILD, "-f", "deployment/docker/Dockerfile", "-t", IMAGE, "."]
    done = subprocess.run(command, cwd=trained.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return IMAGE


def test_container_predicts_and_is_healthy(image: str) -> None:
    name = f"nbmde-test-{os.getpid()}"
    options = ["-d", "--rm", "--name", name, "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"]
    if "host" not in RUN:
        options += ["-p", "127.0.0.1:8000:8000"]
    subprocess.run([*RUN, *options, "--security-opt", "no-new-privileges", image], check=True, capture_output=True)
    try:
        wait_for_port(8000, name)
        record = {"Bill Length": 48.0, "mass_g": 5200, "year": 2008, "is_male": True, "is_dream": 0}
        request = urllib.request.Request(
            "http://127.0.0.1:8000/predict",
            json.dumps({"records": [record]}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert json.load(answer)["predictions"] == ["Gentoo"]
        with urllib.request.urlopen("http://127.0.0.1:8000/ready", timeout=20) as answer:
            assert answer.status == 200
        assert engine("exec", name, "id", "-u").strip() == "10001"
        assert "matplotlib" not in engine("exec", name, "python", "-m", "pip", "list")
        health = json.loads(engine("inspect", "--format", "{{json .Config.Healthcheck}}", name))
        check = health["Test"][1:]
        assert check[:2] == ["python", "-c"]
        engine("exec", name, *check)
    finally:
        engine("rm", "-f", name)


def wait_for_port(port: int, name: str) -> None:
    """Waits until the container listens."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    raise AssertionError(engine("logs", name))


def test_image_holds_neither_secrets_nor_data(image: str) -> None:
    done = subprocess.run(
        [*RUN, "--rm", "--entrypoint", "python", image, "-c", "import os; print(sorted(os.listdir('/app')))"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "['main.py', 'models']", done.stderr
