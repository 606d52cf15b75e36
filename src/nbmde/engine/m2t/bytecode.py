"""Compiled templates in `__pycache__` beside the templates, as Python keeps those of modules.

Compiling the templates of a project takes longer than filling them in. What is kept is used only for the same source
at the same place, compiled by the same Jinja2 and Python with the same filters. Where the folder cannot be written to,
it is kept for the process alone. Whoever can write there can change the templates as well.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import marshal
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

_compiled: dict[tuple[str, str], Any] = {}  # in this process: by file and checksum


class BytecodeCache(jinja2.BytecodeCache):
    """The cache of an environment.

    Args:
        functions: what else the compiled code depends on: filters, which Jinja2 applies to constants when it compiles,
            and extensions of the syntax. The files that define them count.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        codes = (getattr(inspect.unwrap(function), "__code__", None) for function in functions)
        files = {code.co_filename for code in codes if code is not None}
        self._compiler = hashlib.sha256(jinja2.__version__.encode() + importlib.util.MAGIC_NUMBER)
        for file in sorted({*files, __file__}):
            with suppress(OSError):
                self._compiler.update(hashlib.sha256(Path(file).read_bytes()).digest())

    def get_bucket(self, environment: jinja2.Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The compiled code of a template, if it is there."""
        digest = self._compiler.copy()
        digest.update(f"{filename}\0{source}".encode("utf-8", "surrogatepass"))
        place = Path(filename or name)
        path = place.parent / "__pycache__" / f"{place.name}.{sys.implementation.cache_tag}"
        bucket = Bucket(environment, str(path), digest.hexdigest())
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket from its file, if that is one for the same checksum."""
        if (known := _compiled.get((bucket.key, bucket.checksum))) is not None:
            bucket.code = known
            return
        with suppress(OSError, EOFError, ValueError, TypeError):
            checksum, _, code = Path(bucket.key).read_bytes().partition(b"\n")
            if checksum == bucket.checksum.encode():
                bucket.code = marshal.loads(code)  # who can write there can change the templates  # nosec B302

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a bucket to its file, whole or not at all."""
        _compiled[bucket.key, bucket.checksum] = bucket.code
        if sys.dont_write_bytecode:
            return
        path = Path(bucket.key)
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
            try:
                with open(handle, "wb") as stream:
                    stream.write(bucket.checksum.encode() + b"\n" + marshal.dumps(bucket.code))
                os.replace(temporary, path)
            except OSError:
                os.unlink(temporary)
