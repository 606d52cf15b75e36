"""Finds what the code saves: models, or anything else that can be pickled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from nbmde.notebooks.analysis.calls import CallResolver, ResolvedCall
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject import patterns

from .learning import Learning
from .paths import known_path

PICKLED = frozenset(("pkl", "pickle", "joblib", "sav", "model", "dill"))
"""Suffixes of files that can hold any object."""
_OTHERS = frozenset(("h5", "keras", "pt", "pth", "onnx", "cbm"))
_DATA = re.compile(r"(h5py\.|.*\.(to_hdf|HDFStore|read_hdf|create_dataset)$|.*HDFStore)")
_MODEL_CLASSES = re.compile(
    r"(torch\.nn|tensorflow\.keras|keras|tf_keras|sklearn|imblearn|xgboost|lightgbm|catboost|lightning|pytorch_lightning)\b"
)
_SAME = re.compile(r"to|cuda|cpu|eval|train|fit|half|float|double|compile|partial_fit|get_booster|copy|items|values")
_PARTS = re.compile(r"best_estimator_|estimator_|module|model|booster_|named_steps|steps")
_CONTAINERS = frozenset(("dict", "list", "tuple", "collections.OrderedDict", "types.SimpleNamespace"))
_IN_MEMORY = ("pickle.dumps", "dill.dumps", "cloudpickle.dumps")


class Saving:
    """Collects, statement by statement, which files hold a model: `files` says so by their paths."""

    def __init__(self, resolver: CallResolver, learned: Learning) -> None:
        self.resolver = resolver
        self.learned = learned
        self.files: dict[str, bool] = {}
        self._models: set[str] = set()  # names of what is or holds a model
        self._classes: set[str] = set()
        self._paths: dict[str, str] = {}  # names of opened files and of paths

    def see(self, unit: Unit) -> None:
        """Takes in the next statement; what is known of types is that of its end."""
        for node in unit.nodes:
            for part in walk(node):
                if isinstance(part, ast.ClassDef) and any(self._is_model_class(base) for base in part.bases):
                    self._classes.add(part.name)
                elif isinstance(part, ast.Assign):
                    for target in part.targets:
                        self._bound(target, part.value)
                elif isinstance(part, ast.For):
                    self._looped(part)
                elif isinstance(part, ast.With | ast.AsyncWith):
                    for item in part.items:
                        if item.optional_vars is not None:
                            self._bound(item.optional_vars, item.context_expr)
                elif isinstance(part, ast.Call):
                    self._changed(part)
            for call in self.resolver.calls(node):
                for saved, file in self._saved(call):
                    if path := self._path(file):
                        path = patterns.normal(path)
                        self.files[path] = self.files.get(path, False) or self._holds(saved)

    def is_model(self, path: str, calls: list[str]) -> bool:
        """Does a file hold a model, as far as that is known?

        Args:
            path: as the code says it.
            calls: the calls that read or write it.
        """
        suffix = path.rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
        known = self.files.get(patterns.normal(path))
        if suffix in PICKLED:
            return bool(known)
        data = suffix == "h5" and any(_DATA.match(call) for call in calls)
        return suffix in _OTHERS and known is not False and not data

    # -- what is saved -------------------------------------------------------------------------------------------
    def _saved(self, call: ResolvedCall) -> Iterator[tuple[ast.expr, ast.expr]]:
        """Find the objects that a call saves, each with the file or path that it goes to."""
        arguments = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
        receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        if call.row.get("kind") == "persist" and arguments:
            if call.row.get("writes_files") == 0 and receiver is not None:
                yield receiver, arguments[0]
            elif len(arguments) > 1:
                yield arguments[0], arguments[1]
        elif call.name.rpartition(".")[2] in ("write", "write_bytes") and receiver is not None and arguments:
            inner = arguments[0]
            if isinstance(inner, ast.Call) and inner.args and self.resolver.call(inner).name in _IN_MEMORY:
                yield inner.args[0], receiver

    def _path(self, file: ast.expr) -> str:
        """The path of a file: written out, in a variable, or of an opened one."""
        if isinstance(file, ast.Name):
            return self._paths.get(file.id, "")
        if isinstance(file, ast.Call):
            call = self.resolver.call(file)
            if file.args and (call.row.get("opens") is not None or call.name == "open"):
                opened = file.func.value if call.row.get("opens") == "receiver" else file.args[0]  # type: ignore[attr-defined]
                return self._path(opened)
            if isinstance(file.func, ast.Attribute) and file.func.attr == "open":
                return self._path(file.func.value)
        value: Any = known_path(file, self.resolver)
        return value if isinstance(value, str) else ""

    # -- what is a model -----------------------------------------------------------------------------------------
    def _bound(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            if path := self._path(value):
                self._paths[target.id] = path
            if self._holds(value):
                self._models.add(target.id)
            else:
                self._models.discard(target.id)
        elif isinstance(target, ast.Subscript | ast.Attribute) and self._holds(value):
            self._models.update(part.id for part in walk(target.value) if isinstance(part, ast.Name))
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            for one, other in zip(target.elts, value.elts, strict=False):
                self._bound(one, other)

    def _looped(self, loop: ast.For) -> None:
        if self._holds(loop.iter):
            self._models.update(part.id for part in walk(loop.target) if isinstance(part, ast.Name))

    def _changed(self, call: ast.Call) -> None:
        """`model.fit(...)` and `models.append(model)` say what their variable is."""
        function = call.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            grows = function.attr in ("append", "add", "update", "setdefault") and any(map(self._holds, call.args))
            if grows or function.attr in ("fit", "fit_transform", "partial_fit", "load_state_dict"):
                self._models.add(function.value.id)

    def _holds(self, node: ast.expr) -> bool:
        """Is an expression known to be or to hold a model?"""
        if isinstance(node, ast.Name):
            return node.id in self._models or self.learned.is_fitted(node.id) or self._is_model_type(node)
        if isinstance(node, ast.Dict):
            return any(map(self._holds, node.values))
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return any(map(self._holds, node.elts))
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            return self._holds(node.elt)
        if isinstance(node, ast.DictComp):
            return self._holds(node.value)
        if isinstance(node, ast.Attribute):
            part = _PARTS.fullmatch(node.attr) is not None
            return part and (self._holds(node.value) or node.attr == "best_estimator_")
        if isinstance(node, ast.Subscript | ast.Starred):
            return self._holds(node.value)
        return self._called(node) if isinstance(node, ast.Call) else False

    def _called(self, node: ast.Call) -> bool:
        name = self.resolver.call(node).name
        if name in self._classes or self._is_model_type(node):
            return True
        if name in _CONTAINERS:
            return any(map(self._holds, [*node.args, *(keyword.value for keyword in node.keywords)]))
        function = node.func
        if isinstance(function, ast.Attribute) and _SAME.fullmatch(function.attr):
            made = function.attr == "fit" and isinstance(function.value, ast.Call)
            return made or self._holds(function.value)
        return isinstance(function, ast.Attribute) and function.attr == "state_dict"

    def _is_model_type(self, node: ast.expr) -> bool:
        """Is an expression of a class of estimators?"""
        kind = self.resolver.type_of(node)
        row = (self.resolver.table.dotted(kind) if kind else None) or {}
        return "task" in row or row.get("kind") in ("model", "search")

    def _is_model_class(self, base: ast.expr) -> bool:
        name = self.resolver.dotted(base) or ast.unparse(base)
        return name in self._classes or _MODEL_CLASSES.match(name) is not None
