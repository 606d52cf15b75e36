"""Memory: garbage collection paused, and slots of elements that hold nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pyecore.valuecontainer import ECollection, EValue

from nbmde.engine.models.ecore import EClass, EFeature
from nbmde.engine.models.structure import Model, features, walk


@contextmanager
def collection_paused() -> Iterator[None]:
    """While many objects are made and none is garbage: collecting then costs up to half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def drop_empty_slots(model: Model) -> None:
    """Free what pyecore makes for a feature as soon as it is read, in all elements of a model; they stay as they are.

    A slot for nothing takes about 100 bytes, for a list 350: up to a tenth of a model that was read as a whole. Lists
    that code holds on to do not belong to their elements any more.
    """
    for obj in walk(model):
        held, isset = obj.__dict__, obj._isset
        for name, feature in _slotted(obj.eClass):
            slot = held.get(name)
            if (isinstance(slot, ECollection) and not len(slot)) or (isinstance(slot, EValue) and feature not in isset):
                del held[name]


@cache
def _slotted(eclass: EClass) -> tuple[tuple[str, EFeature], ...]:
    """The features of a class, with their names, for which pyecore makes slots that can be made again."""
    return tuple((feature.name, feature) for feature in features(eclass) if not feature.derived)
