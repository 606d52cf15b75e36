"""The part of a recorded run inside the kernel: it finds out what is known of variables and arguments.

Plain Python 3.8 and its standard library, loaded by its path. Values of libraries are recognised by the names of their
classes; nothing is imported that is not loaded already, no random number is drawn, no value is changed or kept.

At the end of each cell a line of JSON is written: cell, seconds, values (by variable, those about which something is
new), calls (of methods that fit or apply a model).
"""

from __future__ import annotations

import ast
import builtins
import json
import math
import re
import runpy
import sys
import time
import types
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Facts = dict[str, Any]

ITEMS = 100_000  # of a container that are looked at
DEPTH = 3  # levels of containers in a type
NUMBERS = 50_000_000  # in a table or array whose ranges are looked for
COLUMNS = 200  # of a table that are told apart
CATEGORIES = 50  # a text column with more different values is free text
LONGEST = 100  # characters of a category

METHODS = frozenset(["fit", "fit_transform", "fit_predict", "transform", "predict", "predict_proba", "score"])
WATCH = "__nbmde_watch__"
NO_VALUES = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)


# -- types -----------------------------------------------------------------------------------------------------------
def public_name(kind: type) -> str:
    """The qualified name of a class, by the shortest module that has it under its name."""
    module, name = getattr(kind, "__module__", "") or "", kind.__qualname__
    if module == "builtins":
        return name
    parts = module.split(".")
    for length in range(1, len(parts)):
        outer = sys.modules.get(".".join(parts[:length]))
        if outer is not None and vars(outer).get(name) is kind:
            return ".".join([*parts[:length], name])
    return f"{module}.{name}"


def type_of(value: Any, depth: int = DEPTH) -> str:
    """The type of a value with the types of its items where these agree, as an expression of qualified names."""
    kind = type(value)
    if value is None:
        return "None"
    if kind is tuple and 0 < len(value) <= 4 and depth:
        return f"tuple[{', '.join(type_of(item, depth - 1) for item in value)}]"
    if kind in (list, tuple, set, frozenset):
        inner = _common(value, depth)
        return f"{kind.__name__}[{inner}, ...]" if kind is tuple else f"{kind.__name__}[{inner}]"
    if kind is dict:
        return f"dict[{_common(value, depth)}, {_common(value.values(), depth)}]"
    return public_name(kind)


def _common(items: Any, depth: int) -> str:
    """The type that items have in common; Any for none."""
    if not depth or not 0 < len(items) <= ITEMS:
        return "Any"
    found = {type_of(item, depth - 1) for item in items}
    if len(found) > 1 and found <= {"int", "float", "numpy.float64"}:
        return "float"
    some = found - {"None"}
    if len(some) != 1:
        return "Any"
    return some.pop() + (" | None" if "None" in found else "")


# -- facts -----------------------------------------------------------------------------------------------------------
def facts(value: Any, features: bool = False) -> Facts:
    """Collect the facts about a value.

    Args:
        features: whether the columns of an array and the items of a list are told as features.
    """
    found: Facts = {"type": type_of(value)}
    kinds = {public_name(base) for base in type(value).__mro__}
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        found["shape"] = [len(value)]
        if features and found["type"] == "list[str]":
            found["columns"] = [_text_column("value", value)]
        elif features and found["type"].startswith("list[dict[str, ") and _is_table(value):
            table = sys.modules["pandas"].DataFrame(value)
            found["columns"] = [_column(table[name], name, True) for name in table]
        return found
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple) or not all(type(size) is int for size in shape):
        return found
    if shape or not hasattr(value, "item"):
        found["shape"] = list(shape)
    if "pandas.DataFrame" in kinds:
        if shape[1] <= COLUMNS:
            copy = value.copy(deep=False)  # reading a column may change what the table keeps for later
            small = shape[0] * shape[1] <= NUMBERS
            found["columns"] = [_column(copy.iloc[:, place], str(name), small) for place, name in enumerate(copy)]
        return found
    if hasattr(value, "dtype"):
        found["dtype"] = str(value.dtype)
    if "pandas.Series" in kinds:
        column = _column(value, "value" if value.name is None else str(value.name), shape[0] <= NUMBERS)
        found["columns"] = [column]
    elif "numpy.ndarray" in kinds and shape:
        if value.size <= NUMBERS:
            found.update(_range(value))
        if features and len(shape) == 2 and shape[1] <= COLUMNS:
            found["columns"] = [_feature(value[:, place], f"feature_{place}") for place in range(shape[1])]
        elif features and len(shape) == 1:
            found["columns"] = [_feature(value, "value")]
    elif "polars.DataFrame" in kinds or "polars.dataframe.frame.DataFrame" in kinds:
        dtypes = dict(zip(map(str, value.columns), map(str, value.dtypes)))  # noqa: B905 - Python 3.8
        found["columns"] = [{"name": name, "dtype": dtype, "kind": "any"} for name, dtype in dtypes.items()]
    return found


def _is_table(records: Any) -> bool:
    """Whether dictionaries are the rows of a table that can be looked at."""
    same = all(record.keys() == records[0].keys() for record in records)
    return "pandas" in sys.modules and same and len(records[0]) <= COLUMNS


def _column(values: Any, name: str, small: bool) -> Facts:
    """Collect the facts about a column of a pandas table."""
    kind = _kind(values) if small else "any"
    column: Facts = {"name": name, "dtype": str(values.dtype), "kind": kind}
    if not small:
        return column
    present = values.dropna()
    column["missing"] = len(values) - len(present)
    if kind in ("integer", "number") and len(present):
        column.update(_range(present.astype(float).to_numpy()))
    elif kind == "text" and present.nunique() <= min(CATEGORIES, len(present) // 2):
        _add_categories(column, present.unique())
    return column


def _kind(values: Any) -> str:
    """Tell the kind of a column's values; the service of a project asks in the same way."""
    pandas = sys.modules["pandas"]
    if isinstance(values.dtype, pandas.CategoricalDtype):
        values = values.cat.categories.to_series()
    present = values.dropna()
    test = pandas.api.types
    for kind, holds in (
        ("boolean", test.is_bool_dtype),
        ("integer", test.is_integer_dtype),
        ("number", test.is_float_dtype),
        ("time", test.is_datetime64_any_dtype),
    ):
        if holds(values.dtype) or (values.dtype == object and len(present) and holds(present.infer_objects())):
            return kind
    return "text" if all(isinstance(value, str) for value in present) else "any"


def _feature(values: Any, name: str) -> Facts:
    """Collect the facts about a column of an array."""
    kinds = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "U": "text", "M": "time"}
    kind = kinds.get(values.dtype.kind, "any")
    if values.dtype == object:
        return (
            _text_column(name, values.tolist())
            if all(isinstance(value, str) for value in values)
            else {
                "name": name,
                "dtype": "object",
                "kind": "any",
            }
        )
    column = {"name": name, "dtype": str(values.dtype), "kind": kind, **_range(values)}
    if values.dtype.kind in "biu":
        column["missing"] = 0
    elif values.dtype.kind == "f":
        column["missing"] = int((values != values).sum())
    return column


def _text_column(name: str, values: Any) -> Facts:
    column: Facts = {"name": name, "dtype": "object", "kind": "text", "missing": 0}
    different = set(islice(values, ITEMS))
    if len(values) <= ITEMS and len(different) <= min(CATEGORIES, len(values) // 2):
        _add_categories(column, different)
    return column


def _add_categories(column: Facts, values: Iterable[Any]) -> None:
    texts = sorted(map(str, values))
    if texts and max(map(len, texts)) <= LONGEST:
        column["categories"] = texts


def _range(values: Any) -> Facts:
    """The smallest and the largest number of an array, if it has some."""
    if values.dtype.kind not in "iuf" or not values.size:
        return {}
    if values.dtype.kind == "f":
        values = values[values == values]
        if not values.size:
            return {}
    lowest, highest = float(values.min()), float(values.max())
    return {"minimum": lowest, "maximum": highest} if math.isfinite(lowest) and math.isfinite(highest) else {}


# -- the kernel ------------------------------------------------------------------------------------------------------
class Recorder:
    """Records what is new at the end of each cell.

    Args:
        told: `record` (the file), `cells` (numbers in the order in which they run), `verify` (the file with what seeds
            and compares), `seed`.
        variables: those of the notebook.
    """

    def __init__(self, told: Mapping[str, Any], variables: dict[str, Any]) -> None:
        shared = runpy.run_path(told["verify"], run_name="_nbmde_shared")
        self.seeding = shared["Seeding"](told["seed"])
        self.identity: Callable[[Any], int | None] = shared["beside"]("digest").Digester().identity
        self.stream = open(told["record"], "w", encoding="utf-8")  # noqa: SIM115 - until the end
        self.cells = iter(told["cells"])
        self.variables = variables
        self.first = {*variables, "In", "Out"}
        self.places: dict[str, int] = {}  # where the object of each variable lies
        self.known: dict[str, Facts] = {}
        self.calls: dict[tuple[str, str, str], Facts] = {}
        self.depth, self.begun, self.source = 0, 0.0, ""
        self.started = False

    def begin(self, info: Any) -> None:
        """Before a cell; it may run others."""
        if not self.started:  # the kernel draws a tip for its banner
            self.started = True
            self.seeding.seed_loaded()
        if self.depth == 0:
            self.source = info.raw_cell or ""
        self.depth += 1
        self.begun = self.begun or time.perf_counter()

    def end(self, result: Any) -> None:
        """Behind a cell."""
        self.depth -= 1
        if self.depth:
            return
        seconds, self.begun = time.perf_counter() - self.begun, 0.0
        entry = {"cell": next(self.cells, 0), "seconds": seconds, "values": self._news(), "calls": self._take_calls()}
        self.stream.write(json.dumps(entry) + "\n")
        self.stream.flush()

    def _news(self) -> dict[str, Facts]:
        """Variables about which something is new: those that the cell names, or that hold another object."""
        words = set(re.findall(r"\w+", self.source))
        names = [name for name in self.variables if not name.startswith("_") and name not in self.first]
        values = {name: self.variables[name] for name in sorted(names)}
        values = {name: value for name, value in values.items() if not isinstance(value, NO_VALUES)}
        aliases = self._aliases(values)
        news: dict[str, Facts] = {}
        for name, value in values.items():
            if name in words or self.places.get(name) != id(value):
                self.places[name] = id(value)
                try:
                    found = facts(value)
                except (Exception, SystemExit):  # of a class that cannot be looked at, its name is known
                    found = {"type": public_name(type(value))}
                if name in aliases:
                    found["aliases"] = aliases[name]
                if self.known.get(name) != found:
                    news[name] = self.known[name] = found
        return news

    def _aliases(self, values: Mapping[str, Any]) -> dict[str, list[str]]:
        """For each variable the others that hold the same object, if it is one that can be changed."""
        same: dict[int, list[str]] = {}
        for name, value in values.items():
            if self.identity(value) is not None:
                same.setdefault(id(value), []).append(name)
        return {name: [other for other in names if other != name] for names in same.values() for name in names[:9]}

    def _take_calls(self) -> list[Facts]:
        calls, self.calls = list(self.calls.values()), {}
        return calls

    def watch(self, method: Any, name: str, receiver: str) -> Any:
        """A method that is looked up in a cell, to be called: what it is called with is recorded."""
        owner = getattr(method, "__self__", None)
        if owner is None or not (hasattr(type(owner), "fit") or hasattr(type(owner), "predict")):
            return method

        def called(*arguments: Any, **options: Any) -> Any:
            key = (name, receiver, public_name(type(owner)))
            if key not in self.calls:
                self.calls[key] = {"method": name, "receiver": receiver, "type": key[2], "arguments": {}}
                for place, argument in [*enumerate(arguments), *options.items()]:
                    try:
                        self.calls[key]["arguments"][str(place)] = facts(argument, features=True)
                    except (Exception, SystemExit):
                        self.calls[key]["arguments"][str(place)] = {"type": public_name(type(argument))}
            return method(*arguments, **options)

        return called


class Watching(ast.NodeTransformer):
    """Lets the recorder see the calls of some methods in the code of cells."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`model.fit(...)` becomes `watch(model.fit, "fit", "model")(...)`."""
        self.generic_visit(node)
        method = node.func
        if isinstance(method, ast.Attribute) and method.attr in METHODS:
            receiver = method.value.id if isinstance(method.value, ast.Name) else ""
            told: list[ast.expr] = [method, ast.Constant(method.attr), ast.Constant(receiver)]
            node.func = ast.copy_location(ast.Call(ast.Name(WATCH, ast.Load()), told, []), method)
            ast.fix_missing_locations(node)
        return node


def record_kernel(path: str) -> None:
    """Records from the next cell on.

    Args:
        path: JSON file with what `Recorder` is told.
    """
    with open(path, encoding="utf-8") as stream:
        told = json.load(stream)
    shell = __import__("IPython").get_ipython()
    recorder = Recorder(told, shell.user_ns)
    setattr(builtins, WATCH, recorder.watch)
    shell.ast_transformers.append(Watching())
    shell.events.register("pre_run_cell", recorder.begin)
    shell.events.register("post_run_cell", recorder.end)
