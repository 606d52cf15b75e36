"""Classes to tables: each class becomes a table with a key, and each attribute a column or a table of its own.

An attribute of a data type becomes a column with the value, one of a class a column with the key of the other object.
Where an attribute is a list, both stand in a table of their own, beside the key of the object that has it.
"""

from nbmde import NbmdeError
from nbmde.m2m import Context, Transformation
from nbmde.models import EObject

transformation = Transformation("class2relational", source="Class", target="Relational", roots=("Table", "Type"))


def key_type(t: Context) -> EObject:
    """The data type of keys."""
    found = [one for one in t.instances("DataType") if one.name == "Integer"]
    if not found:
        raise NbmdeError("there is no data type Integer, of which keys are", remedy="add it to the model")
    return found[0]


def is_list(t: Context, attribute: EObject) -> bool:
    """Whether an attribute is a list."""
    return bool(attribute.multiValued)


@transformation.rule("DataType", to="Type")
def datatype2type(t: Context, datatype: EObject, type_: EObject) -> None:
    """A type of the same name."""
    type_.name = datatype.name


@transformation.rule("Class", to=("Table", "Column"), primary=True)
def class2table(t: Context, class_: EObject, table: EObject, key: EObject) -> None:
    """A table with a key of its own and a column for each attribute that is no list."""
    key.name = "objectId"
    key.type = t.resolve(key_type(t))
    table.name = class_.name
    table.col.append(key)
    table.col.extend(t.resolve_all(class_.attr, type="Column", rule="attribute2column"))
    table.key.append(key)


@transformation.rule("Attribute", to="Column", guard=lambda t, attribute: not is_list(t, attribute))
def attribute2column(t: Context, attribute: EObject, column: EObject) -> None:
    """A column, for a value or for the key of another object."""
    fill(t, attribute, column)


@transformation.rule("Attribute", to=("Table", "Column", "Column"), guard=is_list)
def attribute2table(t: Context, attribute: EObject, table: EObject, owner: EObject, value: EObject) -> None:
    """A table with a row for each entry of a list."""
    table.name = f"{attribute.owner.name}_{attribute.name}"
    owner.name = f"{attribute.owner.name.lower()}Id"
    owner.type = t.resolve(key_type(t))
    fill(t, attribute, value)
    table.col.extend([owner, value])


def fill(t: Context, attribute: EObject, column: EObject) -> None:
    """Name and type of the column that holds a value of an attribute."""
    refers = attribute.type.eClass.name == "Class"
    column.name = f"{attribute.name}Id" if refers else attribute.name
    column.type = t.resolve(key_type(t) if refers else attribute.type)
