"""Types of the metamodel refinement for checkers alone, made from refinement.ecore by `nbmde metamodel types`."""

from collections.abc import Iterable

from nbmde.engine.models.ecore import EList, EObject

from . import trace as _trace


class Refinement(_trace.Trace):
    """The record of one run of one refinement. It has links only for rules that changed something:
    from the element that a rule refined to those that it changed or made.
    """

    retired: EList[EObject]
    """What the refinement took out of the model, as it was, so that older traces still lead to it;
    in the order in which it was taken out.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        transformation: str | None = None,
        layers: Iterable[str] = (),
        links: Iterable[_trace.Link] = (),
        regions: Iterable[_trace.Region] = (),
        retired: Iterable[EObject] = (),
    ) -> None: ...


class Refined(EObject):
    """A refinement that has run on the model that contains this: the next run goes on behind the
    last one.
    """

    name: str
    """The refinement, as pipelines name it."""
    options: EList[str]
    """The options that it was given and asked for, each as NAME=VALUE, sorted."""
    trace: Refinement | None
    """What it changed."""

    def __init__(
        self, *, name: str | None = None, options: Iterable[str] = (), trace: Refinement | None = None
    ) -> None: ...
