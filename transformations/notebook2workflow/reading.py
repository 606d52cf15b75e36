"""Reads a notebook as a program: everything that the rules need to know, found once before they run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine import knowledge
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.calls import CallTable
from nbmde.notebooks.analysis.program import Problem, Program, Unit, is_star_import
from nbmde.notebooks.inject import execution

from . import (
    commands,
    effects,
    heads,
    learning,
    local,
    notebook_location,
    parameters,
    paths,
    prose,
    running,
    secret_removal,
    secrets,
    secrets_in_models,
    settings,
    stars,
    unbound,
)
from .learning import Keep, Learning, Served
from .meaning import Meaning
from .missing_files import absent
from .naming import name_segments
from .paths import FileExpression, Survey
from .platform import Platform, identifiers
from .refusals import refusals
from .remarks import Remark, at
from .saving import Saving
from .segments import Prose, Segment, cut
from .settings import Literal
from .stages import Evidence, classify

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell, CodeCell, Notebook


@dataclass
class Reading:
    """A notebook read as a program."""

    notebook: Notebook
    program: Program
    platform: Platform
    segments: list[Segment]
    interfaces: list[tuple[list[str], list[str]]]
    cells: dict[int, Cell]  # by position
    title: Prose | None
    evidence: list[Evidence | None]
    mutated: list[list[str]]
    types: dict[str, str]
    settings: dict[int, list[Literal]]
    files: dict[int, list[FileExpression]]
    paths: Survey
    above: int
    top_names: list[str]
    learning: Learning
    saved: Saving
    hidden: secret_removal.Hidden
    served: Served | None
    unserved: dict[str, str]  # the reason for each model, by name; by an empty name for the whole where none is served
    remarks: list[Remark] = field(default_factory=list)


@dataclass
class Told:
    """What the cells of a notebook say, without its secrets.

    Attributes:
        code: the cells that are run.
        identifiers: every name that they use.
        above: the prose above cells, by its position.
    """

    code: list[CodeCell]
    identifiers: set[str]
    platform: Platform
    units: list[Unit]
    title: Prose | None
    above: dict[int, Prose]
    hidden: secret_removal.Hidden


def tell(notebook: Notebook, extensions: tuple[Path, ...] = ()) -> Told:
    """The statements and the prose of a notebook, before anything else is asked of them.

    Raises:
        NbmdeError: for what is no Python and stands for none, at its cell and line.
    """
    magics = knowledge.table("magics", extensions)
    code = execution.code_cells(notebook)
    sources = [cell.source or "" for cell in code]
    runnable = running.sources(notebook.assets) if any(re.search(r"\brun\b", text) for text in sources) else {}
    shared = (source for path, source in runnable.items() if path.endswith(".ipynb"))
    words = identifiers([*sources, *(source.decode("utf-8", "replace").replace("\\n", " ") for source in shared)])
    harmless = magics.get("harmless_extensions", {})
    functions = knowledge.table("runtime", extensions)["functions"]
    inside = local.modules_of_cells(notebook, {cell.position: cell.source or "" for cell in code})
    _check_modules(notebook, inside, knowledge.table("secrets", extensions))
    platform = Platform(
        magics.get("magics", magics), functions, words, f"{notebook.name}.ipynb", harmless, runnable, inside
    )
    platform.use_front_ends(knowledge.table("frontends", extensions), code[-1].position if code else 0)
    units: list[Unit] = []
    for cell in code:
        units += platform.units(cell.source or "", cell.position, cell.tags)
    platform.provide(units)
    units = heads.split(units, platform.alias["set_environment"])
    title, above, _ = prose.above_cells(notebook.cells)
    texts = {0: [title] if title else [], **{position: [text] for position, text in above.items()}}
    hidden = secret_removal.hide(units, texts, knowledge.table("secrets", extensions), words, platform.file)
    hidden.secrets.extend(_of_front_end(platform, units))
    _use_environment(platform, hidden)
    detection = secrets.Detection(knowledge.table("secrets", extensions))
    secrets_in_models.take_note(notebook, hidden, detection)
    platform.remarks[:] = secrets_in_models.shown(platform.remarks, hidden, detection)
    return Told(code, words, platform, units, title, above, hidden)


def _use_environment(platform: Platform, hidden: secret_removal.Hidden) -> None:
    """Has the module imported by which the code reads its secrets."""
    if hidden.module:
        platform.alias["os"], platform.used["os"] = hidden.module, None


def _check_modules(notebook: Notebook, inside: Mapping[int, str], table: Mapping[str, Any]) -> None:
    """Refuse a secret in a cell that becomes a module of the project, whose text stays as it is."""
    written = [asset for asset in notebook.assets if any(cell.position in inside for cell in asset.writers)]
    for path, line in secret_removal.modules_with_secrets(written, table).items():
        writers = next(asset.writers for asset in written if asset.path == path)
        cell = next(cell.position for cell in writers if cell.position in inside)
        reason = f"a secret in {path}, which becomes a module of the project"
        remedy = "let it read os.environ"
        raise NbmdeError(reason, file=f"{notebook.name}.ipynb", cell=cell, line=line + 1, remedy=remedy)


def read(notebook: Notebook, extensions: tuple[Path, ...] = (), serve: str = "") -> Reading:
    """Everything about a notebook.

    Args:
        serve: the variable of the model to serve; chosen if empty.

    Raises:
        NbmdeError: for what cannot be converted, at its cell and line.
    """
    api = knowledge.table("api", extensions)
    magics = knowledge.table("magics", extensions)
    cells = {cell.position: cell for cell in notebook.cells}
    told = tell(notebook, extensions)
    code, units, platform, words = told.code, told.units, told.platform, told.identifiers
    title, above, hidden = told.title, told.above, told.hidden
    modules = local.modules_beside(notebook)
    starred = stars.known(notebook, units, modules)
    stars.name_all(units, starred)
    given = parameters.settle(units, code)
    distributions = knowledge.table("distributions", extensions)
    layout = knowledge.table("layout", extensions)
    importable = heads.known(notebook, modules, api, distributions)
    units = heads.searching(units, importable)
    texts_above = (above, api.get("stage_words", {}))

    def make(units: Sequence[Unit]) -> Program:
        swallowers = [platform.alias["may_fail"]] if "may_fail" in platform.used else []
        return Program(
            units,
            CallTable(api["calls"]),
            starred,
            swallowers,
            frozenset(api.get("constants", {}).get("calls", ())),
            frozenset(api.get("constants", {}).get("classes", ())),
            frozenset(api.get("decorators", {}).get("transparent", ())),
        )

    def analysed(units: Sequence[Unit]) -> _Analysis:
        for unit in units:  # some were analysed before, beside other ones
            unit.placement = "step"
        program = make(units)
        problems = list(refusals(program))
        runtime = {platform.alias[name]: row["touches"] for name, row in platform.functions.items() if "touches" in row}
        mutated, evidence, types = _walk(program, runtime, api["drawing"])
        heads.settle(program, importable)
        program.place()
        problems += _stars_in_functions(program)
        segments = cut(program.units, evidence, *texts_above)
        program.share()
        problems += program.problems()
        return _Analysis(program, mutated, evidence, types, segments, problems)

    meaning = Meaning(platform, make)
    there = {id(unit) for unit in units}
    units = meaning.decided(units, {cell.position: cell.source or "" for cell in code})
    hidden.also(unit for unit in units if id(unit) not in there)
    _use_environment(platform, hidden)
    known = meaning.over_a_namespace(units, analysed)
    unbound_names = unbound.marked(known.program, platform.alias.values(), lambda: platform.runtime("undefined"))
    if unbound_names:
        known = analysed(known.program.units)
    program, mutated, evidence, types, segments = (
        known.program,
        known.mutated,
        known.evidence,
        known.types,
        known.segments,
    )
    hidden.follow(program.units)
    name_segments(segments, program.resolver, words | set(program.bindings), layout)

    running_names = {platform.alias[name] for name in platform.used if platform.functions.get(name, {}).get("runs")}
    ran = [(unit, text) for unit in program.units for text in commands.texts(unit, program.resolver, running_names)]
    commanded = commands.named((text for _, text in ran), notebook.assets)
    lying = [asset for asset in notebook.assets if not asset.made]
    machines = knowledge.table("places", extensions)["machines"]["working"]
    survey = paths.survey(lying, program.units, program.resolver, commanded, machines, running_names)
    learned, files, found, saved = _learn(program, api, given, survey)
    surely = _bound_at_the_end(program)
    learned.end(surely, words)
    served = learned.served(serve, surely, words | set(program.bindings))
    if serve and served is None:
        _refuse_to_serve(serve, learned, program, surely, platform.file)
    unserved = {name: learned.why_not(name, surely) for name in learned.fitted}
    unserved |= {"": learned.unserved(surely)} if served is None else {}
    needed = served.names if served else []
    _read_what_is_kept(program, served.keeps if served else ())
    interfaces = program.interfaces(keep=needed)
    _return_mutated(program, segments, interfaces, mutated, needed)
    _return_kept(program, segments, interfaces, served.keeps if served else ())
    remarks = meaning.remarks + unbound_names + _hidden_state(code)
    remarks += [
        Remark("cell-skipped", f"the cell is not run: its tag is {execution.SKIPPED}", cell.position)
        for cell in execution.skipped_cells(notebook)
    ]
    remarks += _about_service(program, served, unserved, evidence)
    defined = paths.defined(program.units)
    for index, unit in enumerate(program.units):
        for path in paths.outside(unit, program.resolver, files[index], defined):
            message = f"{path} is a place of one machine, and stays as it is in the project"
            remarks.append(at(unit, "path-outside", message, "name a place in the project, as data/raw or outputs"))
    for unit, call in paths.asked_for(survey, program.units, files):
        message = f"{call} gives the places of files in the project; texts that show them differ"
        remarks.append(at(unit, "file-places-shown", message))
    for index in dict.fromkeys(survey.looks_around()):
        unit = program.units[index]
        message = "the code asks what is in its folder, and the project's does not hold all that the notebook's does"
        remarks.append(at(unit, "folder-listed", message))
    for unit, path in absent(program.units, program.resolver, survey, notebook):
        message = f"the file {path} does not come along: it is not there"
        remarks.append(at(unit, "file-missing", message, "put it into the project, where the code looks for it"))
    for unit, text in notebook_location.shown(program.units):
        message = f"`{text}` shows where the notebook lies; the project lies elsewhere"
        remarks.append(at(unit, "place-shown", message))
    for unit in notebook_location.asks_git(program.units):
        message = "git is asked for the top of the repository, and a project is none by itself"
        remedy = "run git init in the project, and put there what is read from the repository's top"
        remarks.append(at(unit, "repository-asked", message, remedy))
    for unit, text in commands.listing(ran, magics.get("listing_commands", {})):
        message = f"`{text}` tells of the project's folder, which holds other files than the notebook's"
        remarks.append(at(unit, "folder-listed", message))
    return Reading(
        notebook,
        program,
        platform,
        segments,
        interfaces,
        cells,
        title,
        evidence,
        mutated,
        types,
        found,
        files,
        survey,
        paths.above(notebook, program.units, files),
        paths.top_names(survey, program.units),
        learned,
        saved,
        hidden,
        served,
        unserved,
        remarks,
    )


@dataclass
class _Analysis:
    """A program whose names have their ways, with what is known of each statement and what does not mean the same."""

    program: Program
    mutated: list[list[str]]
    evidence: list[Evidence | None]
    types: dict[str, str]
    segments: list[Segment]
    problems: list[Problem]


def _walk(
    program: Program, runtime: Mapping[str, list[str]], drawing: Mapping[str, list[str]]
) -> tuple[list[list[str]], list[Evidence | None], dict[str, str]]:
    """Mutations, evidence and resources of each statement, with types as they are known there; types of names."""
    resolver = program.resolver
    resolver.types.values.clear()
    functions = dict(runtime)
    mutated: list[list[str]] = []
    evidence: list[Evidence | None] = []
    types: dict[str, set[str]] = {}
    for unit in program.units:
        evidence.append(classify(unit, resolver))
        mutated.append(effects.mutated_names(unit, resolver))
        unit.resources = effects.touched(unit, resolver, functions, drawing)
        unit.draws = effects.draws(unit, resolver, functions, drawing)
        unit.changes = effects.changed(unit, resolver, functions)
        unit.echo = unit.echo and not effects.shows_nothing(unit, resolver)
        if isinstance(unit.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            functions[unit.node.name] = unit.resources
        for node in unit.nodes:
            resolver.learn(node)
        for name in unit.facts.all_bound:
            types.setdefault(name, set()).add(resolver.types.values.get(name, ""))
    return mutated, evidence, {name: next(iter(kinds)) for name, kinds in types.items() if len(kinds) == 1}


def _learn(
    program: Program, api: Mapping[str, Any], given: parameters.Parameters, survey: Survey
) -> tuple[learning.Learning, dict[int, list[FileExpression]], dict[int, list[settings.Literal]], Saving]:
    """What is learned, and the files and settings of each statement, with types as they are known there."""
    resolver = program.resolver
    resolver.types.values.clear()
    functions = {
        name: node
        for name, node in program.definitions.items()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and len(program.bindings[name]) == 1
    }
    learned = learning.Learning(resolver, functions)
    saved = Saving(resolver, learned)
    files: dict[int, list[FileExpression]] = {}
    found: dict[int, list[settings.Literal]] = {}
    defined = paths.defined(program.units)
    for index, unit in enumerate(program.units):
        files[index] = paths.file_expressions(unit, resolver, survey, defined)
        found[index] = settings.literals(unit, resolver, api, files[index], given)
        types = dict(resolver.types.values)
        for node in unit.nodes:
            resolver.learn(node)
        if unit.placement == "step":
            learned.see(index, unit, types)
        saved.see(unit)
    return learned, files, found, saved


def _bound_at_the_end(program: Program) -> set[str]:
    """Variables that are passed from step to step and surely bound behind the last one."""
    surely: set[str] = set()
    for unit in program.units:
        if unit.placement == "step":
            surely.update(unit.facts.binds)
            surely.difference_update(name for name in unit.facts.deletes if name not in unit.facts.binds)
    return {name for name in surely if not program.is_state(name) and not program.is_module(name)}


def _return_mutated(
    program: Program,
    segments: Iterable[Segment],
    interfaces: list[tuple[list[str], list[str]]],
    mutated: list[list[str]],
    needed: Iterable[str],
) -> None:
    """Adds to a step's outputs the inputs that it changes in place and that are used later: one sees the flow."""
    position = {id(unit): index for index, unit in enumerate(program.units)}
    live = set(needed)
    for segment, (inputs, outputs) in reversed(list(zip(segments, interfaces, strict=True))):
        changed = dict.fromkeys(name for unit in segment.units for name in mutated[position[id(unit)]])
        outputs += [name for name in changed if name in live and name in inputs and name not in outputs]
        live.difference_update(name for name in outputs if name not in inputs)
        live.update(inputs)


def _read_what_is_kept(program: Program, keeps: Iterable[Keep]) -> None:
    """A statement at which something is kept reads it, if it does not so anyway."""
    for keep in keeps:
        reads = program.units[keep.unit].facts.reads
        for part in ast.walk(ast.parse(keep.expression)):
            if isinstance(part, ast.Name) and part.id in program.bindings:
                reads.setdefault(part.id)


def _return_kept(
    program: Program, segments: Sequence[Segment], interfaces: list[tuple[list[str], list[str]]], keeps: Iterable[Keep]
) -> None:
    """Adds to a step's outputs what is kept in it for the service."""
    for keep in keeps:
        unit = program.units[keep.unit]
        number = next(n for n, segment in enumerate(segments) if any(other is unit for other in segment.units))
        interfaces[number][1].append(keep.name)


def _about_service(
    program: Program, served: Served | None, unserved: Mapping[str, str], evidence: Iterable[Evidence | None]
) -> list[Remark]:
    """Why nothing is served where something is trained, and what of the way to the served model is not to be had."""
    if served is None:
        trained = any(item is not None and item.stage == "train" for item in evidence)
        return [Remark("no-service", f"there is no service: {unserved['']}")] if trained or len(unserved) > 1 else []
    if served.lost:
        unit = program.units[served.model.unit]
        message = f"the service takes what comes out of {served.lost}, which is not there at the end of the notebook"
        return [at(unit, "inputs-transformed", message, f"let a variable of its own hold {served.lost}")]
    return []


def _refuse_to_serve(name: str, learned: Learning, program: Program, bound: set[str], file: str) -> None:
    """Says why the model that a user wants cannot be served, and which ones can."""
    others = [other for other in learned.fitted if not learned.why_not(other, bound)]
    fitted = learned.fitted.get(name)
    raise NbmdeError(
        f"the model in {name!r} cannot be served: {learned.why_not(name, bound)}",
        file=file,
        cell=program.units[fitted.unit].cell if fitted else None,
        remedy=f"models that can be served: {', '.join(others) or 'none'}",
    )


def _stars_in_functions(program: Program) -> Iterator[Problem]:
    """Star imports that cannot stand at the top of a module, as the place where they are matters."""
    for unit in program.units:
        parts = [part for node in unit.nodes for part in ast.walk(node) if isinstance(part, ast.stmt)]
        if unit.placement == "step" and any(map(is_star_import, parts)):
            message = f"`{unit.text}` cannot move to the top of a module"
            yield Problem(unit, message, "import by name what you need", form="star")


def _of_front_end(platform: Platform, units: Sequence[Unit]) -> Iterator[secret_removal.Secret]:
    """The secrets that the notebook asks its front end for; their values are not known."""
    for name, place in platform.secrets.items():
        reading = [unit for unit in units if f'{platform.alias["environ"]}["{name}"]' in unit.text]
        below = [unit for unit in units if (unit.cell, unit.line) >= place]  # in which some library reads it
        yield secret_removal.Secret(name, "secret", "", [place], reading or below[:1])


def _hidden_state(code: Iterable[CodeCell]) -> list[Remark]:
    """Execution counts that a run from top to bottom does not leave."""
    counts = [(cell.position, cell.executionCount) for cell in code if cell.executionCount]
    for (_, before), (position, count) in pairwise(counts):
        if count <= before:
            message = f"cell {position} ran before the cell above it: the recorded outputs may come from hidden state"
            remedy = "run the notebook from top to bottom and look whether it still says the same"
            return [Remark("hidden-state", message, position, remedy=remedy)]
    return []
