"""Where in a generated project each cell of the notebook went, as its models and its trace of regions say."""

from __future__ import annotations

import io
import posixpath
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from nbmde.engine import knowledge, m2t
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Registry
from nbmde.notebooks import generated
from nbmde.notebooks.elements import is_code_cell, is_definition, is_fragment, is_function, is_pipeline
from nbmde.notebooks.inject import patterns
from nbmde.notebooks.inject.patterns import HERE

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Definition, Project
    from nbmde.metamodels.workflow import DataSet, Statement, Symbol, Workflow

OWN_KINDS = ("steps", "helpers", "local")  # of modules that hold code of the notebook or from beside it


@dataclass(frozen=True)
class Place:
    """Lines of a function that stand for a statement of the notebook.

    Attributes:
        number: of the statement, from 1, in the order of the notebook; several places can stand for one statement.
        cell: position in the document, from 1.
        file: below the project's folder, with forward slashes.
        first, last: lines as the file is now; zeros where they are gone.
        names: variables that the statement binds or changes.
    """

    number: int
    cell: int
    function: str
    file: str
    first: int
    last: int
    names: frozenset[str]


@dataclass
class Places:
    """A project's functions and where the statements of the notebook stand in them.

    Attributes:
        project: the root of the Project model; `workflow`: what it computes.
        driver: the file that calls the functions.
        calls: (file, function) in the order in which the driver calls them; those that settings can switch off too.
        places: in the order of the notebook.
        variables: by cell, those that can be seen where its statements stand; in the order of the alphabet.
        constants: by cell, the file and line at which variables that it binds stand at module level; attributes: what
            their modules call them.
        bound: by cell, those that it surely binds.
        cells: that have statements of any kind, also where these define only what stands at module level.
        modules: that hold the notebook's code.
        files: that may be written, by the name that the notebook gives them: where they lie in the project, and the
            numbers of the statements that name them.
        edited: files that are not as they were generated.
        called: by where a file or folder lies in the project, what the notebook calls it from its folder; longer paths
            before shorter ones.
        machines: folders of other machines that stand for the notebook's own.
        came_along: files that the notebook had around it: from where they lie in the project to where they lay.
        taken_along: these, by the path from the notebook's folder.
        folder: the notebook's, as it is before any run.
        called_so: what the project calls variables, functions and classes that the notebook calls otherwise, with what
            it calls them; by_function: the same for what functions call their variables, by their names.
        symbols: names of all variables; `taken`: by function, those that it takes as further arguments.
        omitted: by cell, expressions that the project does not have, and why.
        runtime: files that hold nothing of the notebook's own code.
        programs: those of them that pass on what other programs write.
        compared: what objects of the runtime's classes stand for, by their dotted names.
        rereads: the code reads files that it writes, so that a second run may find what the first has left.
    """

    project: Project
    workflow: Workflow
    driver: str
    calls: list[tuple[str, str]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    variables: dict[int, list[str]] = field(default_factory=dict)
    constants: dict[int, dict[str, tuple[str, int]]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    called_so: dict[str, str] = field(default_factory=dict)
    by_function: dict[str, dict[str, str]] = field(default_factory=dict)
    bound: dict[int, set[str]] = field(default_factory=dict)
    cells: set[int] = field(default_factory=set)
    edited: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    files: dict[str, tuple[str, set[int]]] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    machines: list[str] = field(default_factory=list)
    came_along: dict[str, str] = field(default_factory=dict)
    taken_along: set[str] = field(default_factory=set)
    folder: Path | None = None
    symbols: list[str] = field(default_factory=list)
    taken: dict[str, list[str]] = field(default_factory=dict)
    omitted: dict[int, dict[str, str]] = field(default_factory=dict)
    runtime: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    compared: dict[str, str] = field(default_factory=dict)
    rereads: bool = False

    def lies_there_only(self, name: str) -> bool:
        """Whether a file lies around the notebook, by its path from there, and did not come along."""
        return self.folder is not None and name not in self.taken_along and (self.folder / name).is_file()

    def modules_of(self, cell: int) -> dict[str, tuple[str, str]]:
        """In which module each of the variables stands that a cell binds at module level, and what that calls it."""
        found = self.constants.get(cell, {}).items()
        return {name: (_module(file), self.attributes.get(name, name)) for name, (file, _) in found}

    @property
    def package(self) -> str:
        """The Python package."""
        return self.project.package

    @property
    def working(self) -> str:
        """The folder in which the project's code runs, from the project's."""
        return self.project.workingFolder or "."

    @property
    def depth(self) -> int:
        """How many folders above its working folder the project has."""
        return len(PurePosixPath(self.working).parts)

    @property
    def state(self) -> str:
        """The functions' name for the object whose attributes are variables; empty where there is none."""
        return self.project.pipeline.stateName if self.project.state is not None else ""

    def of_cell(self, cell: int) -> list[Place]:
        """The places of a cell, in the order of the notebook."""
        return [place for place in self.places if place.cell == cell]

    def by_file(self) -> dict[str, list[list[int]]]:
        """First line, last line, number and cell of each place that still exists, by file."""
        found: dict[str, list[list[int]]] = {}
        for place in self.places:
            if place.first:
                found.setdefault(place.file, []).append([place.first, place.last, place.number, place.cell])
        return found


def find(folder: Path, registry: Registry) -> Places:
    """Where everything went in a generated project.

    Raises:
        NbmdeError: it is none, or its models cannot be read.
    """
    found = generated.read(folder, registry)
    project, workflow = found.project, found.workflow
    traces = [trace for trace in found.traces if len(trace.regions)]
    if not traces:
        raise NbmdeError("its trace says nothing about its files", file=str(folder), remedy="generate it again")
    regions, edited = m2t.current_regions(folder, project, traces, registry, ".py")
    result = Places(project, workflow, "", edited=edited)
    numbers = {statement: n for n, statement in enumerate((s for step in workflow.steps for s in step.statements), 1)}
    files: dict[EObject, str] = {}
    modules: dict[str, None] = {}
    for region, first, last in regions:
        if region.templateLine:  # not all the lines of an element
            continue
        element = region.element
        if element is None:
            continue
        if is_pipeline(element) and region.file.startswith("src/"):
            result.driver = region.file
        if is_definition(element):
            modules.setdefault(_module(region.file))
            if (statement := element.statement) is not None:
                constants = result.constants.setdefault(statement.cellNumber, {})
                constants.update((name, (region.file, first)) for name in _constants(statement))
                _see_names(result, element, statement)
        if is_fragment(element):
            modules.setdefault(_module(region.file))
            function = element.eContainer()
            if is_function(function) and (statement := element.statement) is not None and statement in numbers:
                files[function] = region.file
                names = frozenset(_names(statement.binds, statement.maybeBinds, statement.mutates))
                number, cell = numbers[statement], statement.cellNumber
                result.places.append(Place(number, cell, function.name, region.file, first, last, names))
    result.modules = list(modules)
    result.places.sort(key=lambda place: (place.number, place.first))
    result.calls = [(files[c.function], c.function.name) for c in project.pipeline.calls if c.function in files]
    _variables(result, workflow)
    variables = [symbol for symbol in workflow.symbols if symbol.sharing.name != "module"]
    result.symbols = sorted({name for symbol in variables for name in (symbol.name, symbol.found or symbol.name)})
    _see_symbols(result, workflow, files)
    for symbol in workflow.symbols:
        if len(symbol.captured):
            name = symbol.definition.named or symbol.name if symbol.definition is not None else symbol.name
            result.taken.setdefault(name, []).extend(other.name for other in symbol.captured)
    for finding in workflow.findings:
        if finding.omits:
            result.omitted.setdefault(finding.cellNumber, {})[finding.omits] = finding.message
    result.runtime = list(_runtime(project))
    _of_runtime(result, project, knowledge.table("runtime", registry.extensions))
    result.rereads = _rereads(workflow)
    lying = {place.original: place.path for place in project.places}
    result.came_along = {
        file.path: place
        for file in project.dataFiles
        if file.asset is not None and not file.written and (place := _lay(file.asset.path, result.working))
    }
    result.taken_along = {posixpath.normpath(file.asset.path) for file in project.dataFiles if file.asset is not None}
    result.machines = [data.path for data in workflow.datasets if data.meant == HERE]
    called = {
        posixpath.normpath(lying[data.path]): _from_folder(data)
        for data in reversed(workflow.datasets)
        if data.path in lying and data.path not in result.machines
    }
    result.called = {place: called[place] for place in sorted(called, key=len, reverse=True) if place != result.working}
    for data in workflow.datasets:
        if data.direction.name != "input" and data.path in lying and data.path not in result.machines:
            result.files[data.path] = (lying[data.path], {numbers[s] for s in data.statements if s in numbers})
    return result


def _from_folder(data: DataSet) -> str:
    """The path of a file from the notebook's folder; an absolute one if it lies elsewhere."""
    if data.asset is not None and not data.asset.omitted:
        return data.asset.path
    return data.meant or patterns.normal(data.path)


def _module(file: str) -> str:
    """The name of the module in a file of the project."""
    return file.removeprefix("src/").removesuffix(".py").replace("/", ".")


def _rereads(workflow: Workflow) -> bool:
    """Whether the code reads a file that it writes, adds to one, or lists a folder that it writes to."""
    written = [posixpath.normpath(data.path) for data in workflow.datasets if data.direction.name != "input"]
    listed = [re.split(r"[*?[]", posixpath.normpath(data.path))[0] for data in workflow.datasets if data.listed]
    return any(data.direction.name == "both" or data.rereads for data in workflow.datasets) or any(
        path.startswith("" if start == "." else start) for start in listed for path in written
    )


def _lay(path: str, working: str) -> str:
    """Where a file lay, as both runs spell it; empty for one further up than the project has folders."""
    place = posixpath.normpath(posixpath.join(working, path))
    if place.startswith(".."):
        return ""
    return f"<root>/{place}" if path.startswith("..") else f"<folder>/{path}"


def _runtime(project: Project) -> Iterator[str]:
    """Files of the package that hold nothing of the notebook's own code, and the scripts."""
    for package in project.packages:
        folder = "/".join(["src", project.package, *filter(None, (package.name or "").split("."))])
        yield from (f"{folder}/{module.name}.py" for module in package.modules if module.kind.name not in OWN_KINDS)
    yield "scripts/train.py"


def _of_runtime(result: Places, project: Project, table: Mapping[str, Any]) -> None:
    """Fills in what is known of the runtime, whose modules are where the model has them."""
    names = {
        module.name: ".".join(filter(None, (project.package, package.name, module.name)))
        for package in project.packages
        for module in package.modules
        if module.kind.name == "support"
    }
    modules, compared = table["modules"].items(), table["compared"].items()
    result.programs = [
        f"src/{names[name].replace('.', '/')}.py" for name, row in modules if row.get("programs") and name in names
    ]
    result.compared = {f"{names[row['module']]}.{name}": row["as"] for name, row in compared if row["module"] in names}


def _variables(result: Places, workflow: Workflow) -> None:
    """Fills in which variables can be seen at the end of each cell."""
    seen: dict[int, set[str]] = {}
    for step in workflow.steps:
        known = set(_names(step.inputs))
        for statement in step.statements:
            known |= set(_names(statement.binds, statement.maybeBinds, statement.mutates, statement.reads))
            seen.setdefault(statement.cellNumber, set()).update(known)
            result.bound.setdefault(statement.cellNumber, set()).update(_names(statement.binds))
            result.bound[statement.cellNumber].difference_update(_names(statement.deletes))
    words = {word for cell in workflow.notebook.cells if is_code_cell(cell) for word in _words(cell.source or "")}
    for cell, names in result.constants.items():
        seen.setdefault(cell, set()).update(names)
    result.variables = {cell: sorted(names & words) for cell, names in seen.items()}
    result.bound = {cell: names & words for cell, names in result.bound.items()}
    result.cells = {*seen, *(statement.cellNumber for statement in workflow.definitions)}


def _words(code: str) -> list[str]:
    """Words of a cell that may name a variable of the notebook: all but those of comments."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):  # magics
        return re.findall(r"\w+", code)
    return [word for token in tokens if token.type != tokenize.COMMENT for word in re.findall(r"\w+", token.string)]


def _constants(statement: Statement) -> Iterator[str]:
    """Names of variables, not functions and classes, that a statement at module level binds."""
    return (_found(s) for s in statement.binds if s.kind.name == "variable" and _found(s).strip("_"))


def _names(*features: Iterable[Symbol]) -> Iterator[str]:
    """Names of symbols that hold values of their own, unlike what stands at module level."""
    return (_found(s) for symbols in features for s in symbols if s.sharing.name != "module" and _found(s).strip("_"))


def _found(symbol: Symbol) -> str:
    """Return the notebook's name for a symbol."""
    return symbol.found or symbol.name


def _see_names(result: Places, definition: Definition, statement: Statement) -> None:
    """Fills in what a definition is called in its module, where the notebook calls it otherwise."""
    if len(statement.binds) != 1:
        result.attributes.update({_found(s): s.name for s in statement.binds})
        return
    (symbol,) = statement.binds
    result.attributes[_found(symbol)] = definition.name
    if not statement.named and definition.name != _found(symbol):
        result.called_so[definition.name] = _found(symbol)


def _see_symbols(result: Places, workflow: Workflow, functions: Iterable[EObject]) -> None:
    """Fills in what the project calls variables otherwise than the notebook."""
    result.called_so |= {symbol.name: _found(symbol) for symbol in workflow.symbols if symbol.name != _found(symbol)}
    for function in functions:
        if not is_function(function):
            continue
        named = {one.name: _found(one.symbol) for one in function.results if one.symbol is not None}
        named |= {one.name: _found(one.symbol) for one in function.parameters if one.symbol is not None}
        if others := {local: name for local, name in named.items() if local != name}:
            result.by_function[function.name] = others
