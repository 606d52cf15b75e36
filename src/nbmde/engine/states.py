"""Every state of the models on their way through a pipeline, in a folder for each step: `02-refine/model.xmi`."""

from __future__ import annotations

from pathlib import Path

from nbmde.engine import models, pipeline
from nbmde.engine.chain import Step
from nbmde.engine.m2t.files import File, Files
from nbmde.engine.models import EFeature, EObject, Registry


class States:
    """Takes a picture of the model behind each step; see `nbmde.engine.pipeline.run`.

    Attributes:
        files: the pictures, by their paths below a folder.
    """

    def __init__(self, registry: Registry) -> None:
        self.files: Files = {}
        self._registry = registry
        self._places: dict[int, str] = {}  # of the last state of each model, by its first root
        self._count = 0

    def __call__(self, step: Step, roots: tuple[EObject, ...]) -> None:
        """The model behind a step; what it refers to lies where its own last state does."""
        self._count += 1
        folder = f"{self._count:02}-{step.short}"
        given = {}
        for name, model in pipeline.related(roots).items():
            first = models.roots(model)[0]
            is_new = (
                first is roots[0] or id(first) not in self._places or name.endswith(f".refinements{pipeline.MODEL}")
            )
            place = f"{folder}/{name}" if is_new else self._places[id(first)]
            self._places[id(first)] = place
            given[Path(place)] = models.roots(model)
        nameless = [one for model in given.values() for one in _nameless(model)]
        written = models.contents(given, self._registry)
        for element, feature in nameless:  # the final model is the same with pictures and without
            setattr(element, feature.name, None)
        private = any(map(models.is_private, given.values()))
        for path, content in written.items():
            if path.parts[0] == folder:
                self.files[path.as_posix()] = File(content, private=private)


def _nameless(model: tuple[EObject, ...]) -> list[tuple[EObject, EFeature]]:
    """Elements that have no id yet, and are given one when they are written; with the feature for it."""
    found = ((one, models.id_feature(one.eClass)) for one in models.walk(model))
    return [(one, feature) for one, feature in found if feature is not None and models.identifier(one) is None]
