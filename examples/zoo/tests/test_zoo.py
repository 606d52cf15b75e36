"""The two transformations of the zoo, run as a user does: by the command line, from files to files."""

import subprocess
import sys
from pathlib import Path

import pytest

import nbmde
from nbmde.models import EObject

ZOO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def registry() -> nbmde.Registry:
    return nbmde.Registry((ZOO,))


def transformed(name: str, model: Path, registry: nbmde.Registry, folder: Path) -> tuple[EObject, ...]:
    """The roots that a transformation makes of a file."""
    output = folder / f"{name}.xmi"
    arguments = ["transform", name, model, "-o", output, "--extension", ZOO]
    command = [sys.executable, "-c", "from nbmde.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    roots = nbmde.load_roots(output, registry)
    assert nbmde.validate(roots, registry) == []
    return roots


def test_members_become_persons_by_what_they_are_in_their_families(registry: nbmde.Registry, tmp_path: Path) -> None:
    persons = transformed("families2persons", ZOO / "models" / "families.xmi", registry, tmp_path)
    assert [f"{person.eClass.name} {person.fullName}" for person in persons] == [
        "Male Chidi Okafor",
        "Female Ngozi Okafor",
        "Male Emeka Okafor",
        "Male Obi Okafor",
        "Female Ada Okafor",
        "Female Astrid Lindqvist",
        "Female Saga Lindqvist",
        "Female Vera Lindqvist",
    ]


def test_the_trace_leads_from_each_person_to_its_member(registry: nbmde.Registry, tmp_path: Path) -> None:
    persons = transformed("families2persons", ZOO / "models" / "families.xmi", registry, tmp_path)
    families = nbmde.load_roots(ZOO / "models" / "families.xmi", registry)
    result = nbmde.transform("families2persons", families, registry)
    index = nbmde.TraceIndex(result.trace)
    assert [index.sources(person) for person in result.roots] == [
        [member] for family in families for member in nbmde.walk(family) if member is not family
    ]
    (link,) = [one for one in nbmde.load(tmp_path / "families2persons.trace.xmi", registry).links][3:4]
    assert (link.rule, link.sources[0].firstName, link.targets[0].fullName) == ("member2male", "Obi", "Obi Okafor")
    assert len(persons) == len(result.trace.links)


def test_classes_and_lists_become_tables(registry: nbmde.Registry, tmp_path: Path) -> None:
    roots = transformed("class2relational", ZOO / "models" / "library.xmi", registry, tmp_path)
    tables = [root for root in roots if root.eClass.name == "Table"]
    assert [root.name for root in roots if root not in tables] == ["Integer", "String"]
    assert {table.name: [f"{column.name}: {column.type.name}" for column in table.col] for table in tables} == {
        "Book": ["objectId: Integer", "title: String", "publisherId: Integer"],
        "Book_keywords": ["bookId: Integer", "keywords: String"],
        "Book_authors": ["bookId: Integer", "authorsId: Integer"],
        "Publisher": ["objectId: Integer", "name: String"],
        "Author": ["objectId: Integer", "name: String", "born: Integer"],
    }
    keys = {table.name: [column.name for column in table.key] for table in tables}
    assert [name for name, key in keys.items() if key == ["objectId"]] == ["Book", "Publisher", "Author"]
    assert [name for name, key in keys.items() if not key] == ["Book_keywords", "Book_authors"]


def test_without_a_type_for_keys_a_model_is_refused(registry: nbmde.Registry) -> None:
    metamodel = registry["Class"]
    with pytest.raises(nbmde.NbmdeError, match="there is no data type Integer"):
        nbmde.transform("class2relational", [metamodel.Class(name="Lonely")], registry)


def test_a_class_that_refers_to_itself_has_a_column_for_its_own_key(registry: nbmde.Registry) -> None:
    metamodel = registry["Class"]
    node = metamodel.Class(name="Node")
    node.attr.append(metamodel.Attribute(name="next", type=node))
    result = nbmde.transform("class2relational", [node, metamodel.DataType(name="Integer")], registry)
    assert [column.name for column in result.roots[0].col] == ["objectId", "nextId"]
