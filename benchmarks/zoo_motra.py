"""The transformations of `examples/zoo` with motra: a mapping for each kind of element, called from the main function.

motra gives the target of a mapping as the global name `result`, and keeps what a mapping made in the resource of the
target model unless something contains it.
"""

from collections.abc import Sequence
from typing import Any

from motra import m2m
from pyecore.resources import URI, ResourceSet

from nbmde.engine.models import Registry

result: Any = None
Roots = Sequence[Any]


def run(name: str, roots: Roots, registry: Registry) -> Roots:
    """The roots that a transformation makes."""
    source = ResourceSet().create_resource(URI("source"))
    source.extend(roots)
    transformation = {"families2persons": families2persons, "class2relational": class2relational}[name](registry)
    context = transformation.run(source=source)
    made: Roots = context.outputs.target.contents
    return made


def families2persons(registry: Registry) -> Any:
    """A mapping for either kind of person."""
    families, persons = registry["Families"], registry["Persons"]
    transformation = m2m.Transformation("families2persons", inputs=["source"], outputs=["target"])

    @transformation.main  # type: ignore[untyped-decorator]
    def main(source: Any, target: Any) -> None:
        for family in source.contents:
            for member in family.eContents:
                member2male(member)
                member2female(member)

    def is_female(self: Any) -> bool:
        return self.eContainmentFeature().name in ("mother", "daughters")

    def male(self: Any) -> None:
        result.fullName = f"{self.firstName} {self.eContainer().lastName}"

    def female(self: Any) -> None:
        result.fullName = f"{self.firstName} {self.eContainer().lastName}"

    male.__annotations__ = {"self": families.Member, "return": persons.Male}
    female.__annotations__ = {"self": families.Member, "return": persons.Female}
    member2male = transformation.mapping(male, when=lambda self: not is_female(self))
    member2female = transformation.mapping(female, when=is_female)
    return transformation


def class2relational(registry: Registry) -> Any:
    """A mapping for each kind of column and table; results are looked up in a dictionary, as motra keeps but few."""
    classes, relational = registry["Class"], registry["Relational"]
    transformation = m2m.Transformation("class2relational", inputs=["source"], outputs=["target"])
    types: dict[Any, Any] = {}

    @transformation.main  # type: ignore[untyped-decorator]
    def main(source: Any, target: Any) -> None:
        for root in source.contents:
            if root.eClass.name == "DataType":
                types[root.name] = type_(root)
        for root in source.contents:
            if root.eClass.name == "Class":
                made = table(root)
                for attribute in root.attr:
                    one = column(attribute)
                    if one is not None:
                        made.col.append(one)
                    else:
                        entries(attribute)

    def fill(made: Any, attribute: Any) -> None:
        refers = attribute.type.eClass.name == "Class"
        made.name = f"{attribute.name}Id" if refers else attribute.name
        made.type = types["Integer" if refers else attribute.type.name]

    def datatype2type(self: Any) -> None:
        result.name = self.name

    def class2table(self: Any) -> None:
        result.name = self.name
        key = relational.Column(name="objectId", type=types["Integer"])
        result.col.append(key)
        result.key.append(key)

    def attribute2column(self: Any) -> None:
        fill(result, self)

    def attribute2table(self: Any) -> None:
        result.name = f"{self.owner.name}_{self.name}"
        value = relational.Column()
        fill(value, self)
        owner = relational.Column(name=f"{self.owner.name.lower()}Id", type=types["Integer"])
        result.col.extend([owner, value])

    def mapping(function: Any, source: Any, target: Any, when: Any = None) -> Any:
        function.__annotations__ = {"self": source, "return": target}
        return transformation.mapping(function, when=when)

    type_ = mapping(datatype2type, classes.DataType, relational.Type)
    table = mapping(class2table, classes.Class, relational.Table)
    column = mapping(attribute2column, classes.Attribute, relational.Column, lambda self: not self.multiValued)
    entries = mapping(attribute2table, classes.Attribute, relational.Table, lambda self: self.multiValued)
    return transformation
