"""The transformations of `examples/zoo` as one writes them with pyecore alone: loops, and a dictionary to resolve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbmde.engine.models import Registry

Roots = Sequence[Any]


def families2persons(roots: Roots, registry: Registry) -> Roots:
    """A person of each member."""
    persons = registry["Persons"]
    made: list[Any] = []
    for family in roots:
        males = [*([family.father] if family.father else []), *family.sons]
        females = [*([family.mother] if family.mother else []), *family.daughters]
        for kind, members in ((persons.Male, males), (persons.Female, females)):
            for member in members:
                person = kind()
                person.fullName = f"{member.firstName} {family.lastName}"
                made.append(person)
    return made


def class2relational(roots: Roots, registry: Registry) -> Roots:
    """A type of each data type, a table of each class, and a column or a table of each attribute."""
    relational = registry["Relational"]
    types: dict[Any, Any] = {}
    for root in roots:
        if root.eClass.name == "DataType":
            type_ = relational.Type()
            type_.name = root.name
            types[root] = type_
    integer = next(type_ for type_ in types.values() if type_.name == "Integer")

    def column(name: str, type_: Any) -> Any:
        made = relational.Column()
        made.name = name
        made.type = type_
        return made

    tables: list[Any] = []
    for root in roots:
        if root.eClass.name != "Class":
            continue
        table = relational.Table()
        table.name = root.name
        key = column("objectId", integer)
        table.col.append(key)
        table.key.append(key)
        tables.append(table)
        for attribute in root.attr:
            refers = attribute.type.eClass.name == "Class"
            name = f"{attribute.name}Id" if refers else attribute.name
            value = column(name, integer if refers else types[attribute.type])
            if attribute.multiValued:
                entries = relational.Table()
                entries.name = f"{root.name}_{attribute.name}"
                entries.col.extend([column(f"{root.name.lower()}Id", integer), value])
                tables.append(entries)
            else:
                table.col.append(value)
    return [*types.values(), *tables]
