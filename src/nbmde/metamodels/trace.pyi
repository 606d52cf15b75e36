"""Types of the metamodel trace for checkers alone, made from trace.ecore by `nbmde metamodel types`."""

from collections.abc import Iterable

from nbmde.engine.models.ecore import EList, EObject


class Element(EObject):
    """What can be referred to by an identifier."""

    id: str | None
    """Unique in its file; letters, digits, underscore, dot and hyphen. Given when the model is
    saved, if it has none.
    """

    def __init__(self, *, id: str | None = None) -> None: ...


class Trace(Element):
    """The record of one run of one transformation or generation."""

    transformation: str
    """Name of the transformation, such as notebook2workflow."""
    layers: EList[str]
    """Names of the transformations of extensions that were laid over it."""
    links: EList[Link]
    """One for each time a rule applied, in the order in which the rules applied."""
    regions: EList[Region]
    """The generated text, region by region: by file, then by first line."""

    def __init__(
        self,
        *,
        id: str | None = None,
        transformation: str | None = None,
        layers: Iterable[str] = (),
        links: Iterable[Link] = (),
        regions: Iterable[Region] = (),
    ) -> None: ...


class Link(EObject):
    """One application of a rule: these targets were made from these sources."""

    rule: str
    """Name of the rule."""
    sources: EList[EObject]
    """The source elements that the rule matched, in the order of its source pattern."""
    targets: EList[EObject]
    """The target elements that the rule created, in the order of its target pattern."""

    def __init__(
        self, *, rule: str | None = None, sources: Iterable[EObject] = (), targets: Iterable[EObject] = ()
    ) -> None: ...
    def eContainer(self) -> Trace: ...


class Region(EObject):
    """A run of whole lines in a generated file, and the element it was generated for."""

    file: str
    """Path below the root of the generated project, with forward slashes."""
    firstLine: int
    """First line of the region, from 1."""
    lastLine: int
    """Last line of the region, inclusive."""
    template: str | None
    """The template or Python module that wrote the region, as the coordination file names it."""
    templateLine: int
    """The line of the template or module that wrote the first line of the region; 0 where these
    are all the lines of an element, which several lines of a template wrote.
    """
    templateLast: int
    """The last line of the template or module that wrote any of them: the second line of the
    region is of the second one, and so on up to this one, of which all further lines are. 0
    where the first is not known.
    """
    element: EObject | None
    """The element of the model that the region was generated for."""
    reads: EList[EObject]
    """Further elements on which its text, or that it is there, depends."""

    def __init__(
        self,
        *,
        file: str | None = None,
        firstLine: int | None = None,
        lastLine: int | None = None,
        template: str | None = None,
        templateLine: int | None = None,
        templateLast: int | None = None,
        element: EObject | None = None,
        reads: Iterable[EObject] = (),
    ) -> None: ...
    def eContainer(self) -> Trace: ...
