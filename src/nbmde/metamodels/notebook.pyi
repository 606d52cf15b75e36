"""Types of the metamodel notebook for checkers alone, made from notebook.ecore by `nbmde metamodel types`."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from nbmde.engine.models.ecore import EEnumLiteral, EList, EObject


class AssetKind(EEnumLiteral):
    """What a local file is to the notebook."""

    dataset: ClassVar[AssetKind]
    module: ClassVar[AssetKind]
    script: ClassVar[AssetKind]
    notebook: ClassVar[AssetKind]
    other: ClassVar[AssetKind]
    marker: ClassVar[AssetKind]
    name: Literal["dataset", "module", "script", "notebook", "other", "marker"]


class Element(EObject):
    """Everything that other models and traces can refer to."""

    id: str | None
    """Unique in the model; letters, digits, hyphen, underscore and full stop."""

    def __init__(self, *, id: str | None = None) -> None: ...


class Notebook(Element):
    """The document. Formats before nbformat 4 are upgraded when they are read."""

    name: str
    """Name of the notebook's file, without its folder and extension."""
    nbformat: int
    """Major version of the document format: 4."""
    nbformatMinor: int
    """Minor version of the document format."""
    upgradedFrom: str | None
    """Version of the format that the file has, such as 3.0, where it was upgraded."""
    language: str | None
    """Programming language of the code cells as the document states it, in lower case; not set
    where it does not. A copy for convenience: extraction does not read it.
    """
    kernel: str | None
    """Name of the kernel specification as the document states it; not set where it does not. A
    copy for convenience: extraction does not read it.
    """
    folder: str | None
    """Where the notebook lies in the project around it: the path of its folder from the project's,
    with forward slashes; not set where it is the same folder.
    """
    python: str | None
    """Version of the Python interpreter whose installed distributions were looked up."""
    repairs: EList[str]
    """What had to be repaired when the document was read, or is kept although the format does not
    allow it; one sentence each.
    """
    metadata: EList[Entry]
    """The document's metadata in their order, kernelspec and language_info included."""
    extra: EList[Entry]
    """Properties of the document that this version of the format does not define."""
    cells: EList[Cell]
    """The cells in document order."""
    assets: EList[Asset]
    """Local files and folders that the code names, in the order of their paths."""
    distributions: EList[Distribution]
    """Distributions that provide what the code imports or that the project around the notebook
    declares, and what these require, in the order of their names.
    """
    starImports: EList[StarImport]
    """What star imports of libraries bind that were installed when the notebook was read, in the
    order of the code.
    """
    profile: Profile | None
    """What one run of the notebook recorded; not set where it was not run."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        nbformat: int | None = None,
        nbformatMinor: int | None = None,
        upgradedFrom: str | None = None,
        language: str | None = None,
        kernel: str | None = None,
        folder: str | None = None,
        python: str | None = None,
        repairs: Iterable[str] = (),
        metadata: Iterable[Entry] = (),
        extra: Iterable[Entry] = (),
        cells: Iterable[Cell] = (),
        assets: Iterable[Asset] = (),
        distributions: Iterable[Distribution] = (),
        starImports: Iterable[StarImport] = (),
        profile: Profile | None = None,
    ) -> None: ...


class Entry(EObject):
    """One member of a JSON object."""

    key: str
    """Name of the member."""
    value: str
    """Value of the member as JSON text."""

    def __init__(self, *, key: str | None = None, value: str | None = None) -> None: ...


class MimeData(EObject):
    """One representation of something displayed or attached. Either text or json is set."""

    mimeType: str
    """Media type such as text/plain or image/png."""
    text: str | None
    """The representation where the document holds a string, its lines joined; binary data are
    base64 as in the document.
    """
    json: str | None
    """The representation as JSON text where the document holds any other JSON value."""

    def __init__(self, *, mimeType: str | None = None, text: str | None = None, json: str | None = None) -> None: ...
    def eContainer(self) -> Attachment | DisplayOutput: ...


class Cell(Element):
    """A cell of the document."""

    source: str | None
    """What the cell says, its lines joined."""
    position: int
    """Place of the cell in the document, from 1."""
    cellId: str | None
    """The cell's own id in the document; formats before nbformat 4.5 have none."""
    tags: EList[str]
    """The cell's tags. They are kept here, not among the metadata."""
    metadata: EList[Entry]
    """The cell's metadata in their order, without its tags."""
    attachments: EList[Attachment]
    """Files attached to the cell."""
    extra: EList[Entry]
    """Properties of the cell that no other feature can hold, such as those of a newer version of
    the format. They go before the other features when the document is extracted.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        source: str | None = None,
        position: int | None = None,
        cellId: str | None = None,
        tags: Iterable[str] = (),
        metadata: Iterable[Entry] = (),
        attachments: Iterable[Attachment] = (),
        extra: Iterable[Entry] = (),
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class CodeCell(Cell):
    """A cell that the kernel executes."""

    executionCount: int | None
    """The number of the cell's last execution; not set where the cell has not been run."""
    outputs: EList[Output]
    """What the last execution gave, in its order."""

    def __init__(
        self,
        *,
        id: str | None = None,
        source: str | None = None,
        position: int | None = None,
        cellId: str | None = None,
        tags: Iterable[str] = (),
        metadata: Iterable[Entry] = (),
        attachments: Iterable[Attachment] = (),
        extra: Iterable[Entry] = (),
        executionCount: int | None = None,
        outputs: Iterable[Output] = (),
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class MarkdownCell(Cell):
    """A cell of prose in Markdown."""

    def __init__(
        self,
        *,
        id: str | None = None,
        source: str | None = None,
        position: int | None = None,
        cellId: str | None = None,
        tags: Iterable[str] = (),
        metadata: Iterable[Entry] = (),
        attachments: Iterable[Attachment] = (),
        extra: Iterable[Entry] = (),
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class RawCell(Cell):
    """A cell that is neither executed nor rendered."""

    def __init__(
        self,
        *,
        id: str | None = None,
        source: str | None = None,
        position: int | None = None,
        cellId: str | None = None,
        tags: Iterable[str] = (),
        metadata: Iterable[Entry] = (),
        attachments: Iterable[Attachment] = (),
        extra: Iterable[Entry] = (),
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class UnrecognizedCell(Cell):
    """A cell of a type that a newer version of the format has added."""

    cellType: str
    """The type as the document names it."""

    def __init__(
        self,
        *,
        id: str | None = None,
        source: str | None = None,
        position: int | None = None,
        cellId: str | None = None,
        tags: Iterable[str] = (),
        metadata: Iterable[Entry] = (),
        attachments: Iterable[Attachment] = (),
        extra: Iterable[Entry] = (),
        cellType: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class Attachment(Element):
    """A file attached to a cell, such as a picture shown in its Markdown."""

    name: str
    """Name by which the Markdown refers to it."""
    data: EList[MimeData]
    """The file's content, one entry for each media type."""

    def __init__(self, *, id: str | None = None, name: str | None = None, data: Iterable[MimeData] = ()) -> None: ...
    def eContainer(self) -> Cell: ...


class Output(Element):
    """Something that the execution of a code cell gave."""

    extra: EList[Entry]
    """Properties of the output that no other feature can hold, such as those of a newer version of
    the format. They go before the other features when the document is extracted.
    """

    def __init__(self, *, id: str | None = None, extra: Iterable[Entry] = ()) -> None: ...
    def eContainer(self) -> CodeCell: ...


class StreamOutput(Output):
    """Text written to a stream."""

    name: str
    """Name of the stream: stdout or stderr."""
    text: str
    """What was written, its lines joined."""

    def __init__(
        self, *, id: str | None = None, extra: Iterable[Entry] = (), name: str | None = None, text: str | None = None
    ) -> None: ...
    def eContainer(self) -> CodeCell: ...


class DisplayOutput(Output):
    """Something displayed, in one or more representations."""

    data: EList[MimeData]
    """The representations, one for each media type."""
    metadata: EList[Entry]
    """Metadata of the display, such as the size of a picture."""

    def __init__(
        self,
        *,
        id: str | None = None,
        extra: Iterable[Entry] = (),
        data: Iterable[MimeData] = (),
        metadata: Iterable[Entry] = (),
    ) -> None: ...
    def eContainer(self) -> CodeCell: ...


class ExecuteResult(DisplayOutput):
    """The value of a cell's last expression."""

    executionCount: int | None
    """The number of the execution that gave it."""

    def __init__(
        self,
        *,
        id: str | None = None,
        extra: Iterable[Entry] = (),
        data: Iterable[MimeData] = (),
        metadata: Iterable[Entry] = (),
        executionCount: int | None = None,
    ) -> None: ...
    def eContainer(self) -> CodeCell: ...


class ErrorOutput(Output):
    """An exception that ended the execution."""

    ename: str
    """Name of the exception's class."""
    evalue: str
    """The exception's message."""
    traceback: EList[str]
    """The formatted traceback, one value for each frame or part."""

    def __init__(
        self,
        *,
        id: str | None = None,
        extra: Iterable[Entry] = (),
        ename: str | None = None,
        evalue: str | None = None,
        traceback: Iterable[str] = (),
    ) -> None: ...
    def eContainer(self) -> CodeCell: ...


class UnrecognizedOutput(Output):
    """An output of a type that a newer version of the format has added."""

    outputType: str
    """The type as the document names it."""

    def __init__(
        self, *, id: str | None = None, extra: Iterable[Entry] = (), outputType: str | None = None
    ) -> None: ...
    def eContainer(self) -> CodeCell: ...


class Asset(Element):
    """A local file or folder that the notebook's code names, imports or runs, with the file's
    content.
    """

    path: str
    """Where it lies: relative to the notebook's folder, with forward slashes; may start with ../.
    A file outside the project around the notebook is listed by its name.
    """
    kind: AssetKind
    """What it is to the notebook."""
    folder: bool
    """True for a folder; the files in it are assets of their own."""
    searchFolder: str | None
    """Of a module: the folder of the module search path in which it was found, as path; a dot for
    the notebook's own folder.
    """
    size: int
    """Size of the file in bytes."""
    sha256: str | None
    """SHA-256 of the file's bytes, in hexadecimal; not set where the content was left out."""
    foundFor: EList[str]
    """Literals of the notebook that mean this file and are spelled in another way than its path,
    such as ./data.csv or a path of another machine.
    """
    outside: bool
    """True for a file from outside the project around the notebook that comes along because the
    user wants it.
    """
    omitted: str | None
    """Why the content was left out; not set where it is there."""
    content: str | None
    """Content of the file; not set for folders and where it was left out."""
    writers: EList[Cell]
    """Cells that do nothing but write this file: its content is what they leave there before the
    notebook imports or runs it.
    """
    made: bool
    """True where the notebook makes this file: none lies there before it runs."""

    def __init__(
        self,
        *,
        id: str | None = None,
        path: str | None = None,
        kind: AssetKind | None = None,
        folder: bool | None = None,
        searchFolder: str | None = None,
        size: int | None = None,
        sha256: str | None = None,
        foundFor: Iterable[str] = (),
        outside: bool | None = None,
        omitted: str | None = None,
        content: str | None = None,
        writers: Iterable[Cell] = (),
        made: bool | None = None,
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class Distribution(Element):
    """A distribution package that provides what the notebook imports, that the project around the
    notebook declares, or that one of these requires.
    """

    name: str
    """Its name in the package index."""
    version: str | None
    """The version that was installed when the notebook was read; not set where none was."""
    declared: str | None
    """The version specifier that a requirements file around the notebook states, such as ==1.5.3
    or >=2,<3; empty where it states the name alone, not set where it does not name it.
    """
    declaredIn: str | None
    """The file that states it, relative to the notebook's folder."""
    requested: str | None
    """The version specifier in a line of the notebook that installs it (pip install); empty where
    the line states the name alone, not set where none names it.
    """
    extras: EList[str]
    """The optional features that such a line asks for."""
    requestedIn: Cell | None
    """The first cell with such a line."""
    imports: EList[str]
    """Top-level modules (or namespace packages with their dotted names) that the notebook's code
    imports from it.
    """
    requires: EList[Distribution]
    """Others that were installed and that it requires, directly or not, as far as their releases
    change what code computes.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        version: str | None = None,
        declared: str | None = None,
        declaredIn: str | None = None,
        requested: str | None = None,
        extras: Iterable[str] = (),
        requestedIn: Cell | None = None,
        imports: Iterable[str] = (),
        requires: Iterable[Distribution] = (),
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class StarImport(Element):
    """A library of which the code imports all names, as in from numpy import *."""

    module: str
    """Its dotted name."""
    names: EList[str]
    """Those of its public names that the notebook's code mentions, in the order of the alphabet."""

    def __init__(self, *, id: str | None = None, module: str | None = None, names: Iterable[str] = ()) -> None: ...
    def eContainer(self) -> Notebook: ...


class Profile(Element):
    """What one instrumented run of the notebook from its first to its last cell recorded."""

    python: str | None
    """Version of the interpreter that ran it."""
    seconds: float | None
    """How long the cells took together, in seconds."""
    runs: EList[CellRun]
    """What each code cell did, in the order of the document."""
    columns: EList[Column]
    """The columns of the values, each that is the same in several values once."""

    def __init__(
        self,
        *,
        id: str | None = None,
        python: str | None = None,
        seconds: float | None = None,
        runs: Iterable[CellRun] = (),
        columns: Iterable[Column] = (),
    ) -> None: ...
    def eContainer(self) -> Notebook: ...


class CellRun(Element):
    """One cell in the run."""

    cell: Cell
    """That was run."""
    seconds: float | None
    """How long it took, in seconds."""
    values: EList[Value]
    """Variables about which something new is known at the end of the cell, in the order of their
    names.
    """
    calls: EList[Call]
    """Calls that fit a model or apply it; of repeated ones with objects of the same class the
    first.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        cell: Cell | None = None,
        seconds: float | None = None,
        values: Iterable[Value] = (),
        calls: Iterable[Call] = (),
    ) -> None: ...
    def eContainer(self) -> Profile: ...


class Value(Element):
    """What was found out about a variable or an argument. Its content is not kept."""

    name: str
    """The variable; of an argument its name or place from 0."""
    type: str | None
    """Its class with the types of its items where these agree, as an expression of qualified
    names: list[str], dict[str, float], pandas.DataFrame; __main__ stands for the notebook
    itself.
    """
    shape: EList[int]
    """Its size along each dimension; of a list or the like its length."""
    dtype: str | None
    """The data type of its items, for example float64."""
    minimum: float | None
    """The smallest of its numbers, of an array."""
    maximum: float | None
    """The largest of its numbers, of an array."""
    columns: EList[Column]
    """Of a table, in order; not set for wide ones."""
    aliases: EList[str]
    """Other variables that hold the same object."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        type: str | None = None,
        shape: Iterable[int] = (),
        dtype: str | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        columns: Iterable[Column] = (),
        aliases: Iterable[str] = (),
    ) -> None: ...
    def eContainer(self) -> Call | CellRun: ...


class Call(Element):
    """A call of a method such as fit or predict."""

    method: str
    """Its name."""
    receiver: str | None
    """The variable whose method it is; not set where it is another expression."""
    type: str | None
    """Qualified name of the class of the object."""
    arguments: EList[Value]
    """As they were before the call."""

    def __init__(
        self,
        *,
        id: str | None = None,
        method: str | None = None,
        receiver: str | None = None,
        type: str | None = None,
        arguments: Iterable[Value] = (),
    ) -> None: ...
    def eContainer(self) -> CellRun: ...


class Column(Element):
    """A column of a table as it was at some point."""

    name: str
    """Its label as text; of the features of an array feature_0 and so on."""
    dtype: str | None
    """Its data type as the library spells it, for example int64 or category."""
    kind: str | None
    """What its values are: integer, number, boolean, text, time, or any."""
    missing: int | None
    """How many values are missing."""
    minimum: float | None
    """The smallest number."""
    maximum: float | None
    """The largest number."""
    categories: EList[str]
    """The values of a column of text, sorted, where they are few."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        dtype: str | None = None,
        kind: str | None = None,
        missing: int | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        categories: Iterable[str] = (),
    ) -> None: ...
    def eContainer(self) -> Profile: ...
