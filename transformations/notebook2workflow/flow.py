"""How tables flow through fitted transformers into models: which value each name holds, and what that was made of.

An abstract run of the statements. A `Value` is an object between two changes of it; a name that is bound again, or an
object that is changed in place, gives a new one. Straight-line code (blocks of `with` too) and the notebook's own
functions are followed exactly; of what loops and branches bind only what holds whatever way they go.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbmde.notebooks.analysis.calls import CallResolver, ResolvedCall, root_name
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.rewrite import Places
from nbmde.notebooks.analysis.trees import children, walk

from . import evaluation
from .effects import changed_in_place
from .evaluation import Evaluation, Prediction, Shown

FITS = ("fit", "fit_transform", "fit_predict", "partial_fit")
PREDICTS = ("predict", "score", "predict_proba", "decision_function")
LABELS = ("labels_",)  # what a model that groups says of the rows that it was fitted to
RESAMPLES = ("fit_resample", "fit_sample")
SAME_MODEL = ("best_estimator_",)
# Some rows or columns of a table, and nothing else of it changed.
SELECTS = frozenset([
    "copy", "drop", "drop_duplicates", "dropna", "filter", "head", "query", "reset_index", "sample", "select_dtypes",
    "tail",
])  # fmt: skip
INDEXERS = ("iloc", "loc")
CONVERTS = frozenset(["to_numpy", "toarray", "todense"])  # the same values in another container
ARRAYS = ("numpy.array", "numpy.asarray", "numpy.ascontiguousarray")
DEPTH = 4  # of calls of functions that are followed

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Place:
    """A place in the text of a statement, by its number and the offset in characters."""

    unit: int
    offset: int


@dataclass(frozen=True)
class Access:
    """Where a value can be had, and by which expression.

    Attributes:
        surely: the statement there uses it itself; else it has to be known that the name is bound.
        type: qualified name of its type, if it is known.
    """

    place: Place
    expression: str
    surely: bool
    type: str = ""


@dataclass(eq=False)
class Value:
    """An object from one change of it to the next.

    Attributes:
        estimator: qualified name of its class, for an estimator whose class is known.
        nested: classes of estimators that it was made with.
        source: the table that it was made of: by a transformer, or some rows and columns of it.
        through: the fitted transformer that the source went through; None for a selection.
        array: the values of the source as an array.
        elements: of a tuple.
        held: the table that an estimator or data set for training was made with.
        inputs, target: what a model was fitted with, and the name of what it learned to predict.
        before: the same estimator before it was fitted, or the search that found it.
        fitted: number of the statement that fitted it; -1 for none.
        transforms: it was used as a transformer.
        evaluated: number of the last statement that predicts or scores with it.
        saved: the name under which it was saved.
        expression: what stands for it in the notebook's top-level code, where it has no name.
        span: where that expression stands.
        called: the name by which it was fitted.
        wrapped: the estimator that a search is about.
        entered: where a table first enters a transformer or model.
        lost: where the last name of it is bound again, or it is changed.
        changed: it was changed in place later, so that only a copy keeps it.
        mixed: a loop binds its name again out of itself: what it was is not known.
        prediction: what it was predicted by, and from.
        figure: it is what a call that measures gives.
        split: of the rows that a call splits: the call, as a number, and which part.
    """

    estimator: str = ""
    nested: tuple[str, ...] = ()
    source: Value | None = None
    through: Value | None = None
    array: bool = False
    elements: list[Value] | None = None
    held: Value | None = None
    inputs: Value | None = None
    target: str = ""
    before: Value | None = None
    fitted: int = -1
    transforms: bool = False
    evaluated: int = -1
    probability: bool = False
    saved: str = ""
    expression: str = ""
    span: tuple[Place, int] | None = None
    called: str = ""
    wrapped: Value | None = None
    entered: Access | None = None
    lost: Access | None = None
    changed: bool = False
    mixed: bool = False
    prediction: Prediction | None = None
    figure: bool = False
    split: tuple[int, int] | None = None
    function: Function | None = field(default=None, repr=False)


Names = dict[str, Value]


class Flow:
    """Follows values, statement by statement; types must be known up to each.

    Attributes:
        names: what each top-level name holds.
        models: every value that was fitted, in order.
        evaluations: every run of a call that measures, by the statement; then by the call and those around it.
        shown: what code that runs once prints, and what ends its cell.
    """

    def __init__(self, resolver: CallResolver, functions: Mapping[str, Function]) -> None:
        self.resolver = resolver
        self.functions = functions
        self.names: Names = {}
        self.models: list[Value] = []
        self.evaluations: dict[int, dict[tuple[ast.Call, ...], Evaluation]] = {}
        self.shown: list[Shown] = []
        self._figures: dict[ast.expr, Value] = {}  # what expressions give that are quality figures
        self._splits = 0
        self._sites: list[ast.Call] = []  # of functions that are followed
        self._scopes: list[Names] = [self.names]
        self._running: list[Function] = []  # functions whose body is being followed
        self._returned: list[Value] = []
        self._uncertain = 0  # loops, branches and functions around
        self._consumed: set[int] = set()
        self._kept_alive: list[Value] = []  # so that identities are not given twice
        self._place = Place(0, 0)
        self._before: Names = {}  # what names hold there
        self._unit = 0
        self._text = ""
        self._places = Places("")
        self._types: Mapping[str, str] = {}

    def see(self, index: int, unit: Unit, types: Mapping[str, str]) -> None:
        """Takes in the next statement; ``types`` are those of names before it."""
        self._types = types
        self._unit, self._text, self._places = index, unit.text, Places(unit.text)
        self._block(unit.nodes, unit)
        last = unit.nodes[-1] if unit.nodes else None
        if unit.echo and isinstance(last, ast.Expr):
            self._show(last.value, echoed=True)

    # -- statements ----------------------------------------------------------------------------------------------
    def _block(self, nodes: Iterable[ast.stmt], unit: Unit | None = None) -> None:
        for node in nodes:
            if self._uncertain == 0:
                first = unit is not None and node is unit.nodes[0]
                self._place = Place(self._unit, 0 if first else self._places.span(node)[0])
                self._before = dict(self.names)
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                value = self._value(item.context_expr)
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, value)
            self._block(node.body)
        elif isinstance(node, ast.If):
            self._value(node.test)
            self._branches([node.body, node.orelse])
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            self._loop(node)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            self._try(node)
        elif isinstance(node, ast.Match):
            self._value(node.subject)
            self._branches([case.body for case in node.cases])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._rebind(node.name, self._new(function=node))
        elif isinstance(node, ast.ClassDef):
            self._rebind(node.name, self._new())
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):
            self._simple(node)

    def _simple(self, node: ast.stmt) -> None:
        handled: set[str] = set()
        if isinstance(node, ast.Assign):
            value = self._value(node.value)
            for target in node.targets:
                handled |= self._bind(target, value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            handled |= self._bind(node.target, self._value(node.value))
        elif isinstance(node, ast.Return):
            self._returned.append(self._value(node.value) if node.value else self._new())
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._rebind(target.id, None)
        else:
            for part in children(node):
                if isinstance(part, ast.expr):
                    self._value(part)
        for name in changed_in_place([node], self.resolver):
            old = self._look(name)
            if name not in handled and old is not None and old.fitted < 0 and not old.estimator:
                self._supersede(old, self._new())

    def _branches(self, blocks: Sequence[Sequence[ast.stmt]]) -> None:
        """Blocks of which one runs: a name holds afterwards what it holds whichever that is."""
        before = [dict(scope) for scope in self._scopes]
        ends: list[list[Names]] = []
        self._uncertain += 1
        for block in blocks:
            self._restore(before)
            self._block(block)
            ends.append([dict(scope) for scope in self._scopes])
        for number, scope in enumerate(self._scopes):
            scope.clear()
            for name in dict.fromkeys(name for end in ends for name in end[number]):
                scope[name] = self._merged([end[number][name] for end in ends if name in end[number]])
        self._uncertain -= 1

    def _restore(self, before: Sequence[Names]) -> None:
        for scope, known in zip(self._scopes, before, strict=True):
            scope.clear()
            scope.update(known)

    def _merged(self, values: Sequence[Value]) -> Value:
        """Merge the values of a name behind branches: a fitted estimator where another branch leaves it as it was."""
        distinct = list(dict.fromkeys(values))
        if len(distinct) == 1:
            return distinct[0]
        for value in distinct:
            earlier = set(lineage(value))
            if value.fitted >= 0 and all(other is value or other in earlier for other in distinct):
                return value
        return self._new()

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        """The body once, as in the last round; what is bound again out of itself is not known behind it."""
        before = dict(self._scopes[-1])
        consumed, self._consumed = self._consumed, set()
        if isinstance(node, ast.While):
            self._value(node.test)
            self._uncertain += 1
        else:
            self._value(node.iter)
            self._uncertain += 1
            self._bind(node.target, self._new())
        self._block(node.body)
        for name, old in before.items():
            new = self._scopes[-1].get(name)
            if new is not old and id(old) in self._consumed and not _only_fitted(old, new):
                old.mixed = True
                self._scopes[-1][name] = self._new()
        self._block(node.orelse)
        self._uncertain -= 1
        self._consumed |= consumed

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self._uncertain += 1
        self._block(node.body)
        after = dict(self._scopes[-1])
        for handler in node.handlers:
            self._block(handler.body)
        for name, value in list(self._scopes[-1].items()):  # bound by a handler: one or the other
            if name in after and after[name] is not value:
                self._scopes[-1][name] = self._merged([after[name], value])
        self._block(node.orelse)
        self._uncertain -= 1
        self._block(node.finalbody)

    # -- names ---------------------------------------------------------------------------------------------------
    def _new(self, **features: Any) -> Value:
        value = Value(**features)
        self._kept_alive.append(value)
        return value

    def _look(self, name: str) -> Value | None:
        for scope in (self._scopes[-1], self.names):
            if name in scope:
                return scope[name]
        return None

    def _bind(self, target: ast.expr, value: Value) -> set[str]:
        """Binds a target; gives the names whose objects it changes in a known way."""
        if isinstance(target, ast.Name):
            self._rebind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = value.elements if value.elements and len(value.elements) == len(target.elts) else None
            for number, part in enumerate(target.elts):
                part = part.value if isinstance(part, ast.Starred) else part
                self._bind(part, known[number] if known else self._new())
        elif isinstance(target, ast.Subscript):
            return self._replaced(target, value)
        return set()

    def _replaced(self, target: ast.Subscript, value: Value) -> set[str]:
        """``X[columns] = scaler.transform(X[columns])``: the table went through a transformer in place."""
        base = target.value.value if isinstance(target.value, ast.Attribute) else target.value
        columns = target.slice.elts[-1] if isinstance(target.slice, ast.Tuple) else target.slice
        table = self._look(base.id) if isinstance(base, ast.Name) else None
        step = value
        while step.source is not None and step.through is None:
            step = step.source
        if table is None or step.through is None or step.source is None or step.source.source is not table:
            return set()
        if isinstance(columns, ast.Constant) or self._uncertain or "Label" in step.through.estimator:
            return set()
        if isinstance(columns, ast.Name) and self.resolver.types.values.get(columns.id) == "str":
            return set()
        assert isinstance(base, ast.Name)
        self._enter(table)
        self._supersede(table, self._new(source=table, through=step.through))
        return {base.id}

    def _rebind(self, name: str, value: Value | None) -> None:
        old = self._scopes[-1].pop(name, None)
        if value is not None:
            self._scopes[-1][name] = value
        if old is not None and not any(held is old for scope in self._scopes for held in scope.values()):
            old.lost = old.lost or self._access(old)

    def _supersede(self, old: Value, new: Value) -> None:
        """An object is changed: every name of it holds the new value."""
        old.changed, old.lost = True, old.lost or self._access(old)
        for scope in self._scopes:
            for name, value in scope.items():
                if value is old:
                    scope[name] = new

    # -- expressions ---------------------------------------------------------------------------------------------
    def _value(self, node: ast.expr) -> Value:
        """Find the value of an expression, and take in what the expression does with values on the way."""
        value = self._given(node)
        if value.figure:
            self._figures[node] = value
        else:
            self._figures.pop(node, None)
        return value

    def _given(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Name):
            known = self._look(node.id)
            if known is None:
                known = self.names[node.id] = self._new()
            return known
        if isinstance(node, (ast.Tuple, ast.List)):
            return self._new(elements=[self._value(part) for part in node.elts])
        if isinstance(node, ast.NamedExpr):
            value = self._value(node.value)
            self._bind(node.target, value)
            return value
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, (ast.Await, ast.Starred)):
            return self._value(node.value)
        if isinstance(node, (ast.Lambda, ast.GeneratorExp)):
            return self._new()
        repeated = isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.IfExp, ast.BoolOp))
        self._uncertain += repeated
        parts = walk(node) if repeated else children(node)
        values = [self._value(part) for part in parts if isinstance(part, ast.Call if repeated else ast.expr)]
        self._uncertain -= repeated
        return self._new(prediction=evaluation.common(values))

    def _attribute(self, node: ast.Attribute) -> Value:
        if self.resolver.dotted(node) is not None:
            return self._new()
        base = self._value(node.value)
        if node.attr in SAME_MODEL and base.fitted >= 0:
            found = self._new(before=base, inputs=base.inputs, target=base.target, fitted=base.fitted)
            if base.wrapped is not None:
                found.estimator, found.nested = base.wrapped.estimator, base.wrapped.nested
            self.models.append(found)
            return found
        if node.attr in LABELS and base.fitted >= 0:
            return self._new(prediction=self._prediction(base, base.inputs))
        if node.attr == "values":
            return self._converted(base)
        return self._new()

    def _subscript(self, node: ast.Subscript) -> Value:
        indexed = isinstance(node.value, ast.Attribute) and node.value.attr in INDEXERS
        base = self._value(node.value.value if indexed else node.value)  # type: ignore[attr-defined]
        self._value(node.slice) if isinstance(node.slice, ast.expr) else None
        if base.elements is not None and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
            return base.elements[node.slice.value] if node.slice.value < len(base.elements) else self._new()
        if isinstance(node.slice, ast.Tuple) and not indexed and _transformed(base):
            whole = len(node.slice.elts) == 2 and ast.unparse(node.slice.elts[1]) == ":"
            return self._selected(node, base) if whole else self._new()  # columns of an array, by number
        return self._selected(node, base)

    def _selected(self, node: ast.expr, base: Value) -> Value:
        self._consume(base)
        return self._new(source=base, expression=self._source(node))

    def _converted(self, base: Value) -> Value:
        self._consume(base)
        return self._new(source=base, array=True)

    def _source(self, node: ast.expr) -> str:
        """The text of an expression of the top-level code."""
        if self._running or self._uncertain:
            return ""
        start, end = self._places.span(node)
        return self._text[start:end]

    def _call(self, node: ast.Call) -> Value:
        resolved = self.resolver.call(node)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if isinstance(node.func, ast.Attribute) and self.resolver.dotted(node.func) is None:
            receiver = self._value(node.func.value)
            arguments = [self._value(part) for part in node.args]
            keywords = {part.arg: self._value(part.value) for part in node.keywords}
            self._note_saved(node, resolved)
            return self._method(node, method, receiver, arguments, keywords)
        arguments = [self._value(part) for part in node.args]
        keywords = {part.arg: self._value(part.value) for part in node.keywords}
        self._note_saved(node, resolved)
        if resolved.name == "print" and self._uncertain == len(self._running):
            self._show(node)
        return self._function(node, resolved, arguments, keywords)

    def _show(self, node: ast.expr, echoed: bool = False) -> None:
        parts = (part for part in walk(node) if isinstance(part, ast.expr))
        known = {part: self._figures[part] for part in parts if part in self._figures}
        self.shown.append(Shown(node, self._unit, known, echoed))

    def _method(
        self, node: ast.Call, method: str, receiver: Value, arguments: list[Value], keywords: Mapping[str | None, Value]
    ) -> Value:
        table = arguments[0] if arguments else keywords.get("X", keywords.get("x"))
        if method in FITS:
            return self._fit(node, method, receiver, table)
        if method == "transform" and table is not None and self._is_table(node, receiver):
            receiver.transforms = True
            self._enter(table, node)
            return self._new(source=table, through=receiver)
        if method in RESAMPLES and table is not None:
            return self._new(elements=[self._selected(node, table), *(self._new() for _ in arguments[1:])])
        if method in PREDICTS:
            receiver.evaluated = self._unit
            receiver.probability |= method == "predict_proba"
            if receiver.fitted >= 0 or receiver.estimator:
                return self._predicted(node, method, receiver, arguments, keywords, table)
        if method in SELECTS and not any(part.arg == "inplace" for part in node.keywords):
            return self._selected(node, receiver)
        if method in CONVERTS:
            return self._converted(receiver)
        return self._new(prediction=evaluation.common([receiver, *arguments, *keywords.values()]))

    def _is_table(self, node: ast.Call, receiver: Value) -> bool:
        """Is the argument of `transform` a table, and no function as pandas takes?"""
        argument = node.args[0] if node.args else node.keywords[0].value
        return bool(receiver.estimator) or not isinstance(argument, (ast.Constant, ast.Lambda, ast.Attribute, ast.List))

    def _fit(self, node: ast.Call, method: str, receiver: Value, table: Value | None) -> Value:
        given = table is not None
        table = table if table is not None else receiver.held
        if table is not None:
            while table.held is not None:  # a data set for training
                table = table.held
            self._enter(table, node)
        target = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg == "y"), None)
        fitted = self._new(
            estimator=receiver.estimator,
            nested=receiver.nested,
            inputs=table,
            target=target.id if isinstance(target, ast.Name) else "",
            before=receiver,
            wrapped=receiver.wrapped,
            fitted=self._unit,
            called=root_name(node.func) or "",
            transforms=receiver.transforms or method == "fit_transform",
            span=receiver.span,
            expression=receiver.expression,
        )
        fitted.saved = receiver.saved
        if given:  # else the data is the constructor's, the result is the model and the estimator stays as it is
            self._supersede(receiver, fitted)
        self.models.append(fitted)
        if method == "fit_transform" and table is not None:
            return self._new(source=table, through=fitted)
        if method == "fit_predict":
            return self._new(prediction=self._prediction(fitted, table))
        if method not in ("fit", "partial_fit") or self._row(receiver).get("task") == "network":  # that gives a history
            return self._new()
        return fitted

    def _row(self, value: Value) -> Mapping[str, Any]:
        """Look up the class of an estimator in the call table; empty if it says nothing."""
        return (self.resolver.table.dotted(value.estimator) or {}) if value.estimator else {}

    def _function(
        self, node: ast.Call, call: ResolvedCall, arguments: list[Value], keywords: Mapping[str | None, Value]
    ) -> Value:
        row = call.row
        if row.get("kind") == "split" and row.get("returns") == "each_arg_twice":
            parts = [self._part_of(value) for value in arguments for _ in range(2)]
            self._splits += 1
            for number, one in enumerate(parts):
                one.split = self._splits, number % 2
            return self._new(elements=parts)
        if row.get("kind") == "metric":
            return self._measured(node, call, arguments, keywords)
        if call.name in ARRAYS and arguments:
            return self._converted(arguments[0])
        if call.name == "pandas.DataFrame":
            table = arguments[0] if arguments else keywords.get("data")
            return self._part_of(table) if table is not None and _transformed(table) else self._new()
        if "fits" in row and row["fits"] < len(arguments):
            returns = row.get("returns", "")
            return self._fit(
                node, "fit", self._new(estimator=returns if isinstance(returns, str) else ""), arguments[row["fits"]]
            )
        if row.get("kind") in ("model", "search") or "holds" in row:
            return self._made(node, call, arguments, keywords)
        function = self._own_function(node.func)
        if function is not None:
            return self._followed(function, node, arguments, keywords)
        return self._new(prediction=evaluation.common([*arguments, *keywords.values()]))

    def _predicted(
        self, node: ast.Call, method: str, receiver: Value, arguments: list[Value],
        keywords: Mapping[str | None, Value], table: Value | None,
    ) -> Value:  # fmt: skip
        """Make the value of a model's prediction, or of its score."""
        found = self._prediction(receiver, table)
        if method != "score":
            return self._new(prediction=found)
        return self._evaluated(node, method, found, [*arguments[1:], *keywords.values()])

    def _measured(
        self, node: ast.Call, call: ResolvedCall, arguments: list[Value], keywords: Mapping[str | None, Value]
    ) -> Value:
        """A quality figure of what was predicted, or of models that are fitted for it again and again."""
        metric = metric_name(call)
        model, table = [*arguments, None, None][:2]
        if call.row.get("wraps"):
            model, table = keywords.get("estimator", model), keywords.get("X", table)
            if model is not None:
                truth = [keywords["y"]] if "y" in keywords else arguments[2:3]
                return self._evaluated(node, metric, self._prediction(model, table), truth, repeated=True)
        given = [*arguments, *keywords.values()]
        truth = [keywords[name] for name in evaluation.TRUTH if name in keywords]
        truth += [value for value in given if evaluation.predicted(value) is None]
        return self._evaluated(node, metric, evaluation.common(given), truth)

    def _prediction(self, model: Value, table: Value | None) -> Prediction:
        known = table
        while known is not None and not self._name(known):
            known = known.source
        return Prediction(model, table, self._name(known) if known is not None else "")

    def _name(self, value: Value) -> str:
        """The name at top level that holds a value."""
        return next((name for name, held in self.names.items() if held is value), "")

    def _evaluated(
        self, node: ast.Call, metric: str, found: Prediction | None, truth: Iterable[Value], repeated: bool = False
    ) -> Value:
        table = found.table if found is not None else None
        target = next((name for value in truth if value is not table and (name := self._name(value))), "")
        result = self._new(figure=True)
        made = Evaluation(metric, node, self._unit, found, target, result, repeated)
        self.evaluations.setdefault(self._unit, {}).setdefault((*self._sites, node), made)
        return result

    def _part_of(self, table: Value) -> Value:
        self._consume(table)
        return self._new(source=table)

    def _made(
        self, node: ast.Call, call: ResolvedCall, arguments: list[Value], keywords: Mapping[str | None, Value]
    ) -> Value:
        """An estimator, or a data set for training."""
        returns = call.row.get("returns", "")
        name = call.name if returns in ("self", "") else returns if isinstance(returns, str) else ""
        nested = tuple(
            inner.name for inner in self.resolver.calls(node) if inner.node is not node and "task" in inner.row
        )
        place = call.row.get("holds", -1)
        held = arguments[place] if 0 <= place < len(arguments) else None
        given = [*arguments, *keywords.values()]
        nested += tuple(name for value in given for name in (value.estimator, *value.nested) if name)
        made = self._new(estimator=name if "task" in call.row else "", nested=nested, held=held)
        if call.row.get("kind") == "search":
            made.wrapped = arguments[0] if arguments else keywords.get("estimator")
        if not self._running and not self._uncertain:
            start, end = self._places.span(node)
            made.expression, made.span = call.name.rpartition(".")[2], (Place(self._unit, start), end)
        return made

    def _own_function(self, called: ast.expr) -> Function | None:
        if not isinstance(called, ast.Name):
            return None
        known = self._look(called.id)
        function = known.function if known is not None else self.functions.get(called.id)
        if function is None or function in self._running or len(self._running) >= DEPTH or function.decorator_list:
            return None
        if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in walk(function)):
            return None
        return function

    def _followed(
        self, function: Function, node: ast.Call, arguments: list[Value], keywords: Mapping[str | None, Value]
    ) -> Value:
        """Follow a call into a function of the notebook, and find the value that it gives for these arguments."""
        if any(isinstance(part, ast.Starred) for part in node.args):
            return self._new()
        listed = [*function.args.posonlyargs, *function.args.args]
        scope: Names = {}
        for parameter, value in zip(listed, arguments, strict=False):
            scope[parameter.arg] = value
        for parameter in (*listed, *function.args.kwonlyargs):
            value_ = keywords.get(parameter.arg)
            if parameter.arg not in scope:
                scope[parameter.arg] = value_ if value_ is not None else self._new()
        before, self._returned = self._returned, []
        self._scopes.append(scope)
        self._running.append(function)
        self._sites.append(node)
        self._uncertain += 1
        self._block(function.body)
        self._uncertain -= 1
        self._sites.pop()
        self._running.pop()
        self._scopes.pop()
        returned, self._returned = self._returned, before
        return returned[0] if len(returned) == 1 else self._new()

    # -- what happens to values ----------------------------------------------------------------------------------
    def _enter(self, table: Value, node: ast.Call | None = None) -> None:
        """A table enters a transformer or model."""
        self._consume(table)
        if table.array and table.source is not None:
            self._enter(table.source)
        table.entered = table.entered or self._access(table)

    def _access(self, value: Value) -> Access | None:
        """How the top-level code can get at a value before the statement that it is at."""
        name = next((name for name, held in self._before.items() if held is value), "")
        if name or (value.expression and not self._uncertain and value.source is not None):
            return Access(self._place, name or value.expression, not self._uncertain, self._types.get(name, ""))
        return None

    def _consume(self, table: Value) -> None:
        self._consumed.add(id(table))

    def _note_saved(self, node: ast.Call, call: ResolvedCall) -> None:
        receiver = self._look(call.receiver) if call.receiver else None
        row = call.row
        if receiver is not None and receiver.estimator and isinstance(node.func, ast.Attribute):
            row = self.resolver.table.dotted(f"{receiver.estimator}.{node.func.attr}") or row
        if row.get("kind") != "persist":
            return
        parts = [part for argument in node.args[:2] for part in _saved_parts(argument)]
        for name in filter(None, [*map(root_name, parts), call.receiver]):
            value = self._look(name)
            if value is not None and value.fitted >= 0:
                value.saved = name


def metric_name(call: ResolvedCall) -> str:
    """Return the name of the metric that a call measures."""
    return str(call.row.get("name", call.name.rpartition(".")[2]))


def _saved_parts(argument: ast.expr) -> Iterator[ast.expr]:
    """A saved object, or those in a saved dictionary, list or tuple."""
    if isinstance(argument, ast.Dict):
        yield from argument.values
    elif isinstance(argument, (ast.Tuple, ast.List)):
        yield from argument.elts
    else:
        yield argument


def lineage(value: Value) -> Iterator[Value]:
    """An estimator, and itself before it was fitted."""
    known: Value | None = value
    while known is not None:
        yield known
        known = known.before


def _only_fitted(old: Value, new: Value | None) -> bool:
    return new is not None and new.fitted >= 0 and old in lineage(new)


def _transformed(value: Value) -> bool:
    """Did a table go through a transformer?"""
    known: Value | None = value
    while known is not None:
        if known.through is not None:
            return True
        known = known.source
    return False
