"""Finds how each name reaches the code that uses it, and what each statement reads, binds and changes.

Names and steps are what they are: where code means something else as part of a function, it is put over an explicit
namespace, in the step where it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.program import Problem, Program, Sharing, Unit, fresh

from . import effects, index, statements, unbound
from .definitions import by_name, placed
from .effects import UNKNOWN
from .namespaces import Namespace
from .refining import has_run, tell
from .remarks import Remark, at
from .stages import cell_stage, evidence_of, run_stage

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Resource, Statement, Step, Symbol, Workflow

    from .index import Index
    from .refining import Context

MOST_ROUNDS = 12  # in which more statements are found to need the namespace

transformation = m2m.Transformation("notebook2workflow.sharing", refines="workflow", extends=statements.transformation)


@transformation.rule("Workflow", guard=lambda t, workflow: not has_run(t, workflow))
def shared(t: Context, workflow: Workflow) -> None:
    """A workflow whose statements are connected by names, and whose definitions lie beside its steps."""
    known = index.of(t)
    before = dict(zip(map(id, known.units), known.statements, strict=True))
    found: Shared = t.helpers.program(workflow)
    program = found.program
    made = statements.put(t, found.units, before)
    _arrange(t, made, found)
    statements.put_functions(t, known.functions)
    for name, places in sorted(program.bindings.items(), key=lambda item: item[1][0]):
        workflow.symbols.append(t.make("symbol", made[places[0]], key=name, name=name))
    for name in dict.fromkeys(name for unit in found.units for name in unit.resources if name != UNKNOWN):
        workflow.resources.append(t.make("resource", workflow, key=name, name=name))
    for statement in made:
        t.make("connected", statement)
    for symbol in workflow.symbols:
        t.make("reaching", symbol)
    of_unit = {id(unit): statement for unit, statement in zip(found.units, made, strict=True)}
    for remark in found.remarks:
        about = [of_unit[id(unit)] for unit in remark.units if id(unit) in of_unit]
        tell(t, about[0] if about else workflow, remark, about[1:])
    index.keep(t, program)


@transformation.rule("Statement", to="Symbol", lazy=True)
def symbol(t: Context, statement: Statement, symbol: Symbol, *, name: str) -> None:
    """A name that the notebook binds, here first."""
    found: Shared = t.helpers.program(t.target)
    kinds = t.target_metamodel.SymbolKind
    symbol.name = name
    symbol.kind = getattr(kinds, statement.kind.name, kinds.variable)
    sharing = found.program.sharing.get(name, Sharing())
    symbol.sharing, symbol.reason = getattr(t.target_metamodel.Sharing, sharing.how), sharing.reason or None
    symbol.type = found.types.get(name) or None
    provenance = t.target_metamodel.Provenance
    symbol.provenance = provenance.inferred if symbol.type else provenance.unknown
    symbol.definition = statement if len(found.program.bindings[name]) == 1 else None


@transformation.rule("Symbol", lazy=True)
def reaching(t: Context, symbol: Symbol) -> None:
    """A name with those that come along with it, as the function that it means needs them."""
    found: Shared = t.helpers.program(t.target)
    symbol.captured.extend(_symbols(t, found.program.captured.get(symbol.name, ())))


@transformation.rule("Workflow", to="Resource", lazy=True)
def resource(t: Context, workflow: Workflow, resource: Resource, *, name: str) -> None:
    """A thing that is not a name but is read and changed like one."""
    resource.name = name


@transformation.rule("Statement", lazy=True)
def connected(t: Context, statement: Statement) -> None:
    """A statement with the names that it reads, binds and changes, and what it touches besides."""
    found: Shared = t.helpers.program(t.target)
    program, unit = found.program, found.units[statement.number]
    facts = unit.facts
    for feature, names in (
        (statement.reads, facts.reads),
        (statement.binds, facts.binds),
        (statement.deletes, facts.deletes),
        (statement.maybeBinds, [name for name in facts.maybe_binds if name not in facts.binds]),
        (statement.captures, dict.fromkeys((*facts.captures, *program.annotated(unit)))),
        (statement.mutates, found.mutated[statement.number]),
    ):
        feature.extend(_symbols(t, names))
    resources = t.helpers.resources(t.target)
    statement.touches.extend([resources[name] for name in dict.fromkeys(unit.resources) if name != UNKNOWN])
    statement.mayDraw = "matplotlib" in unit.resources or UNKNOWN in unit.resources


@transformation.rule("Step", to="Step", lazy=True)
def apart(t: Context, step: Step, rest: Step, *, number: int) -> None:
    """The part of a step that runs over a namespace, or what follows that, as a step of its own."""
    rest.name, rest.stage, rest.title, rest.prose = f"{step.name}_{number}", step.stage, "", ""


@transformation.helper("Workflow", cached=True, name="program")
def _program(t: Context, workflow: Workflow) -> Shared:
    """The statements as parts of functions."""
    return Shared(index.of(t), f"{workflow.notebook.name}.ipynb")


@transformation.helper("Workflow", cached=True)
def resources(t: Context, workflow: Workflow) -> dict[str, Resource]:
    """The resources by name."""
    return {one.name: one for one in workflow.resources}


def _symbols(t: Context, names: Iterable[str]) -> list[Symbol]:
    known: dict[str, Symbol] = t.helpers.symbols(t.target)
    return [known[name] for name in names if name in known]


def _arrange(t: Context, made: Sequence[Statement], found: Shared) -> None:
    """Statements in the steps that they belong to, definitions beside these; steps that have none go."""
    workflow = t.target
    steps = list(workflow.steps)
    of_run: dict[int, Step] = {}
    for run, number in found.runs.items():
        step = steps[number]
        if any(step is one for one in of_run.values()):
            step = t.make("apart", step, key=run, number=run)
            workflow.steps.insert(list(workflow.steps).index(of_run[run - 1]) + 1, step)
        of_run[run] = step
    lying = {
        id(statement): of_run[unit.segment]
        for statement, unit in zip(made, found.units, strict=True)
        if unit.placement == "step"
    }
    statements.arranged(workflow, made, lying)
    for step in _in_parts(found.runs, of_run):
        evidence = [evidence_of(statement) for statement in step.statements]
        step.stage = run_stage(evidence, cell_stage(evidence, None), step.stage)
    for step in steps:
        if not step.statements:
            t.retire(step)


def _in_parts(runs: Mapping[int, int], of_run: Mapping[int, Step]) -> list[Step]:
    """The steps that are parts of what was one step."""
    times = Counter(runs.values())
    return [of_run[run] for run, number in runs.items() if times[number] > 1]


class Shared:
    """The statements of a workflow as parts of functions.

    Attributes:
        program, units: with all that is known of names.
        mutated: for each statement, names whose object it changes in place.
        types: of names that have one alone.
        runs: for each run of statements in one function, by its number from 1, the number of its step from 0.
        remarks: what a person should know.
    """

    program: Program
    units: Sequence[Unit]

    def __init__(self, known: Index, file: str) -> None:
        self._known, self._file = known, file
        self.remarks: list[Remark] = []
        self._over_a_namespace(known.units, [unit.segment - 1 for unit in known.units])
        functions = known.functions
        found = unbound.marked(self.program, functions.alias.values(), lambda: functions("undefined"))
        if found:
            self._share(self.units, self._steps)
        self.remarks += found
        for name, sharing in self.program.sharing.items():
            if sharing.how == "state":
                message = f"{name} is kept in the state object: {sharing.reason}"
                bound = tuple(self.program.units[place] for place in self.program.bindings[name])
                self.remarks.append(Remark("name-in-state", message, units=bound))
        for name, reason in self.program.kept.items():
            unit = self.program.units[self.program.bindings[name][0]]
            message = f"{name} stays inside the function of its step, where no other process finds it: {reason}"
            self.remarks.append(at(unit, "definition-inner", message))

    def _share(self, units: Sequence[Unit], steps: Sequence[int]) -> list[Problem]:
        """Decide how names travel between statements; what does not mean the same is given back.

        Args:
            steps: the number of the step of each.
        """
        self.program, problems = placed(self._known, units)
        self.units, self._steps = self.program.units, steps
        self._look()
        self._run(steps)
        self.program.share()
        return [*problems, *self.program.problems()]

    def _look(self) -> None:
        """Find mutations and types, and which values are shown."""
        self.mutated: list[list[str]] = []
        types: dict[str, set[str]] = {}
        resolver = self.program.resolver
        resolver.types.values.clear()
        for unit in self.units:
            self.mutated.append(effects.mutated_names(unit, resolver))
            unit.echo = unit.echo and not effects.shows_nothing(unit, resolver)
            for node in unit.nodes:
                resolver.learn(node)
            for name in unit.facts.all_bound:
                types.setdefault(name, set()).add(resolver.types.values.get(name, ""))
        self.types = {name: next(iter(kinds)) for name, kinds in types.items() if len(kinds) == 1}

    def _run(self, steps: Sequence[int]) -> None:
        """Number the runs of statements in one function: those of one step that are over a namespace, or are not."""
        self.runs: dict[int, int] = {}
        last: tuple[int, bool] | None = None
        for unit, step in zip(self.units, steps, strict=True):
            if unit.placement == "step":
                if (step, unit.apart) != last:
                    last = step, unit.apart
                    self.runs[len(self.runs) + 1] = step
                unit.segment = len(self.runs)

    def _over_a_namespace(self, base: Sequence[Unit], base_steps: Sequence[int]) -> None:
        """Share names, with an explicit namespace for the statements that need one.

        Args:
            base_steps: the number of the step of each statement.

        Raises:
            NbmdeError: for what nothing helps against.
        """
        units, origins = list(base), list(range(len(base)))
        known: dict[int, list[Problem]] = {}
        name = fresh("names", self._known.words)
        functions = self._known.functions
        for _ in range(MOST_ROUNDS):
            places = {id(unit): origins[place] for place, unit in enumerate(units)}
            problems = self._share(units, [base_steps[origin] for origin in origins])
            starred = by_name(base, self.program, problems, places, self._told)
            if starred is not None:
                self._over_a_namespace(starred, _followed(starred, base, base_steps))
                return
            for problem in problems:
                if problem.form == "told":
                    self._told(at(problem.unit, "meaning-differs", problem.message, problem.remedy))
            found = [(places[id(problem.unit)], problem) for problem in problems if problem.form != "told"]
            if not found:
                break
            fresh_ones = [(number, problem) for number, problem in found if problem.form and number not in known]
            if not fresh_ones:
                raise self._refusal(found[0][1])
            for number, problem in fresh_ones:
                known.setdefault(number, []).append(problem)
            used = {functions.alias[one] for one in functions.used}
            numbered = list(Namespace(self._known.made(list(base)), known, name, functions, used).units())
            origins, units = [number for number, _ in numbered], [unit for _, unit in numbered]
        for number in sorted(known):
            problem, unit = known[number][0], base[number]
            message = f"{problem.message}: the statement runs over the names that {name} holds"
            parts = tuple(part for part, origin in zip(units, origins, strict=True) if origin == number)
            self.remarks.append(Remark("names-by-text", message, unit.cell, _line(problem), problem.remedy, parts))

    def _told(self, remark: Remark) -> None:
        """Take note of something to tell of a statement, which may still become others; once."""
        remark = replace(remark, units=())
        if remark not in self.remarks:
            self.remarks.append(remark)

    def _refusal(self, problem: Problem) -> NbmdeError:
        """Make the error that stops the conversion."""
        return NbmdeError(
            problem.message, file=self._file, cell=problem.unit.cell, line=_line(problem), remedy=problem.remedy
        )


def _line(problem: Problem) -> int:
    """Where a problem is in its cell."""
    return problem.unit.line + max(0, problem.line - problem.unit.first_line)


def _followed(units: Sequence[Unit], base: Sequence[Unit], steps: Sequence[int]) -> list[int]:
    """The number of the step of each statement: that of what it follows, if it is new."""
    known = {id(unit): step for unit, step in zip(base, steps, strict=True)}
    found: list[int] = []
    for unit in units:
        found.append(known.get(id(unit), found[-1] if found else 0))
    return found
