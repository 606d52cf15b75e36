"""Digests of values, so that those of two processes can be compared without moving the values.

Plain Python 3.8 and its standard library alone: this file is loaded by its path in the notebook's kernel and in the
project's process, whatever libraries these have. A value of a library is recognised by the names of its classes;
nothing is imported that is not loaded already, no random number is drawn, no value is changed.

A digest is a Merkle hash: that of a whole is the hash of the digests of its parts. A function of the notebook's own is
its name, its defaults, its attributes and what it captures; a class is its name, its bases and its attributes.

What is known of one value is its record, a dictionary: type: qualified name of its class. hash: hexadecimal. text: a
short description. parts: digest by part, for values with few parts. within: by such a digest, those of the parts of
the part, as far down as there is room. gaps: pairs of a part and why it is not compared. sketch: with a tolerance,
projections of its numbers. same: the first variable that is the same object. code: by the place of a function of the
notebook's own, a digest of its code, which may be written otherwise in the project. captured: by the place of what such
a function captures under the name of a variable of the notebook, its digest; in the project there may be more of it.
front_end: that it belongs to the notebook's front end.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import math
import os
import reprlib
import sys
import time
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Record = dict[str, Any]

DEPTH = 60  # levels of nesting that are followed
PARTS = 3_000_000  # objects of one value that are looked at
SECONDS = 20  # for one value
NAMED = 300  # parts of a whole that are told apart in a record
TOLD = 2_000  # parts of parts that are told apart in a record
WHOLES = 20_000  # of which the parts are kept until there is a record
SHORT = 100  # characters of a description
LONG = 10_000  # bits of an integer that repr is not asked for
KEY = "key "  # begins the name of the part that is a key of a mapping

# Values whose repr says all that they are.
PLAIN = frozenset(
    [
        "builtins.bool",
        "builtins.int",
        "builtins.float",
        "builtins.complex",
        "builtins.str",
        "builtins.bytes",
        "builtins.NoneType",
        "builtins.ellipsis",
        "builtins.NotImplementedType",
        "builtins.range",
        "builtins.slice",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "uuid.UUID",
        "zoneinfo.ZoneInfo",
        "re.Pattern",
        "pandas._libs.missing.NAType",
        "pandas.NA",
        "pandas._libs.tslibs.nattype.NaTType",
        "pandas._libs.tslibs.timestamps.Timestamp",
        "pandas.Timestamp",
        "pandas.api.typing.NaTType",
        "pandas._libs.tslibs.timedeltas.Timedelta",
        "pandas.Timedelta",
        "pandas.api.typing.NAType",
        "pandas._libs.tslibs.period.Period",
        "pandas.Period",
        "pandas._libs.interval.Interval",
        "pandas.Interval",
        "numpy.dtype",
    ]
)
IMMUTABLE = PLAIN | {"builtins.tuple", "builtins.frozenset"}

FRONT_END = "of the notebook's front end"

# Classes of the front end that are one of Python's with conveniences: the lines that a command printed. A project has
# its own class for these, `Lines`.
STANDS_FOR: dict[str, Callable[[Any], Any]] = {"IPython.utils.text.SList": list, "IPython.utils.text.LSString": str}

# What a class is defined in: why its values are not compared.
NOT_COMPARABLE = {
    "matplotlib": "drawn, and compared as a picture",
    "mpl_toolkits": "drawn, and compared as a picture",
    "seaborn": "drawn, and compared as a picture",
    "IPython": FRONT_END,
    "ipywidgets": FRONT_END,
    "tqdm": "a progress bar",
    "socket": "a connection",
    "ssl": "a connection",
    "sqlite3": "a connection",
    "sqlalchemy": "a connection",
    "requests": "a connection",
    "threading": "a thread or a lock",
    "_thread": "a thread or a lock",
    "asyncio": "a task",
    "_asyncio": "a task",
    "weakref": "a weak reference",
}
NOT_COMPARABLE_CLASSES = {
    "builtins.generator": "a generator: its values cannot be known without taking them",
    "builtins.coroutine": "a coroutine",
    "builtins.async_generator": "a generator: its values cannot be known without taking them",
    "builtins.frame": "a frame",
    "builtins.traceback": "a traceback",
    "builtins.memoryview": "a view of memory",
    "_csv.reader": "a reader of a file",
    "_csv.writer": "a writer of a file",
}

# Entries of results that are measured times.
TIMES = frozenset(
    ["fit_time", "score_time", "mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time", "refit_time_"]
)

# Attributes that hold the address of an object, and flags of what has been computed for later use.
ADDRESSES = frozenset(["_stop_words_id"])


_OF_BOUND = frozenset([*functools.WRAPPER_ASSIGNMENTS, "__type_params__", "_defaults"])
STREAMS = ("stdout", "stderr", "stdin", "__stdout__", "__stderr__", "__stdin__")


class StandardStream:
    """One of Python's standard streams, whatever a front end or a project has put in its place.

    Args:
        name: in the module sys.
    """

    def __init__(self, name: str) -> None:
        self.name = name


class NotComparable(Exception):
    """A value that has no digest; the message says why."""


def _unbound(bound: Any) -> Any:
    """The class that a project binds values to."""
    return vars(bound).get("_unbound", bound)


def _copied(function: Any, bound: Any) -> Any:
    """A function as what is bound to it shows it."""
    code, names = function.__code__, function.__globals__
    same: Any = types.FunctionType(code, names, function.__name__, bound.__defaults__, function.__closure__)
    same.__kwdefaults__ = bound.__kwdefaults__
    same.__dict__.update(function.__dict__)
    same.__dict__.update({name: part for name, part in vars(bound).items() if name not in _OF_BOUND})
    return same


def qualified(kind: type) -> str:
    """Module and name of a class."""
    return "{}.{}".format(getattr(kind, "__module__", ""), getattr(kind, "__qualname__", kind.__name__))


class Digester:
    """Makes records of values.

    Args:
        own: the modules whose classes and functions are the notebook's own, with all modules below them.
        spelled: how a text is spelled where the place of a file differs between the two processes.
        tolerant: whether floating-point numbers are kept apart as a sketch, to be compared with a tolerance.
        variables: names of all variables of the notebook.
        taken: by function of the notebook's own, the variables that it takes as further arguments in the project.
        called: what the project calls variables, functions and classes, with what the notebook calls them, where that
            differs.
        compared: what objects of a project's classes stand for, by their dotted names: a list, a function or a class.
    """

    def __init__(
        self,
        own: Sequence[str] = ("__main__",),
        spelled: Callable[[str], str] = lambda text: text,
        tolerant: bool = False,
        variables: Iterable[str] = (),
        taken: Mapping[str, Sequence[str]] | None = None,
        compared: Mapping[str, str] = types.MappingProxyType({}),
        called: Mapping[str, str] = types.MappingProxyType({}),
    ) -> None:
        self.own, self.spelled, self.tolerant = tuple(own), spelled, tolerant
        how: dict[str, Callable[[Any], Any]] = {"list": list, "function": self._alone, "class": _unbound}
        self.stands_for = {**STANDS_FOR, **{name: how[stands_for] for name, stands_for in compared.items()}}
        self.variables, self.taken = frozenset(variables), dict(taken or {})
        self.called = dict(called)
        self.settings = {f"{module}.config" for module in self.own}
        self._begin()

    def _alone(self, bound: Any) -> Any:
        """The function that a project binds values to, with the defaults and attributes that the notebook's one has."""
        if id(bound) not in self.alone:
            function = bound.func
            while hasattr(function, "func"):
                function = function.func
            if isinstance(function, types.FunctionType):
                function = _copied(function, bound)
            self.kept.append(bound)
            self.alone[id(bound)] = function
        return self.alone[id(bound)]

    def _begin(self) -> None:
        self.open: dict[int, int] = {}
        self.done: dict[int, bytes] = {}
        self.kept: list[Any] = []
        self.alone: dict[int, Any] = {}
        self.gaps: list[tuple[str, str]] = []
        self.code: dict[str, str] = {}
        self.captured: dict[str, str] = {}
        self.within: dict[bytes, dict[str, bytes]] = {}
        self.count, self.begin = 0, time.monotonic()
        self.sketch = Sketch()

    # -- records -----------------------------------------------------------------------------------------------------
    def snapshot(self, values: Mapping[str, Any]) -> dict[str, Record]:
        """Records of variables; `same` in one names the first variable that is the same object or shares its memory."""
        records: dict[str, Record] = {}
        first: dict[int, str] = {}
        for name in sorted(values):
            records[name] = self.record(values[name])
            identity = self.identity(values[name])
            if identity is not None:
                records[name]["same"] = first.setdefault(identity, name)
        return records

    def record(self, value: Any) -> Record:
        """The record of one value."""
        self._begin()
        value = self.meant(value)
        bound = qualified(type(value)) == "functools.partial" and self._is_bound(value)
        record: Record = {"type": self.class_name(type(value.func if bound else value))}
        try:
            digest = self.of(value, "")
            record["hash"] = digest.hex()
            self._tell_parts(record, digest)
            record["text"] = self.describe(value)
        except (Exception, SystemExit) as error:
            self.gaps.append(("", _reason(error)))
        record["gaps"] = self.gaps
        record.update({name: found for name in ("code", "captured") if (found := getattr(self, name))})
        if any(reason == FRONT_END and not path for path, reason in self.gaps):
            record["front_end"] = True
        if self.tolerant:
            record["sketch"] = self.sketch.values()
        self.kept = []
        return record

    def identity(self, value: Any) -> int | None:
        """Return a number that tells whether two names lead to one changeable object; None for unchangeable values."""
        kind = qualified(type(value))
        if kind in IMMUTABLE or kind in BY_NAME or isinstance(value, (type, str, int, float, tuple)):
            return None
        if type(value).__module__ == "enum" or any(base.__name__ == "Enum" for base in type(value).__mro__):
            return None
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.generic):
            return None
        if numpy is not None and type(value) is numpy.ndarray:
            while type(value.base) is numpy.ndarray:
                value = value.base
        return id(value)

    def describe(self, value: Any) -> str:
        """A value in a few words."""
        kind = qualified(type(value))
        if kind == "builtins.int" and value.bit_length() > LONG:
            return f"an integer of {value.bit_length()} bits"
        if kind in PLAIN:
            return _short(self.spelled(value) if kind == "builtins.str" else value)
        shape = getattr(value, "shape", None) if _library(type(value)) else None
        if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape):
            if not shape:
                return _short(value)
            text = "{} {}".format(type(value).__name__, " x ".join(map(str, shape)))
            size = 1
            for length in shape:
                size *= length
            return f"{text}: {_short(value.tolist())}" if size <= 6 and hasattr(value, "tolist") else text
        if kind in ("builtins.list", "builtins.tuple", "builtins.dict", "builtins.set"):
            items = list(value.values()) + list(value) if isinstance(value, dict) else list(value)
            kinds = {qualified(type(item)) for item in items}
            plain = len(items) <= 20 and kinds <= PLAIN and not _long(items, kinds)
            return _short(value) if plain else f"{type(value).__name__} of {len(value)}"
        if kind in BY_NAME or isinstance(value, type):
            return "{} {}".format(type(value).__name__, getattr(value, "__name__", ""))
        return type(value).__name__

    def meant(self, value: Any) -> Any:
        """Replace values by stand-ins: the standard streams, and those that the project has a class of its own for."""
        for name in STREAMS:
            if value is not None and value is getattr(sys, name):
                return StandardStream(name)
        return self.stands_for.get(qualified(type(value)), lambda same: same)(value)

    def class_name(self, kind: type) -> str:
        """Qualified name of a class; one of the notebook's own is called `own.NAME` wherever it is defined."""
        return "own." + self.called.get(kind.__name__, kind.__name__) if self.is_own(kind) else qualified(kind)

    def is_own(self, defined: Any) -> bool:
        """Whether a class or function is the notebook's own."""
        module = getattr(defined, "__module__", None)
        return isinstance(module, str) and any(module == name or module.startswith(name + ".") for name in self.own)

    # -- digests -----------------------------------------------------------------------------------------------------
    def of(self, value: Any, path: str) -> bytes:
        """The digest of a value.

        Args:
            path: how to get to it from the variable, for gaps.
        """
        value = self.meant(value)
        kind = type(value)
        name = qualified(kind)
        self.count += 1
        if self.count > PARTS:
            raise NotComparable(f"more than {PARTS:,} parts")
        if self.count % 1000 == 0 and time.monotonic() - self.begin > SECONDS:
            self.count = PARTS  # what is around it ends as well
            raise NotComparable(f"takes more than {SECONDS} s to look at")
        if name in PLAIN:
            return self._plain(name, value)
        key = id(value)
        if key in self.open:
            return _hash("cycle", str(len(self.open) - self.open[key]))
        if key in self.done:
            return self.done[key]
        self.open[key] = len(self.open)
        self.kept.append(value)
        try:
            if len(self.open) > DEPTH:
                raise NotComparable(f"nested more than {DEPTH} levels deep")
            digest = self._with_attributes(value, self._handler(kind)(self, value, path), path)
        except (Exception, SystemExit) as error:
            if self.count >= PARTS:
                raise
            self.gaps.append((path, _reason(error)))
            digest = _hash("gap", self.class_name(kind))
        finally:
            del self.open[key]
        self.done[key] = digest
        return digest

    def _plain(self, name: str, value: Any) -> bytes:
        if name == "builtins.str":
            return _hash(name, self.spelled(value))
        if name == "builtins.int":
            return _hash(name, hex(value))  # repr refuses long ones
        if name == "builtins.float" and self.tolerant:
            return self.sketch.add([value])
        return _hash(name, value if name == "builtins.bytes" else repr(value))

    def _handler(self, kind: type) -> Callable[[Digester, Any, str], bytes]:
        for base in kind.__mro__:
            name = qualified(base)
            if name in NOT_COMPARABLE_CLASSES:
                raise NotComparable(NOT_COMPARABLE_CLASSES[name])
            if name in HANDLERS and not (base in _CONTAINERS and self._more_than(kind, base)):
                return HANDLERS[name]
            reason = NOT_COMPARABLE.get(name.partition(".")[0])
            if reason is not None and not self.is_own(kind):
                raise NotComparable(reason)
        if any(base.__name__ == "Enum" and base.__module__ == "enum" for base in kind.__mro__):
            return Digester._enum
        if callable(getattr(kind, "get_params", None)) and callable(getattr(kind, "fit", None)):
            return Digester._estimator
        return Digester._attributes if self.is_own(kind) else Digester._reduced

    def _with_attributes(self, value: Any, digest: bytes, path: str) -> bytes:
        """Digest what an object of a notebook's own class holds besides what one of the class that it extends does."""
        kind = type(value)
        base = next((base for base in kind.__mro__ if qualified(base) in EXTENDED), None)
        if (
            base is None
            or base is kind
            or not self.is_own(kind)
            or (base in _CONTAINERS and self._more_than(kind, base))
        ):
            return digest
        return _hash("extended", digest, self._attributes(value, path))

    def _more_than(self, kind: type, base: type) -> bool:
        """Whether a class adds attributes to a container."""
        return kind is not base and not hasattr(kind, "_fields") and getattr(kind, "__dictoffset__", 0) != 0

    def _whole(self, name: str, parts: Iterable[tuple[str, bytes]]) -> bytes:
        """The digest of a whole from those of its named parts, in their order."""
        digests = []
        named: dict[str, bytes] = {}
        for part, digest in parts:
            digests.append(_hash(part, digest))
            if len(named) <= NAMED and not part.startswith(KEY):
                named[part] = digest
        whole = _hash(name, *digests)
        if 0 < len(named) <= NAMED and (len(self.open) == 1 or len(self.within) < WHOLES):
            self.within[whole] = named
        return whole

    def _tell_parts(self, record: Record, digest: bytes) -> None:
        """Puts the parts of a value into its record, and those of its parts, level by level while there is room."""
        if digest not in self.within:
            return
        record["parts"] = _told(self.within[digest])
        within: dict[str, dict[str, str]] = {}
        level, room = [digest], TOLD
        while level:
            below = [part for whole in level for part in self.within[whole].values() if part in self.within]
            level = []
            for part in dict.fromkeys(below):
                short, parts = part.hex()[:12], self.within[part]
                if short not in within and len(parts) <= room:
                    within[short] = _told(parts)
                    room -= len(parts)
                    level.append(part)
        if within:
            record["within"] = within

    # -- handlers: builtin containers --------------------------------------------------------------------------------
    def _items(self, name: str, items: Sequence[Any], path: str) -> bytes:
        """A sequence; one of many plain values is hashed in one go."""
        kinds = {qualified(kind) for kind in set(map(type, items))}
        tolerant = self.tolerant and "builtins.float" in kinds
        if len(items) > NAMED and kinds <= PLAIN and not tolerant and not _long(items, kinds):
            self.count += len(items) // 50
            text = repr(list(items))
            return _hash(name, self.spelled(text) if "builtins.str" in kinds else text)
        return self._whole(name, ((f"[{i}]", self.of(item, f"{path}[{i}]")) for i, item in enumerate(items)))

    def _sequence(self, value: Any, path: str) -> bytes:
        kind = type(value)
        more = map(str, getattr(kind, "_fields", ()) or [getattr(value, "maxlen", "")])
        return self._items(" ".join((self.class_name(kind), *more)), list(value), path)

    def _mapping(self, value: Any, path: str) -> bytes:
        parts = []
        if hasattr(value, "default_factory"):
            parts.append((".default_factory", self.of(value.default_factory, path + ".default_factory")))
        for position, (key, entry) in enumerate(dict.items(value)):
            label = repr(self.spelled(key)) if type(key) is str else repr(key) if _is_plain(key) else f"#{position}"
            parts.append((KEY + label, self.of(key, path + " key")))
            if isinstance(key, str) and key in TIMES:
                self.gaps.append((f"{path}[{key!r}]", "a time that was measured"))
            else:
                parts.append(("[" + label + "]", self.of(entry, f"{path}[{label}]")))
        return self._whole(self.class_name(type(value)), parts)

    def _set(self, value: Any, path: str) -> bytes:
        sketch, self.sketch = self.sketch, Sketch()  # its order is that of hashes: numbers in it are compared exactly
        digests = sorted(
            _hash("float", repr(item)) if type(item) is float else self.of(item, path + " element") for item in value
        )
        self.sketch = sketch
        return _hash(self.class_name(type(value)), *digests)

    def _bytes(self, value: Any, path: str) -> bytes:
        return _hash(self.class_name(type(value)), bytes(value))

    def _stream(self, value: Any, path: str) -> bytes:
        """A file in memory."""
        if value.closed:
            return _hash(self.class_name(type(value)), "closed")
        return _hash(self.class_name(type(value)), self.of(value.getvalue(), path), str(value.tell()))

    def _file(self, value: Any, path: str) -> bytes:
        if not value.closed:
            raise NotComparable("an open file")
        name = getattr(value, "name", "")  # a number for a file without one
        name = os.path.basename(name) if isinstance(name, str) else ""  # it may lie in another folder of the project
        return _hash(self.class_name(type(value)), str(getattr(value, "mode", "")), name)

    def _lock(self, value: Any, path: str) -> bytes:
        """A lock, that is held or not."""
        return _hash(self.class_name(type(value)), repr(value).split()[0].lstrip("<"))

    def _zip_file(self, value: Any, path: str) -> bytes:
        """An archive: which one, how it is open, and what is in it."""
        name = os.path.basename(value.filename or "")  # it may lie in another folder of the project
        closed = str(value.fp is None)
        return _hash("archive", name, value.mode, closed, value.comment, self.of(value.infolist(), path))

    def _zip_entry(self, value: Any, path: str) -> bytes:
        told = [value.filename, value.CRC, value.file_size, value.compress_type, value.external_attr, value.comment]
        if value.date_time[:3] == time.localtime()[:3]:
            self.gaps.append((f"{path}.date_time", "a time that was measured"))
        else:
            told.append(value.date_time)
        return _hash("entry of an archive", self.of(told, path))

    def _logger(self, value: Any, path: str) -> bytes:
        """A logger with what it is set to; the root belongs to the process, which has its own handlers there."""
        if value is value.root:
            self.gaps.append((path, "set up by the process"))
            return _hash("logger", value.name)
        names = ("level", "propagate", "disabled", "handlers", "filters")
        parts = [(f".{name}", self.of(getattr(value, name), f"{path}.{name}")) for name in names]
        return self._whole(f"logger {value.name}", parts)

    def _path(self, value: Any, path: str) -> bytes:
        return _hash(self.class_name(type(value)), self.spelled(str(value)))

    def _text(self, value: Any, path: str) -> bytes:
        return _hash(self.class_name(type(value)), self.spelled(str.__str__(value)))

    def _number(self, value: Any, path: str) -> bytes:
        base = next(base for base in (bool, int, float, complex) if isinstance(value, base))
        return _hash(self.class_name(type(value)), self._plain(qualified(base), base(value)))

    # -- handlers: code ----------------------------------------------------------------------------------------------
    def _named(self, value: Any, path: str) -> bytes:
        """A function, class or module, by its name."""
        module = "own" if self.is_own(value) else str(getattr(value, "__module__", ""))
        name = str(getattr(value, "__name__", ""))
        return _hash("name", type(value).__name__, module, self.called.get(name, name) if module == "own" else name)

    def _function(self, value: Any, path: str) -> bytes:
        """A function with its defaults, attributes and what it captures; in the project it may take more arguments."""
        if not self.is_own(value):
            return self._named(value, path)
        code = value.__code__
        self.code[path] = self._code(code).hex()[:12]
        arguments = code.co_varnames[: code.co_argcount]
        given = value.__defaults__ or ()
        defaults = {name: given[n] for n, name in enumerate(arguments[len(arguments) - len(given) :])}
        defaults.update(value.__kwdefaults__ or {})
        parts = [("name", self._named(value, path))]
        for name in sorted(defaults):
            if name not in self.taken.get(value.__name__, ()):
                parts.append((f".{name}", self.of(defaults[name], f"{path}.{name}")))
        parts += [(f".{name}", self.of(part, f"{path}.{name}")) for name, part in sorted(vars(value).items())]
        for number, name in sorted(enumerate(code.co_freevars), key=lambda pair: pair[1]):
            own = self.called.get(name, name)
            if name in self.variables:
                self.captured[f"{path}.{own}"] = self._apart(value.__closure__[number], f"{path}.{own}").hex()[:12]
            elif not self._holds_settings(value.__closure__[number]):
                parts.append((f".{own}", self._cell(value.__closure__[number], f"{path}.{own}")))
        return self._whole("function", parts)

    def _holds_settings(self, cell: Any) -> bool:
        """Whether a function captures settings of the project's, which are literals in the notebook's code."""
        try:
            return type(cell.cell_contents).__module__ in self.settings
        except ValueError:
            return False

    def _cell(self, cell: Any, path: str) -> bytes:
        """Digest a variable that a function captures."""
        try:
            content = cell.cell_contents
        except ValueError:
            return b"nothing is bound yet"
        return self.of(content, path)

    def _apart(self, cell: Any, path: str) -> bytes:
        """The same, where only one of the processes may look at it: without a trace in the digests of other parts."""
        known = self.open, self.done, self.gaps
        self.open, self.done, self.gaps = {}, {}, []
        try:
            return self._cell(cell, path)
        finally:
            self.open, self.done, self.gaps = known

    def _code(self, code: Any) -> bytes:
        """Digest what code does, however its variables reach it."""
        parts = []
        for step in dis.get_instructions(code):
            name, _, kind = step.opname.partition("_")
            if name in ("LOAD", "STORE", "DELETE") and kind.partition("_")[0] in _SCOPES:
                parts.append(f"{name} {self.called.get(step.argval, step.argval)}")
            elif step.opcode in dis.hasjabs or step.opcode in dis.hasjrel:
                parts.append(step.opname)
            elif isinstance(step.argval, type(code)):
                parts.append(self._code(step.argval).hex())
            elif step.opname not in _BOOKKEEPING:
                parts.append(f"{_SAME.get(step.opname, step.opname)} {self.spelled(repr(step.argval))}")
        return _hash("code", *parts)

    def _class(self, value: Any, path: str) -> bytes:
        """A class with its bases and attributes."""
        if not self.is_own(value):
            return self._named(value, path)
        parts = [("name", self._named(value, path))]
        parts += [(f"base {n}", _hash(self.class_name(base))) for n, base in enumerate(value.__bases__)]
        for name, part in sorted(vars(value).items()):
            if name not in _OF_CLASSES:
                parts.append((f".{name}", self.of(getattr(part, "__func__", part), f"{path}.{name}")))
        return self._whole("class", parts)

    def _property(self, value: Any, path: str) -> bytes:
        functions = [("fget", value.fget), ("fset", value.fset), ("fdel", value.fdel)]
        return self._whole("property", [(name, self.of(part, f"{path}.{name}")) for name, part in functions])

    def _cached(self, value: Any, path: str) -> bytes:
        """A function that keeps its results: how many, and how often they were asked for."""
        function = self.of(value.__wrapped__, path)
        parameters = sorted(value.cache_parameters().items()) if hasattr(value, "cache_parameters") else []
        return _hash("cached", function, repr(parameters), repr(value.cache_info()))

    def _method(self, value: Any, path: str) -> bytes:
        if isinstance(value.__self__, type(sys)):  # a function of a compiled module
            return self._named(value, path)
        return _hash("method", value.__name__, self.of(value.__self__, path + ".__self__"))

    def _partial(self, value: Any, path: str) -> bytes:
        """A function with some of its arguments; those that the project alone binds are none of the notebook's."""
        if self._is_bound(value):
            return self.of(value.func, path)
        taken = self.taken.get(getattr(value.func, "__name__", ""), ()) if self.is_own(value.func) else ()
        keywords = {name: part for name, part in value.keywords.items() if name not in taken}
        parts = [("function", self.of(value.func, path + ".func")), ("arguments", self.of(value.args, path + ".args"))]
        return self._whole("partial", [*parts, ("keywords", self.of(keywords, path + ".keywords"))])

    def _is_bound(self, value: Any) -> bool:
        """Whether this is a function of the notebook's own that the project gives variables to, and nothing more."""
        taken = self.taken.get(getattr(value.func, "__name__", ""), ())
        return bool(self.is_own(value.func) and taken and not value.args and set(value.keywords) <= set(taken))

    def _enum(self, value: Any, path: str) -> bytes:
        return _hash("enum", self.class_name(type(value)), str(value.name), self.of(value.value, path + ".value"))

    # -- handlers: objects -------------------------------------------------------------------------------------------
    def _attributes(self, value: Any, path: str) -> bytes:
        """An object of one of the notebook's own classes: what it consists of."""
        parts: list[tuple[str, Any]] = [("class", type(value))]
        for base in _CONTAINERS:
            if isinstance(value, base):
                parts.append(("content", base(value)))
                break
        plain: Any = next((base for base in type(value).__mro__ if qualified(base) in PLAIN), None)
        if plain is not None:
            parts.append(("content", plain.__repr__(value)))
        parts += list(getattr(value, "__dict__", {}).items())
        for kind in type(value).__mro__:
            slots = vars(kind).get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                if slot not in ("__dict__", "__weakref__") and hasattr(value, slot):
                    parts.append((slot, getattr(value, slot)))
        return self._whole(self.class_name(type(value)), ((str(n), self.of(part, f"{path}.{n}")) for n, part in parts))

    def _reduced(self, value: Any, path: str) -> bytes:
        """An object of a library: what pickle would take of it, part by part."""
        try:
            reduced = value.__reduce_ex__(4)
        except (Exception, SystemExit) as error:
            raise NotComparable(f"{type(value).__name__} ({error})") from None
        if isinstance(reduced, str):
            return _hash("global", reduced)
        parts = []
        for number, part in enumerate(reduced[:5]):
            if number == 2 and isinstance(part, dict) and all(isinstance(name, str) for name in part):
                for name, attribute in part.items():
                    if name in TIMES:
                        self.gaps.append((f"{path}.{name}", "a time that was measured"))
                    else:
                        parts.append((f".{name}", self.of(attribute, f"{path}.{name}")))
            elif part is not None:  # the last two are iterators over items
                parts.append((f"#{number}", self.of(list(part) if number > 2 else part, path)))
        return self._whole(self.class_name(type(value)), parts)

    def _estimator(self, value: Any, path: str) -> bytes:
        """A model or transformer of scikit-learn's interface: its parameters and what it has learned."""
        parameters = value.get_params(deep=False)
        learned = {n: part for n, part in vars(value).items() if n not in parameters and n not in ADDRESSES}
        parts = [("parameter " + name, self.of(part, path + "." + name)) for name, part in sorted(parameters.items())]
        for name, part in sorted(learned.items()):
            if name in TIMES:
                self.gaps.append((path + "." + name, "a time that was measured"))
            else:
                parts.append((name, self.of(part, path + "." + name)))
        return self._whole(self.class_name(type(value)), parts)

    # -- handlers: numpy ---------------------------------------------------------------------------------------------
    def _array(self, value: Any, path: str) -> bytes:
        numpy = sys.modules["numpy"]
        name = f"{self.class_name(type(value))} {value.dtype.str} {value.shape}"
        if isinstance(value, numpy.ma.MaskedArray):
            mask = numpy.ma.getmaskarray(value)
            shown = numpy.where(mask, numpy.zeros((), value.dtype), value.data)
            return _hash(name, self._array(shown, path), self._array(mask, path), repr(value.fill_value))
        if type(value) is not numpy.ndarray:
            value = numpy.asarray(value)
        if value.dtype.names:  # between fields may be memory that nobody has written
            fields = [(field, self._array(value[field], path)) for field in value.dtype.names]
            return self._whole(name, fields)
        if value.dtype.kind == "O":
            return _hash(name, self._items("objects", value.ravel().tolist(), path))
        if self.tolerant and value.dtype.kind in "fc":
            return _hash(name, self.sketch.add_array(numpy, value))
        return _hash(name, _memory(numpy, value))

    def _scalar(self, value: Any, path: str) -> bytes:
        return self._array(sys.modules["numpy"].asarray(value), path)

    def _generator(self, value: Any, path: str) -> bytes:
        """A random generator: the state that its next numbers depend on."""
        if hasattr(value, "getstate"):
            return _hash("random", repr(value.getstate()))
        if hasattr(value, "get_state"):
            return _hash("random", self.of(value.get_state(), path))
        return _hash("random", self.of(getattr(value, "bit_generator", value).state, path))

    # -- handlers: pandas --------------------------------------------------------------------------------------------
    def _frame(self, value: Any, path: str) -> bytes:
        parts = [
            ("columns", self.of(value.columns, path + ".columns")),
            ("index", self.of(value.index, path + ".index")),
            *self._labels(value, path),
        ]
        for number, label in enumerate(value.columns):
            if isinstance(label, str) and label in TIMES:
                self.gaps.append((f"{path}[{label!r}]", "a time that was measured"))
            else:
                place = f"{path}[{label!r}]" if _is_plain(label) else path
                text = f"column {label!r}" if _is_plain(label) else f"column {number}"
                parts.append((text, self._column(value.iloc[:, number].array, place)))
        return self._whole(self.class_name(type(value)), parts)

    def _series(self, value: Any, path: str) -> bytes:
        parts = [("name", self.of(value.name, path)), ("index", self.of(value.index, path + ".index"))]
        parts += self._labels(value, path)
        return self._whole(self.class_name(type(value)), [*parts, ("values", self._column(value.array, path))])

    def _labels(self, value: Any, path: str) -> list[tuple[str, bytes]]:
        """Digest what is said about a table: its attributes and flags, and what a class of the notebook's own adds."""
        flags = bool(getattr(getattr(value, "flags", None), "allows_duplicate_labels", True))
        told = {"attrs": getattr(value, "attrs", {}), "flags": flags}
        told.update({name: getattr(value, name) for name in getattr(value, "_metadata", ()) if hasattr(value, name)})
        return [(f".{name}", self.of(part, f"{path}.{name}")) for name, part in told.items() if name != "name"]

    def _index(self, value: Any, path: str) -> bytes:
        name = self.class_name(type(value))
        names = self.of(tuple(value.names), path)
        if type(value).__name__ == "RangeIndex":
            return _hash(name, names, repr((value.start, value.stop, value.step)))
        if hasattr(value, "levels"):
            levels = [self.of(level, path) for level in value.levels]
            return _hash(name, names, *levels, *(self.of(codes, path) for codes in value.codes))
        return _hash(name, names, str(getattr(value, "freqstr", "")), self._column(value.array, path))

    def _column(self, values: Any, path: str) -> bytes:
        """Values of pandas, whatever holds them."""
        numpy = sys.modules["numpy"]
        name = "values " + str(values.dtype)
        if hasattr(values, "categories") and hasattr(values, "codes"):
            ordered = str(bool(values.ordered))
            return _hash(name, ordered, self.of(values.categories, path), self.of(numpy.asarray(values.codes), path))
        if isinstance(values.dtype, numpy.dtype) or type(values).__name__ in ("NumpyExtensionArray", "PandasArray"):
            return _hash(name, self._array(values.to_numpy(), path))
        if hasattr(values, "asi8"):
            return _hash(name, self._array(values.asi8, path))
        return _hash(name, self._items("objects", numpy.asarray(values, dtype=object).tolist(), path))

    # -- handlers: other libraries -----------------------------------------------------------------------------------
    def _sparse(self, value: Any, path: str) -> bytes:
        names = ("data", "indices", "indptr", "row", "col", "offsets", "rows", "_dict")
        parts = [(name, self.of(getattr(value, name), path)) for name in names if hasattr(value, name)]
        if isinstance(value, dict):
            parts.append(("content", self.of(dict(dict.items(value)), path)))
        if not parts:
            raise NotComparable(f"a sparse array in the form {type(value).__name__}")
        parts.append(("dtype", _hash(str(value.dtype))))
        return self._whole(f"{self.class_name(type(value))} {value.shape}", parts)

    def _tensor(self, value: Any, path: str) -> bytes:
        array = value.detach().cpu()
        name = f"{self.class_name(type(value))} {value.dtype} {value.requires_grad} {value.device}"
        numbers = array.float().numpy() if "bfloat16" in str(value.dtype) else array.numpy()
        gradient = value.grad if value.is_leaf else None
        return _hash(name, self._array(numbers, path), self.of(gradient, path + ".grad"))

    def _state_dict(self, value: Any, path: str) -> bytes:
        """An optimiser of torch, or the like."""
        return self._whole(self.class_name(type(value)), [("state", self.of(dict(value.state_dict()), path))])

    def _module(self, value: Any, path: str) -> bytes:
        """A module of torch: its parameters and buffers, and what each of its modules is set to."""
        held = [*value.named_parameters(), *value.named_buffers()]
        parts = [(f".{name}", self.of(tensor, f"{path}.{name}")) for name, tensor in held]
        for name, module in value.named_modules():
            label = f".{name}" if name else ""
            parts.append(
                (f"{label} is", _hash(self.class_name(type(module)), module.extra_repr(), str(module.training)))
            )
            for attribute, part in sorted(vars(module).items()):
                if not attribute.startswith("_") and attribute != "training":
                    parts.append((f"{label}.{attribute}", self.of(part, f"{path}{label}.{attribute}")))
        return self._whole(self.class_name(type(value)), parts)

    def _keras(self, value: Any, path: str) -> bytes:
        """A layer or model: its weights, its configuration, and what trains it."""
        parts = [(f"weight {number}", self.of(weight, path)) for number, weight in enumerate(value.get_weights())]
        parts.append(("trainable", self.of(bool(value.trainable), path)))
        trainer = getattr(value, "optimizer", None)
        for name, told in (("", value), (".optimizer", trainer)):
            if told is not None and not isinstance(told, str):
                try:
                    parts.append((f"{name} is", self.of(told.get_config(), path + name)))
                except Exception as error:
                    self.gaps.append((f"{path}{name}", f"its configuration is not known: {type(error).__name__}"))
        return self._whole(self.class_name(type(value)), parts)

    def _table(self, value: Any, path: str) -> bytes:
        """A table of polars or pyarrow."""
        content = value.to_pydict() if hasattr(value, "to_pydict") else value.to_dict(as_series=False)
        schema = value.schema.to_string(show_schema_metadata=True) if hasattr(value, "to_pydict") else str(value.schema)
        columns = [(f"column {name!r}", self.of(items, path)) for name, items in content.items()]
        return self._whole(self.class_name(type(value)), [("schema", _hash(schema)), *columns])

    def _picture(self, value: Any, path: str) -> bytes:
        palette = value.getpalette() if value.mode == "P" else None
        told = self.of([palette, dict(value.info)], path + ".info")
        return _hash("picture", str(value.mode), str(value.size), value.tobytes(), told)

    def _booster(self, value: Any, path: str) -> bytes:
        content = value.save_raw() if hasattr(value, "save_raw") else value.model_to_string()
        names = ("best_iteration", "best_score", "params", "feature_names")
        told = {name: getattr(value, name) for name in names if name in vars(value)}
        content = bytes(content) if not isinstance(content, str) else content
        return _hash(self.class_name(type(value)), content, self.of(told, path))

    def _data_matrix(self, value: Any, path: str) -> bytes:
        parts = [(name, getattr(value, "get_" + name)()) for name in ("data", "label", "weight", "base_margin")]
        parts += [(name, getattr(value, name)) for name in ("feature_names", "feature_types")]
        return self._whole(self.class_name(type(value)), ((name, self.of(part, path)) for name, part in parts))

    def _catboost(self, value: Any, path: str) -> bytes:
        parts = [("parameters", self.of(value.get_params(), path))]
        if value.is_fitted():
            parts += [
                ("leaves", self.of(value.get_leaf_values(), path)),
                ("borders", self.of(value.get_borders(), path)),
                ("names", self.of(value.feature_names_, path)),
                ("best", self.of([value.get_best_iteration(), value.get_scale_and_bias()], path)),
            ]
        return self._whole(self.class_name(type(value)), parts)

    def _plotted(self, value: Any, path: str) -> bytes:
        """A figure that is data: plotly's and altair's."""
        content = value.to_plotly_json() if hasattr(value, "to_plotly_json") else value.to_dict()
        return _hash(self.class_name(type(value)), self.of(content, path))

    def _viewed(self, value: Any, path: str) -> bytes:
        return _hash(type(value).__name__, self.of(list(value), path))

    def _exception(self, value: Any, path: str) -> bytes:
        names = ("filename", "filename2", "name", "path", "value", "code")
        told = {name: part for name in names if (part := getattr(value, name, None)) is not None}
        parts = [value.args, told, {n: p for n, p in vars(value).items() if n not in told}, value.__cause__]
        return _hash(self.class_name(type(value)), *(self.of(part, path) for part in parts))


_CONTAINERS = (dict, list, tuple, set, frozenset)
EXTENDED = frozenset(
    [
        *(f"builtins.{kind.__name__}" for kind in _CONTAINERS),
        "builtins.str",
        "builtins.int",
        "builtins.float",
        "builtins.complex",
        "builtins.bytearray",
        "collections.deque",
        "_io.StringIO",
        "_io.BytesIO",
        "pathlib.PurePath",
        "pathlib._local.PurePath",
        "random.Random",
        "numpy.ndarray",
    ]
)  # classes whose handlers say nothing about attributes

# Steps of byte code that say how a variable is reached, and those that say nothing about what is computed.
_SCOPES = frozenset(["FAST", "GLOBAL", "NAME", "DEREF", "CLOSURE", "CLASSDEREF"])
_BOOKKEEPING = frozenset(
    ["RESUME", "COPY_FREE_VARS", "MAKE_CELL", "NOP", "CACHE", "PUSH_NULL", "PRECALL", "EXTENDED_ARG", "NOT_TAKEN"]
)
# Python compiles a call of what a module holds in another way where the same text imports the module.
_SAME = {"LOAD_METHOD": "LOAD_ATTR", "CALL_METHOD": "CALL_FUNCTION"}
# Attributes of classes that Python makes itself.
_OF_CLASSES = frozenset(
    [
        "__module__",
        "__slotnames__",
        "__dict__",
        "__weakref__",
        "__qualname__",
        "__doc__",
        "__firstlineno__",
        "__static_attributes__",
        "__annotations__",
        "__annotate__",
        "__annotate_func__",
        "__annotations_cache__",
        "__abstractmethods__",
        "_abc_impl",
        "__dataclass_fields__",
        "__dataclass_params__",
        "__hash__",
    ]
)

BY_NAME = frozenset(
    [
        "builtins.function",
        "builtins.builtin_function_or_method",
        "builtins.module",
        "builtins.type",
        "builtins.method",
        "builtins.method_descriptor",
        "builtins.wrapper_descriptor",
        "functools.partial",
        "numpy.ufunc",
    ]
)

HANDLERS: dict[str, Callable[[Digester, Any, str], bytes]] = {
    "builtins.list": Digester._sequence,
    "builtins.tuple": Digester._sequence,
    "collections.deque": Digester._sequence,
    "builtins.dict": Digester._mapping,
    "builtins.set": Digester._set,
    "builtins.frozenset": Digester._set,
    "builtins.bytearray": Digester._bytes,
    "_io.StringIO": Digester._stream,
    "_io.BytesIO": Digester._stream,
    "_io._IOBase": Digester._file,
    "logging.Logger": Digester._logger,
    "_thread.lock": Digester._lock,
    "_thread.RLock": Digester._lock,
    "zipfile.ZipFile": Digester._zip_file,
    "zipfile.ZipInfo": Digester._zip_entry,
    "builtins.str": Digester._text,
    "builtins.int": Digester._number,
    "builtins.float": Digester._number,
    "builtins.complex": Digester._number,
    "builtins.dict_keys": Digester._viewed,
    "builtins.dict_values": Digester._viewed,
    "builtins.dict_items": Digester._viewed,
    "builtins.BaseException": Digester._exception,
    "builtins.function": Digester._function,
    "builtins.builtin_function_or_method": Digester._method,
    "builtins.module": Digester._named,
    "builtins.type": Digester._class,
    "builtins.property": Digester._property,
    "functools._lru_cache_wrapper": Digester._cached,
    "builtins.method": Digester._method,
    "builtins.method_descriptor": Digester._named,
    "builtins.wrapper_descriptor": Digester._named,
    "functools.partial": Digester._partial,
    "pathlib.PurePath": Digester._path,
    "pathlib._local.PurePath": Digester._path,
    "random.Random": Digester._generator,
    "numpy.ndarray": Digester._array,
    "numpy.generic": Digester._scalar,
    "numpy.ufunc": Digester._named,
    "numpy.random._generator.Generator": Digester._generator,
    "numpy.random.mtrand.RandomState": Digester._generator,
    "numpy.random.bit_generator.BitGenerator": Digester._generator,
    "pandas.core.frame.DataFrame": Digester._frame,
    "pandas.DataFrame": Digester._frame,
    "pandas.core.series.Series": Digester._series,
    "pandas.Series": Digester._series,
    "pandas.core.indexes.base.Index": Digester._index,
    "pandas.Index": Digester._index,
    "pandas.core.arrays.base.ExtensionArray": Digester._column,
    "pandas.api.extensions.ExtensionArray": Digester._column,
    "scipy.sparse._base._spbase": Digester._sparse,
    "scipy.sparse._base.spmatrix": Digester._sparse,
    "scipy.sparse.base.spmatrix": Digester._sparse,
    "torch.Tensor": Digester._tensor,
    "torch._tensor.Tensor": Digester._tensor,
    "torch.nn.modules.module.Module": Digester._module,
    "torch.optim.optimizer.Optimizer": Digester._state_dict,
    "keras.src.layers.layer.Layer": Digester._keras,
    "keras.engine.base_layer.Layer": Digester._keras,
    "keras.src.engine.base_layer.Layer": Digester._keras,
    "polars.dataframe.frame.DataFrame": Digester._table,
    "pyarrow.lib.Table": Digester._table,
    "PIL.Image.Image": Digester._picture,
    "xgboost.core.Booster": Digester._booster,
    "lightgbm.basic.Booster": Digester._booster,
    "xgboost.core.DMatrix": Digester._data_matrix,
    "catboost.core.CatBoost": Digester._catboost,
    "plotly.basedatatypes.BaseFigure": Digester._plotted,
    "altair.vegalite.v5.api.TopLevelMixin": Digester._plotted,
    "altair.vegalite.v6.api.TopLevelMixin": Digester._plotted,
}


class Sketch:
    """Projections of a stream of numbers on fixed directions, by which two streams can be compared with a tolerance.

    The directions are cosines of the position, so that no random numbers are needed.
    """

    FREQUENCIES = (0.7390851, 1.6180340, 2.7182818)

    def __init__(self) -> None:
        self.count, self.norm = 0, 0.0
        self.sums = [0.0] * len(self.FREQUENCIES)

    def add(self, numbers: Sequence[float]) -> bytes:
        """Adds numbers; returns the digest of what is not approximate: how many, and which are not finite."""
        odd = []
        for number in numbers:
            self.count += 1
            if math.isfinite(number):
                self.norm = math.hypot(self.norm, number)
                for k, frequency in enumerate(self.FREQUENCIES):
                    self.sums[k] += number * math.cos(frequency * self.count)
            else:
                odd.append((self.count, repr(number)))
        return _hash("numbers", str(len(numbers)), repr(odd))

    def add_array(self, numpy: Any, array: Any) -> bytes:
        """Adds the numbers of an array, real parts before imaginary ones."""
        flat = numpy.ravel(array)
        if array.dtype.kind == "c":
            flat = numpy.concatenate([flat.real, flat.imag])
        flat = flat.astype("float64")
        finite = numpy.isfinite(flat)
        numbers = numpy.where(finite, flat, 0.0)
        places = numpy.arange(self.count + 1, self.count + 1 + len(numbers))
        self.count += len(numbers)
        self.norm = math.hypot(self.norm, float(numpy.linalg.norm(numbers)))
        for k, frequency in enumerate(self.FREQUENCIES):
            self.sums[k] += float(numpy.dot(numbers, numpy.cos(frequency * places)))
        odd = numpy.flatnonzero(~finite)
        return _hash("numbers", str(len(flat)), repr(odd.tolist()), repr(flat[odd].tolist()))

    def values(self) -> list[float]:
        """How many numbers, the root of the sum of their squares, and the projections."""
        return [float(self.count), self.norm, *self.sums]


def _memory(numpy: Any, array: Any) -> Any:
    """The bytes of an array without objects, in the order of its elements."""
    return numpy.ascontiguousarray(array).reshape(-1).view(numpy.uint8)


def _hash(*parts: Any) -> bytes:
    """A hash of parts that are text or bytes; where one ends and the next begins counts."""
    result = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        result.update(b"%d:" % memoryview(data).nbytes)
        result.update(data)
    return result.digest()


def _told(parts: Mapping[str, bytes]) -> dict[str, str]:
    return {part: digest.hex()[:12] for part, digest in parts.items()}


def _short(value: Any) -> str:
    shortener = reprlib.Repr()
    shortener.maxlist = shortener.maxtuple = shortener.maxdict = shortener.maxset = 8
    shortener.maxstring = shortener.maxother = shortener.maxlong = 60
    text = shortener.repr(value)
    return text if len(text) <= SHORT else text[: SHORT - 3] + "..."


def _reason(error: BaseException) -> str:
    return str(error) if isinstance(error, NotComparable) else f"{type(error).__name__}: {error}"


def _is_plain(value: Any) -> bool:
    return qualified(type(value)) in PLAIN


def _library(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("numpy", "pandas", "scipy", "torch")


def _long(items: Sequence[Any], kinds: Iterable[str]) -> bool:
    """Whether integers among some values are too long for repr."""
    return "builtins.int" in kinds and any(type(item) is int and item.bit_length() > LONG for item in items)
