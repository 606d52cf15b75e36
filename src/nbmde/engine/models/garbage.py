"""Memory: garbage collection paused, and slots of elements that hold nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pyecore.valuecontainer import ECollection, EValue

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
        slots = obj.__dict__
        for feature in features(obj.eClass):
            slot = slots.get(feature.name)
            empty = isinstance(slot, ECollection) and not len(slot)
            if not feature.derived and (empty or (isinstance(slot, EValue) and feature not in obj._isset)):
                del slots[feature.name]
