"""Which steps of a chain run: with the refinements of extensions, up to a step, without some, behind what has run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Model, roots

if TYPE_CHECKING:
    from nbmde.metamodels.refinement import Refined

KINDS = ("inject", "transform", "refine", "generate")


@dataclass(frozen=True)
class Step:
    """One step: a kind of `KINDS`, and the name of what it runs.

    Attributes:
        inputs: of a transformation, by the names of its source models: under which name each is known here.
        result: name under which later steps know what it makes.
    """

    kind: str
    name: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    result: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def short(self) -> str:
        """The last part of the name, by which users may call it too."""
        return self.name.rpartition(".")[2]

    def is_called(self, name: str) -> bool:
        """Whether a user who says this name means it."""
        return name in (self.name, self.short)


def with_extensions(steps: Iterable[Step], extensions: tuple[Path, ...]) -> tuple[Step, ...]:
    """The steps with the refinements of extensions that say behind or before which step they run.

    Raises:
        NbmdeError: where one is to run behind a step that transforms no model.
    """
    chain = list(steps)
    added = [one for one in m2m.added(extensions) if not any(step.name == one.name for step in chain)]
    for placed in added:
        place = placed.after or placed.before
        for number, step in enumerate(chain):
            if step.name == place and step.kind in ("transform", "refine"):
                # behind others that run there too, so that extensions run in their order
                behind = number + 1
                while placed.after and behind < len(chain) and chain[behind].name in _behind(added, place):
                    behind += 1
                new = Step("refine", placed.name, result=step.result)
                if placed.after:
                    chain[number] = replace(step, result=None)
                    chain.insert(behind, new)
                else:
                    chain.insert(number, replace(new, result=None))
                break
    return tuple(chain)


def _behind(added: Iterable[m2m.Transformation], place: str) -> set[str]:
    return {one.name for one in added if one.after == place}


def of_transformation(name: str, pipelines: Iterable[Sequence[Step]]) -> list[Step]:
    """A transformation and the refinements of what it makes, as the first pipeline with it has them."""
    for steps in pipelines:
        for number, step in enumerate(steps):
            if step.kind == "transform" and step.name == name:
                return [Step("transform", name), *_refinements(steps[number + 1 :])]
    return [Step("transform", name)]


def _refinements(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if step.kind != "refine":
            return
        yield step


def chosen(
    steps: Sequence[Step], until: str | None, without: Iterable[str], extensions: tuple[Path, ...]
) -> list[Step]:
    """The steps up to one, this one included, and without some refinements.

    Args:
        until, without: names of steps, whole or their last parts.

    Raises:
        NbmdeError: for a name of no step, and a step that cannot be left out.
    """
    for name in [*([until] if until else []), *without]:
        if not any(step.is_called(name) for step in steps):
            near = get_close_matches(name, [step.short for step in steps], 1)
            known = f"{near[0]}?" if near else f"steps are: {', '.join(step.short for step in steps)}"
            raise NbmdeError(f"there is no step {name!r}", remedy=known)
    left_out = {step.name for step in steps for name in without if step.is_called(name)}
    for step in steps:
        if step.name in left_out and not (step.kind == "refine" and m2m.find(step.name, extensions).optional):
            able = [one.short for one in steps if one.kind == "refine" and m2m.find(one.name, extensions).optional]
            remedy = f"what can be left out: {', '.join(able) or 'nothing'}"
            raise NbmdeError(f"{step} cannot be left out: later steps need what it finds", remedy=remedy)
    last = next((number for number, step in enumerate(steps) if until and step.is_called(until)), len(steps))
    return [step for step in steps[: last + 1] if step.name not in left_out]


def remaining(steps: Sequence[Step], model: Model, kinds: set[str], extensions: tuple[Path, ...]) -> list[Step] | None:
    """The steps from the first one that takes a model on, behind the last refinement that has run on it.

    Args:
        kinds: names of the metamodels of the model.

    Returns:
        None where no step takes it; an empty list where all has been done.
    """
    done = {record.name for record in records(model)}
    first = len(steps)
    for number, step in enumerate(steps):
        if step.kind in ("transform", "refine") and m2m.find(step.name, extensions).source in kinds:
            first = number
            break
    rest = list(steps[first:])
    behind = max((number for number, step in enumerate(rest) if step.name in done), default=-1)
    if rest:
        return rest[behind + 1 :]
    made = [m2m.find(step.name, extensions).target for step in steps if step.kind in ("transform", "refine")]
    last = [step for step in steps if step.kind == "generate"]
    return last if last and (not made or made[-1] in kinds) else None


def missed(steps: Sequence[Step], model: Model, kinds: set[str], extensions: tuple[Path, ...]) -> list[Step]:
    """The refinements of extensions that have not run on a model, before the last one that has."""
    done = {record.name for record in records(model)}
    behind = max((number for number, step in enumerate(steps) if step.name in done), default=0)
    brought = {one.name for one in m2m.added(extensions) if one.target in kinds}
    return [step for step in steps[:behind] if step.name in brought - done]


def records(model: Model) -> list[Refined]:
    """Return a model's records of the refinements that have run on it: its roots' feature `refined`."""
    return [record for root in roots(model) for record in getattr(root, "refined", ())]
