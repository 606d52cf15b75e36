"""Models of older versions of a metamodel become models of the current one: a conservative copy, and rules.

What is the same in both versions is copied; what is not is lost and reported, unless the migration says what becomes of
it. This is the approach of Epsilon Flock (Rose, Kolovos, Paige, Polack: Model migration with Epsilon Flock, ICMT 2010).

A migration is a package in a `transformations/migrations/` folder: it defines `migration = Migration(...)` and holds
the `.ecore` file of the older version. Versions are told by namespace URIs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from lxml import etree

from nbmde.engine import locations, m2m, models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EClass, EObject, Registry
from nbmde.engine.models.slots import Slot, slots
from nbmde.engine.models.structure import values

FOLDER = "migrations"
Rule = Callable[[Any, Any], None]  # of an element of the older version, and what becomes of it
_F = TypeVar("_F", bound=Rule)


@dataclass
class Migration:
    """From one version of a metamodel to the next.

    Attributes:
        source, target: namespace URIs.
        retyped: new name by old name, of classes.
        renamed: new name by (old name of the class, old name of the feature).
        deleted: old names of classes whose instances go, with all that they contain.
        rules: what is done with an instance of a class of the old version, by its name, when everything is copied.
        handled: features that rules take care of, as in `renamed`; that they are not copied is not reported.
        refinements: names of those that find in a model what its older version did not say.
        ecore: the file of the older version.
    """

    source: str
    target: str
    retyped: dict[str, str] = field(default_factory=dict)
    renamed: dict[tuple[str, str], str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    rules: dict[str, Rule] = field(default_factory=dict)
    handled: set[tuple[str, str]] = field(default_factory=set)
    refinements: list[str] = field(default_factory=list)
    ecore: Path = Path()

    def retype(self, old: str, new: str) -> None:
        """Instances of a class become those of another one."""
        self.retyped[old] = new

    def rename(self, eclass: str, old: str, new: str) -> None:
        """A feature of a class, and of its subclasses, has another name."""
        self.renamed[eclass, old] = new

    def delete(self, eclass: str) -> None:
        """Instances of a class, and of its subclasses, are left out."""
        self.deleted.add(eclass)

    def refine(self, *names: str) -> None:
        """Run refinements, by their names, on what has become of a model when it is of the current version."""
        self.refinements += names

    def rule(self, eclass: str, *, handles: str | tuple[str, ...] = ()) -> Callable[[_F], _F]:
        """Make a function the rule for instances of a class and its subclasses; called with the old and new element.

        Args:
            handles: features of the old class that the rule takes care of.
        """

        def register(body: _F) -> _F:
            self.rules[eclass] = body
            self.handled |= {(eclass, name) for name in ((handles,) if isinstance(handles, str) else handles)}
            return body

        return register


def find(extensions: tuple[Path, ...] = ()) -> dict[str, Migration]:
    """All migrations by the namespace URI that they begin with.

    Raises:
        NbmdeError: for a migration that cannot be imported or has no metamodel, and for two from one version.
    """
    found: dict[str, Migration] = {}
    for root in locations.roots("transformations", extensions):
        for init in sorted((root / FOLDER).glob("*/__init__.py")):
            module = m2m.module(f"{FOLDER}.{init.parent.name}", extensions)
            migration = getattr(module, "migration", None)
            if not isinstance(migration, Migration):
                raise NbmdeError("defines no migration", file=str(init), remedy="migration = Migration(OLD, NEW)")
            files = sorted(init.parent.glob("*.ecore"))
            if len(files) != 1:
                raise NbmdeError("needs the .ecore file of the older version beside it", file=str(init))
            migration.ecore = files[0]
            if (other := found.setdefault(migration.source, migration)) is not migration:
                reason = f"{migration.source} is migrated by {other.ecore.parent} too"
                raise NbmdeError(reason, file=str(init), remedy="leave out one of the two")
    return found


def migrate(path: Path, registry: Registry, *, in_place: bool = False) -> tuple[dict[Path, EObject], list[str]]:
    """A model and all that it refers to, in the current versions of their metamodels.

    Args:
        in_place: the models of its folder that refer to it, or to one of those, come along.

    Returns:
        The roots by the files in which the older ones are, the given one first; and what was lost on the way.

    Raises:
        NbmdeError: for a model that cannot be loaded, and one of a version from which no migration leads on.
    """
    documents = _documents([path])
    paths = [path]
    if in_place:
        paths += _referring(path, documents)
        documents = _documents(paths)
    chains = _chains(documents.values(), registry)
    lost: list[str] = []
    roots: dict[Path, EObject] = {}
    for number in range(max(map(len, chains), default=0) + 1):
        files = tuple(chain[number].ecore for chain in chains if number < len(chain))
        here = Registry(registry.extensions, files=files, replace=True) if files else registry
        if number == 0:
            roots = {_file(root): root for root in _related(models.load_all(paths, here))}
        else:
            steps = {chain[number - 1].source: chain[number - 1] for chain in chains if number <= len(chain)}
            roots = dict(zip(roots, _copied(list(roots.values()), steps, here, lost), strict=True))
    for root in roots.values():
        for step in (step for chain in chains for step in chain if chain[-1].target == root.eClass.ePackage.nsURI):
            for name in step.refinements:
                m2m.run(m2m.find(name, registry.extensions), root, registry, {"extensions": registry.extensions})
            note(root, step.refinements)
    return roots, list(dict.fromkeys(lost))


def note(root: EObject, names: Iterable[str]) -> None:
    """Say in a model which refinements have run on it, where its root has a place for that."""
    refined = slots(root.eClass).get("refined")
    if refined is not None:
        getattr(root, refined.name).extend([refined.feature.eType(name=name) for name in names])


def _chains(documents: Iterable[etree._Element], registry: Registry) -> list[list[Migration]]:
    """The migrations of each metamodel of an older version that models are of; in order."""
    known = find(registry.extensions)
    current = {registry[name].ecore.nsURI for name in registry}
    chains = []
    for uri in dict.fromkeys(uri for document in documents for uri in document.nsmap.values()):
        chain: list[Migration] = []
        while uri in known and uri not in current:
            chain.append(known[uri])
            uri = chain[-1].target
        if chain and uri not in current:
            raise NbmdeError(f"{chain[-1].source} is migrated to {uri}, which is not known", file=str(chain[-1].ecore))
        chains += [chain] if chain else []
    return chains


def _documents(paths: Iterable[Path]) -> dict[Path, etree._Element]:
    """Files and those that they refer to, as they are before anything is known of their metamodels."""
    found: dict[Path, etree._Element] = {}
    queue = list(paths)
    for file in queue:  # grows
        if file not in found:
            try:
                found[file] = etree.parse(str(file), etree.XMLParser(resolve_entities=False, huge_tree=True)).getroot()
            except (OSError, etree.XMLSyntaxError) as error:
                raise NbmdeError(f"not a readable model: {error}", file=str(file)) from error
            queue += [other for other in _referred(file, found[file]) if other.is_file()]
    return found


def _referred(file: Path, document: etree._Element) -> list[Path]:
    hrefs = [element.get("href", "").partition("#")[0] for element in document.iter(etree.Element)]
    return [Path(os.path.normpath(file.parent / unquote(href))) for href in dict.fromkeys(hrefs) if href]


def _referring(path: Path, documents: Iterable[Path]) -> list[Path]:
    """Models in the folder of one that refer to some files, and are none of them."""
    known = {Path(os.path.normpath(file)) for file in documents}
    others = [file for file in sorted(path.parent.glob("*.xmi")) if Path(os.path.normpath(file)) not in known]
    return [file for file in others if not known.isdisjoint(_referred(file, _documents([file])[file]))]


def _copied(roots: list[EObject], steps: dict[str, Migration], registry: Registry, lost: list[str]) -> list[EObject]:
    """The conservative copy of some models that refer to each other, changed by the rules."""
    made: dict[EObject, EObject] = {}
    for root in roots:
        for element in models.walk(root):
            container = element.eContainer()
            if container is None or container in made:
                if (eclass := _class(element, steps, registry)) is not None:
                    made[element] = eclass()
                elif not _deleted(element, steps):
                    lost.append(f"{models.label(element)}: its class is no more there")
    for root in roots:
        if root not in made:
            raise NbmdeError(f"nothing becomes of {models.label(root)}", remedy="retype its class in the migration")
    for element, new in made.items():
        step = steps.get(element.eClass.ePackage.nsURI)
        for slot in slots(element.eClass).values():
            if (slot.written or slot.containment) and (some := values(element, slot.feature)):
                _copy(element, slot, some, new, step, made, lost)
    for element, new in made.items():
        step = steps.get(element.eClass.ePackage.nsURI)
        for name, rule in step.rules.items() if step is not None else ():
            if name in _kinds(element.eClass):
                _apply(rule, element, new)
    return [made[root] for root in roots]


def _copy(
    element: EObject, slot: Slot, some: list[Any], new: EObject, step: Migration | None,
    made: dict[EObject, EObject], lost: list[str],
) -> None:  # fmt: skip
    """Copy the values of a feature, if the new class has it and can hold them."""
    kinds = _kinds(element.eClass)
    name = slot.name
    if step is not None:
        if any((kind, name) in step.handled for kind in kinds):
            return
        name = next((step.renamed[kind, name] for kind in kinds if (kind, name) in step.renamed), name)
    target = slots(new.eClass).get(name)
    fits: list[Any] = []
    if target is not None and slot.values is None and target.values is None:
        kept = [made[one] for one in some if one in made]
        fits = [one for one in kept if models.is_kind(one, target.feature.eType)]
        lacking = len(fits) < len(kept)
    elif target is not None and slot.values is not None and target.values is not None:
        for one in some:
            try:
                fits.append(target.values.read(slot.values.write(one)))
            except ValueError:
                continue
        lacking = len(fits) < len(some)
    else:
        lacking = True
    if target is not None and fits:
        if target.many:
            getattr(new, name).extend(fits)
        else:
            setattr(new, name, fits[0])
            lacking |= len(fits) > 1
    if lacking:
        lost.append(f"{models.label(element)}: {slot.name}")


def _apply(rule: Rule, element: EObject, new: EObject) -> None:
    try:
        rule(element, new)
    except NbmdeError:
        raise
    except Exception as error:
        code = rule.__code__
        reason = f"migration rule {rule.__name__} on {models.label(element)}: {type(error).__name__}: {error}"
        raise NbmdeError(reason, file=code.co_filename, line=code.co_firstlineno) from error


def _class(element: EObject, steps: dict[str, Migration], registry: Registry) -> EClass | None:
    """The class of the element that takes the place of another one, if there is one that has instances."""
    package, name = element.eClass.ePackage, element.eClass.name
    step = steps.get(package.nsURI)
    if step is not None and _deleted(element, steps):
        return None
    target = registry.by_uri(step.target if step is not None else package.nsURI)
    name = step.retyped.get(name, name) if step is not None else name
    eclass = target.ecore.getEClassifier(name)
    return eclass if eclass is not None and not eclass.abstract else None


def _deleted(element: EObject, steps: dict[str, Migration]) -> bool:
    step = steps.get(element.eClass.ePackage.nsURI)
    return step is not None and not step.deleted.isdisjoint(_kinds(element.eClass))


def _kinds(eclass: EClass) -> list[str]:
    """Names of a class and of those that it extends, its own first."""
    return [one.name for one in (eclass, *eclass.eAllSuperTypes())]


def _related(roots: Iterable[EObject]) -> Iterator[EObject]:
    """Models and all that they refer to."""
    queue = list(roots)
    found = dict.fromkeys(queue)
    while queue:
        model = queue.pop(0)
        yield model
        for element in models.walk(model):
            for target in _targets(element):
                if (other := models.root_of(target)) not in found:
                    found[other] = None
                    queue.append(other)


def _targets(element: EObject) -> Iterable[EObject]:
    for feature in models.references(element.eClass):
        yield from models.values(element, feature)


def _file(root: EObject) -> Path:
    document = models.document_of(root)
    assert document is not None
    return document.path
