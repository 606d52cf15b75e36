"""What of printed text counts, and what of a picture."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from nbmde.notebooks.verify.runs import picture_digest
from nbmde.notebooks.verify.text import equal, equal_elsewhere, normalised, unstable_lines

BEGIN = datetime(2024, 5, 17, 12, 30, 0, tzinfo=UTC)
END = BEGIN + timedelta(minutes=2)


def normal(text: str) -> str:
    return normalised(text, lambda part: part, BEGIN, END)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<Thing object at 0x7f12ab34cd56>", "<Thing object at 0x7f99ab34cd00>"),
        (
            "CPU times: user 1 ms, sys: 2 ms\nWall time: 4 ms\n",
            "CPU times: user 9 s\nWall time: 1min 2s\n",
        ),
        ("1.2 ms ± 3 μs per loop (mean ± std. dev.)", "99 ns ± 1 ns per loop (mean)"),
        ("[CV] END C=1; total time=   0.0s", "[CV] END C=1; total time= 1.2min"),
        ("| elapsed:    0.3s finished", "| elapsed:  2.0min finished"),
        ("10/10 - 0s 35ms/step - loss: 0.5", "10/10 - 1s 110ms/step - loss: 0.5"),
        (" 50%|# | 1/2 [00:01<00:01,  1.02s/it]", " 50%|# | 1/2 [00:09<00:10,  9.30s/it]"),
        (
            "curl: (7) Failed to connect to localhost port 8000 after 4 ms: Couldn't connect to server",
            "curl: (7) Failed to connect to localhost port 8000 after 0 ms: Couldn't connect to server",
        ),
        ("\x1b[31mred\x1b[0m", "red"),
        ("line\r\n", "line\n"),
        ("Date: Fri, 17 May 2024 Time: 12:30:07", "Date: Fri, 17 May 2024 Time: 12:31:59"),
        ("<Figure size 640x480 with 1 Axes>\nnext", "next"),
        ("/tmp/ipykernel_12/345.py:3: Warning", "/tmp/ipykernel_6/789.py:3: Warning"),
    ],
)
def test_what_differs_from_run_to_run_does_not_count(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2012-01-01", "2012-01-02"),
        ("08:15:00", "08:16:00"),
        ("a b", "a  b"),
        ("0x12", "0x13"),
        ("total time: 3 s", "total time: 4 s"),
        ("[12:30]", "[12:31]"),
        ("Wall time is relative", "Wall times are relative"),
        ("accuracy 0.91", "accuracy 0.92"),
    ],
)
def test_everything_else_counts(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "same"),
    [
        ("x 1.0000001", "x 1.0000002", 0, False),
        ("x 1.0000001", "x 1.0000002", 1e-6, True),
        ("x 0.12", "x 0.13", 1e-9, True),  # rounded: the last digit may go either way
        ("x 0.12", "x 0.14", 1e-9, False),
        ("10 rows", "11 rows", 1e-9, False),
        ("x 1.5", "y 1.5", 1, False),
        ("[1. 2.]", "[ 1. 2.]", 1e-9, False),
        ("1e-20", "3e-20", 1e-3, False),
        ("x 0.12", "x 0.1249", 1e-9, True),  # what is printed with fewer digits says how exact it is
        ("x 0.1249", "x 0.12", 1e-9, True),
        ("x 0.12", "x 0.1351", 1e-9, False),
        ("x 1e-3", "x 0.0014", 1e-9, True),
        ("x 1e-3", "x 0.0021", 1e-9, False),
        ("x 1", "x 1.2", 1e-9, False),
        ("x 1", "x 1.05", 0.1, True),
        ("x -1.5", "x 1.5", 0.5, False),
    ],
)
def test_a_tolerance_is_for_numbers_alone(one: str, other: str, tolerance: float, same: bool) -> None:
    assert equal(one, other, tolerance) == same


def test_lines_that_differ_by_themselves_are_left_out() -> None:
    unstable = unstable_lines("a\nb 1\nc", "a\nb 2\nc")
    assert unstable == [(1, 2)]
    assert equal_elsewhere("a\nb 1\nc", "a\nb 3\nc", unstable, 0)
    assert equal_elsewhere("a\nb 1\nc", "a\nb\nb\nc", unstable, 0)
    assert equal_elsewhere(" a c\nb 1", "  a   c\nbb 3", [(1, 2)], 0)
    assert not equal_elsewhere("a\nb 1\nc", "x\nb 3\nc", unstable, 0)
    assert not equal_elsewhere("a\nb 1\nc", "a\nb 1", unstable, 0)
    assert equal_elsewhere("a\nb 1\nc 0.1", "a\nb 3\nc 0.10000000001", unstable, 1e-6)


def png(pixels: bytes, note: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0)
    level = 1 if note else 9
    parts = ((b"IHDR", header), (b"tEXt", note), (b"IDAT", zlib.compress(pixels, level)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_of_a_picture_the_pixels_count() -> None:
    assert picture_digest(png(b"\0\1\2", b"Software\0x")) == picture_digest(png(b"\0\1\2", b""))
    assert picture_digest(png(b"\0\1\2", b"")) != picture_digest(png(b"\0\1\3", b""))
    assert picture_digest(png(b"\0\1\2", b"")).startswith("2 x 1 pixels, ")
    assert picture_digest(b"jpeg") != picture_digest(b"other")
