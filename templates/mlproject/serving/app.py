"""The model as a web service: POST /predict, GET /schema, /health and /ready."""

import argparse
import json
import logging
import math
import os
import re
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.bundle import BundleError, ModelBundle, Schema
from serving.metadata import DESCRIPTION, FOLDER, PORT, TITLE, VERSION
from serving.schema import (
    ModelInformation,
    Predictions,
    Problem,
    State,
    request_model,
)

MAXIMUM_BODY = 5_000_000  # bytes
REFUSALS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)  # of values that a model can't take
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

logger = logging.getLogger(__name__)
request_id: ContextVar[str] = ContextVar("request_id", default="")


def create_app(folder: Path | None = None) -> FastAPI:
    """The service.

    Args:
        folder: of the bundle; by default the environment variable MODEL_DIR, then the project's.
    """
    place = folder or Path(os.environ.get("MODEL_DIR", FOLDER))
    model = ServedModel(place)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        model.load()
        yield

    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        responses={500: {"model": Problem, "description": "a fault of the service"}},
    )
    app.add_middleware(Requests)
    app.add_exception_handler(StarletteHTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    records = request_model(model.schema)

    @app.post(
        "/predict",
        responses={
            400: {"model": Problem, "description": "the body is not readable"},
            413: {"model": Problem, "description": "the request is too long"},
            422: {"model": Problem, "description": "the records are not what the model takes"},
            503: {"model": Problem, "description": "there is no model"},
        },
    )
    def predict(request: records) -> Predictions:  # type: ignore[valid-type]
        """Predicts for each record, as the notebook's model does."""
        return model.predict(request.model_dump(by_alias=True)["records"])  # type: ignore[attr-defined]

    @app.get("/schema", responses={503: {"model": Problem, "description": "there is no model"}})
    def schema() -> ModelInformation:
        """The model and the columns that it takes."""
        if model.schema is None:
            raise HTTPException(503, model.reason)
        return ModelInformation.model_validate(asdict(model.schema))

    @app.get("/health")
    def health() -> State:
        """Whether the service lives."""
        return State(status="ok")

    @app.get("/ready", responses={503: {"model": Problem, "description": "there is no model"}})
    def ready() -> State:
        """Whether the service can predict."""
        model.require()
        return State(status="ready")

    return app


class ServedModel:
    """The model in a folder; the schema is read at once, the model itself when the service starts.

    Attributes:
        schema: what it takes; None where there is no model.
        reason: why there is no model.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bundle: ModelBundle | None = None
        self.schema: Schema | None = None
        self.reason = "the model is not loaded yet"
        try:
            self.schema = Schema.load(folder)
        except BundleError as error:
            self.reason = str(error)

    def load(self) -> None:
        """Loads the model; without one the service starts and says why it is not ready."""
        if self.schema is None:
            logger.error("not ready", extra={"data": {"reason": self.reason}})
            return
        try:
            self.bundle = ModelBundle.load(self.folder)
        except Exception as error:  # unpickling can fail in any way
            self.reason = f"the model cannot be loaded: {error}"
            logger.exception("not ready", extra={"data": {"reason": self.reason}})
        else:
            logger.info(
                "ready",
                extra={"data": {"model": self.schema.model, "estimator": self.schema.estimator}},
            )

    def require(self) -> ModelBundle:
        """The model; answers 503 where there is none."""
        if self.bundle is None:
            raise HTTPException(503, self.reason)
        return self.bundle

    def predict(self, records: list[dict[str, Any]]) -> Predictions:
        """Predicts; answers 422 where the model does not take the records."""
        bundle = self.require()
        frame = pd.DataFrame(records)
        try:
            predictions = bundle.predict(frame)
            probabilities = bundle.probabilities(frame) if bundle.schema.probabilities else None
        except REFUSALS as error:
            logger.warning(
                "refused", extra={"data": {"reason": str(error), "kind": type(error).__name__}}
            )
            raise HTTPException(422, str(error)) from error
        return Predictions(
            predictions=json_values(predictions),
            classes=bundle.schema.classes,
            probabilities=None if probabilities is None else json_values(probabilities),
        )


def json_values(array: Any) -> list[Any]:
    """The values of an array; null for numbers that JSON has no name for."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value.isoformat() if hasattr(value, "isoformat") else value

    values: list[Any] = plain(array.tolist())
    return values


class Requests:
    """Gives each request an id, logs it, refuses bodies that are too long, and answers faults of the service."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        identity = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(identity)
        begin, status, length = time.perf_counter(), 500, 0

        async def limited() -> Message:
            nonlocal length
            message = await receive()
            length += len(message.get("body", b""))
            if length > MAXIMUM_BODY:
                raise HTTPException(413, f"a request has at most {MAXIMUM_BODY} bytes")
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
            await send(message)

        try:
            await self.app(scope, limited, answer)
        except Exception:
            logger.exception("fault", extra={"data": {"request_id": identity}})
            if status != 500:
                raise  # the answer has begun
            await problem(500, "a fault of the service")(scope, receive, answer)
        finally:
            data = {
                "request_id": identity,
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "milliseconds": round((time.perf_counter() - begin) * 1000, 1),
            }
            logger.info("request", extra={"data": data})
            request_id.reset(token)


def problem(status: int, detail: str, **more: Any) -> JSONResponse:
    """An answer that says what is wrong."""
    content = Problem(detail=detail, request_id=request_id.get(), **more)
    return JSONResponse(content.model_dump(), status)


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """Answers with the reason that the error gives."""
    assert isinstance(error, StarletteHTTPException)  # tells its type  # nosec B101
    response = problem(error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    """Answers 422 with the places and reasons; values are not repeated."""
    assert isinstance(error, RequestValidationError)  # tells its type  # nosec B101
    faults = [{"place": list(fault["loc"]), "reason": fault["msg"]} for fault in error.errors()]
    return problem(422, "the request is not valid", faults=faults)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        data = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "data", {}),
        }
        if record.exc_info:
            data["exception"] = self.formatException(record.exc_info)
        return json.dumps(data, ensure_ascii=False, default=str)


def log_json() -> None:
    """Sends the messages of the service and of its server to standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name in (__name__, "uvicorn"):
        log = logging.getLogger(name)
        log.handlers, log.propagate = [handler], False
        log.setLevel(logging.INFO)


def main(arguments: Sequence[str] | None = None, root: Path | None = None) -> int:
    """Runs the service.

    Args:
        arguments: of the command line; those of the process by default.
        root: folder of the project; by default the working directory.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--model", type=Path, help="folder of the model")
    options = parser.parse_args(arguments)
    folder = options.model or (None if "MODEL_DIR" in os.environ else (root or Path.cwd()) / FOLDER)
    log_json()
    uvicorn.run(
        create_app(folder),
        host=options.host,
        port=options.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
