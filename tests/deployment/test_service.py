"""The service under a real server answers as its OpenAPI document says, and ends when asked to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

RECORD = {"Bill Length": 48.0, "mass_g": 5200, "year": 2008, "is_male": True, "is_dream": 0}


class Server:
    """A running service."""

    def __init__(self, command: list[str], cwd: Path, environment: dict[str, str], log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url, self.log = f"http://127.0.0.1:{port}", log
        with log.open("w") as stream:
            self.process = subprocess.Popen(
                [*command, "--port", str(port)], cwd=cwd, env=os.environ | environment, stderr=stream, text=True
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=2)
                return
            except OSError:
                assert self.process.poll() is None, log.read_text()
                time.sleep(0.1)
        raise AssertionError(log.read_text())

    def request(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any, Any]:
        """Status, JSON and headers of an answer."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), error.headers

    def stop(self) -> int:
        """Ends the process as an orchestrator does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@pytest.fixture(scope="module")
def server(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "log"
    server = Server([str(trained.bin / "penguins-serve")], trained.root, {}, log)
    yield server
    if server.process.poll() is None:
        server.stop()


def test_predicts(server: Server) -> None:
    status, answer, _ = server.request(
        "/predict", {"records": [RECORD, {**RECORD, "Bill Length": 36, "mass_g": 3500.0}]}
    )
    assert status == 200
    assert answer["predictions"] == ["Gentoo", "Adelie"]
    assert answer["classes"] == ["Adelie", "Gentoo"]
    for row in answer["probabilities"]:
        assert sum(row) == pytest.approx(1)


def test_file_and_service_predict_the_same(server: Server, trained: Any, tmp_path: Path) -> None:
    records = [{**RECORD, "Bill Length": 34 + step / 3} for step in range(50)]
    (tmp_path / "records.json").write_text(json.dumps(records))
    trained.run(
        "penguins-predict", "--input", str(tmp_path / "records.json"), "--output", str(tmp_path / "scored.json")
    )
    scored = json.loads((tmp_path / "scored.json").read_text())
    answer = server.request("/predict", {"records": records})[1]
    assert [row["prediction"] for row in scored] == answer["predictions"]
    assert {"Adelie", "Gentoo"} == set(answer["predictions"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"records": [{**RECORD, "Bill Length": False}]}, 422),
        ({"records": [{**RECORD, "year": "2008"}]}, 422),
        ({"records": [{**RECORD, "year": 2008.5}]}, 422),
        ({"records": [{**RECORD, "year": 10**30}]}, 422),
        ({"records": [{**RECORD, "Bill Length": None}]}, 422),
        ({"records": [{**RECORD, "more": 1}]}, 422),
        ({"records": []}, 422),
        ({"records": [RECORD], "more": 1}, 422),
        (b'{"records": [{"Bill Length": NaN}]}', 422),
        (b'{"records": "\x80"}', 400),
        (b" " * 6_000_000, 413),
    ],
)
def test_wrong_requests_are_refused_with_a_reason(server: Server, body: Any, status: int) -> None:
    code, answer, headers = server.request("/predict", body)
    assert code == status
    assert answer["detail"]
    assert answer["request_id"] == headers["X-Request-ID"]


def test_answers_are_those_of_the_openapi_document(server: Server, tmp_path: Path) -> None:
    found = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert found, "schemathesis is not installed: pip install 'nbmde[test]'"
    done = subprocess.run(
        [found, "run", f"{server.url}/openapi.json", "-n", "60", "--seed", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_documentation_has_the_columns_of_the_data(server: Server) -> None:
    schemas = server.request("/openapi.json")[1]["components"]["schemas"]
    assert list(schemas["Record"]["properties"]) == list(RECORD)
    assert schemas["Record"]["additionalProperties"] is False
    assert "from 32" in schemas["Record"]["properties"]["Bill Length"]["description"]


def test_log_is_json_with_the_request_and_without_its_content(server: Server) -> None:
    server.request("/predict", {"records": [{**RECORD, "mass_g": 4242.4242}]}, {"X-Request-ID": "look-for-me"})
    time.sleep(0.2)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    request = next(line for line in lines if line.get("request_id") == "look-for-me")
    assert request["path"] == "/predict"
    assert request["status"] == 200
    assert "4242.4242" not in server.log.read_text()  # with its point: an identifier may hold any digits


def test_other_model_folder_and_missing_model(trained: Any, tmp_path: Path) -> None:
    command = [str(trained.bin / "penguins-serve")]
    server = Server(command, trained.root, {"MODEL_DIR": str(tmp_path)}, tmp_path / "log")
    try:
        status, answer, _ = server.request("/ready")
        assert status == 503
        assert "train" in answer["detail"]
        assert server.request("/predict", {"records": [RECORD]})[0] == 503
        assert server.request("/health")[0] == 200
    finally:
        server.stop()


def test_asgi_entry_of_the_image_serves(trained: Any, tmp_path: Path) -> None:
    command = [str(trained.bin / "python"), "-m", "uvicorn", "main:app", "--no-access-log"]
    environment = {"MODEL_DIR": str(trained.root / "models/latest")}
    server = Server(command, trained.root / "deployment/fastapi", environment, tmp_path / "log")
    try:
        assert server.request("/predict", {"records": [RECORD]})[1]["predictions"] == ["Gentoo"]
    finally:
        server.stop()


def test_ends_when_asked_to(trained: Any, tmp_path: Path) -> None:
    server = Server([str(trained.bin / "penguins-serve")], trained.root, {}, tmp_path / "log")
    assert server.stop() in (0, -signal.SIGTERM)
    assert "Traceback" not in (tmp_path / "log").read_text()
