"""The requests and answers of the service, as pydantic models; those of records come from the model's schema."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    create_model,
)

from serving.bundle import Column, Schema

MAXIMUM_RECORDS = 10_000
EXACT = 2**53 - 1  # the largest whole number that every reader of JSON reads as it is


def _finite(value: float) -> float:
    """Numbers that JSON has no name for are refused."""
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def _whole(value: Any) -> Any:
    """Whole numbers may have a decimal point, as JSON has one type of numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Strict: false is not a number and "1" is not either; a whole number is a number.
TYPES: dict[str, Any] = {
    "integer": int,
    "number": Annotated[float, AfterValidator(_finite)],
    "boolean": bool,
    "text": str,
    "time": Annotated[datetime, Field(strict=False)],
    "any": bool | int | Annotated[float, AfterValidator(_finite)] | str,
    "json": JsonValue,
}


class Record(BaseModel):
    """One thing to predict for."""

    model_config = ConfigDict(strict=True, extra="forbid")


class AnyRecord(BaseModel):
    """One thing to predict for, of a model whose columns are not known."""

    model_config = ConfigDict(extra="allow")


class Predictions(BaseModel):
    """The model's predictions, in the order of the records."""

    predictions: list[JsonValue]
    classes: list[JsonValue] | None = Field(None, description="what a classifier chooses from")
    probabilities: list[list[float | None]] | None = Field(
        None, description="for each record the probability of each class"
    )


class ModelInformation(BaseModel):
    """The served model and what it takes."""

    model: str
    estimator: str
    task: str
    columns: list[dict[str, JsonValue]] | None
    classes: list[JsonValue] | None


class State(BaseModel):
    """Whether the service lives, or is ready."""

    status: str


class Fault(BaseModel):
    """Where a value of a request is wrong."""

    place: list[str | int]
    reason: str


class Problem(BaseModel):
    """Why a request was not answered."""

    detail: str
    request_id: str
    faults: list[Fault] = []


def record_model(schema: Schema | None) -> type[BaseModel]:
    """The model of one record; its fields have the names of the data's columns."""
    if schema is None or schema.columns is None:
        return AnyRecord
    fields: dict[str, Any] = {
        f"column_{number}": _field(column, schema.largest)
        for number, column in enumerate(schema.columns)
    }
    return create_model("Record", __base__=Record, **fields)


def request_model(schema: Schema | None) -> type[BaseModel]:
    """The model of a request."""
    record = record_model(schema)
    records = (list[record], Field(min_length=1, max_length=MAXIMUM_RECORDS))  # type: ignore[valid-type]
    return create_model("Records", __config__=ConfigDict(extra="forbid"), records=records)


def _field(column: Column, largest: float | None) -> tuple[Any, Any]:
    type_, parts = TYPES[column.kind], []
    if column.kind == "number" and largest is not None:
        type_ = Annotated[float, Field(ge=-largest, le=largest), AfterValidator(_finite)]
    if column.kind == "integer":
        limits = np.iinfo("int64" if column.dtype == "object" else column.dtype.lower())
        lowest, highest = max(int(limits.min), -EXACT), min(int(limits.max), EXACT)
        type_ = Annotated[int, Field(ge=lowest, le=highest), BeforeValidator(_whole)]
    if column.minimum is not None:
        parts.append(f"from {column.minimum:g} to {column.maximum:g} in the training data")
    if column.categories:
        parts.append(f"in the training data: {', '.join(column.categories)}")
    return (
        type_ | None if column.missing else type_,
        Field(
            alias=column.name,
            description="; ".join(parts) or None,
            examples=None if column.typical is None else [column.typical],
        ),
    )
