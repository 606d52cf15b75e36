"""Python modules beside the templates are generated as they are, but for the names of the modules that they import."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_generation import generation, project

from nbmde.engine import m2t, models
from nbmde.engine.m2t import GenerationError
from nbmde.engine.m2t.modules import Modules

RULES = """
[python]
line-length = 70

[[file]]
for = "Secret"
path = "src/{{ element.name }}.py"
module = "parts/{{ element.name }}.py"
imports = "project|placed"
"""
QUERIES = """
def placed(project):
    return {f"parts.{secret.name}": f"{project.package}.{secret.found.split()[0]}" for secret in project.secrets}
"""


@pytest.fixture(scope="module")
def registry() -> models.Registry:
    return models.Registry()


def small(folder: Path, **modules: str) -> m2t.Generation:
    """A generation with modules in the folder `parts`."""
    parts = folder / "templates/small/parts"
    parts.mkdir(parents=True, exist_ok=True)
    for name, text in modules.items():
        (parts / f"{name}.py").write_text(text, encoding="utf-8")
    return generation(folder, RULES, QUERIES)


def test_imports_of_other_modules_get_the_names_that_these_have_and_nothing_else_changes(
    tmp_path: Path, registry: models.Registry
) -> None:
    text = '''\
"""from parts.b import nothing"""

import os
from dataclasses import dataclass  # from parts.b import nothing

from parts.b import (
    one,  # a comment that stays
    two,
)


def late() -> str:
    from parts.b import three

    return f"{three}from parts.b import" + os.sep
'''
    made = small(tmp_path, a=text, b="one = two = three = 1\n").run(project(registry, "a", "b"), registry)
    head, _, rest = text.partition("\n\nfrom parts.b import (")
    expected = (
        f"{head}\n\nfrom p.b import ({rest.replace('    from parts.b import three', '    from p.b import three')}"
    )
    assert made["src/a.py"].content.decode() == expected
    assert made["src/b.py"].content == b"one = two = three = 1\n"


def test_imports_behind_each_other_are_in_the_order_of_the_names_that_are_generated(
    tmp_path: Path, registry: models.Registry
) -> None:
    made = small(
        tmp_path, a="from parts.b import x\nfrom parts.c import (\n    y,\n    z,\n)\n\nprint(x, y, z)\n", b="", c=""
    )
    model = project(registry, "a", "b", "c")
    model.secrets[1].found = "zebra"
    lines = made.run(model, registry)["src/a.py"].content.decode().splitlines()
    assert lines == ["from p.c import (", "    y,", "    z,", ")", "from p.zebra import x", "", "print(x, y, z)"]


def test_every_line_is_traced_to_its_line_in_the_module(tmp_path: Path, registry: models.Registry) -> None:
    text = '"""Doc."""\n\nfrom parts.b import one, two\n\n\ndef last() -> int:\n    return one + two\n'
    model = project(registry, "a", "b")
    model.secrets[1].found = "a_name_that_is_so_very_long_that_its_line_is_broken"
    file = small(tmp_path, a=text, b="").run(model, registry)["src/a.py"]
    lines = file.content.decode().splitlines()
    assert len(lines) > text.count("\n")
    assert {region.template for region in file.regions} == {"parts/a.py"}
    assert {region.element for region in file.regions} == {model.secrets[0]}
    sources = {
        line: region.template_line + line - region.first_line
        for region in file.regions
        for line in range(region.first_line, region.last_line + 1)
    }
    assert list(sources) == list(range(1, len(lines) + 1))
    for part in ("Doc", "def last", "return one"):
        (there,) = (number for number, line in enumerate(lines, 1) if part in line)
        assert part in text.splitlines()[sources[there] - 1]


def test_a_module_of_an_extension_takes_the_place_of_its_namesake(tmp_path: Path, registry: models.Registry) -> None:
    mine = tmp_path / "mine"
    small(tmp_path / "theirs", a="x = 1\n")
    (mine / "templates/small/parts").mkdir(parents=True)
    (mine / "templates/small/parts/a.py").write_text("x = 2\n", encoding="utf-8")
    made = m2t.find("small", (tmp_path / "theirs", mine)).run(project(registry, "a"), registry)
    assert made["src/a.py"].content == b"x = 2\n"


REFUSED = {
    "a module that is not generated": (
        "import os\nfrom parts.b import x\n",
        "imports parts.b, which is not generated",
        2,
    ),
    "a relative import": ("from .b import x\n", "imported as from PACKAGE.MODULE import NAME", 1),
    "an import of the module itself": ("import parts.b as b\n", "imported as from PACKAGE.MODULE import NAME", 1),
    "what is no Python": ("x = 1\ny = (\n", "not Python", 2),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_file_and_line_is(what: str, tmp_path: Path, registry: models.Registry) -> None:
    text, reason, line = REFUSED[what]
    with pytest.raises(GenerationError, match=reason) as raised:
        small(tmp_path, a=text, b="").run(project(registry, "a"), registry)
    assert (raised.value.file, raised.value.line) == (str(tmp_path / "templates/small/parts/a.py"), line)


def test_a_module_that_is_not_there_and_a_name_that_is_none_are_refused(
    tmp_path: Path, registry: models.Registry
) -> None:
    with pytest.raises(GenerationError, match=r"there is no module 'parts/a\.py'"):
        small(tmp_path).run(project(registry, "a"), registry)
    model = project(registry, "a", "b")
    model.secrets[1].found = "os;import"
    with pytest.raises(GenerationError, match=r"'p\.os;import' is no name of a module"):
        small(tmp_path, a="from parts.b import x\n", b="").run(model, registry)


def test_an_entry_has_a_template_or_a_module(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="has module and template"):
        generation(tmp_path, f'{RULES}template = "a.j2"\n')


def test_a_module_lies_beside_the_templates_and_nowhere_else(tmp_path: Path, registry: models.Registry) -> None:
    (tmp_path / "templates").mkdir(parents=True)
    (tmp_path / "templates" / "outside.py").write_text("x = 1\n")
    (tmp_path / "templates" / "small").mkdir()
    made = Modules([tmp_path / "templates" / "small"])
    for name in ("../outside.py", "parts/../../outside.py", "nowhere.py"):
        with pytest.raises(GenerationError, match="there is no module"):
            made.render(name, {}, project(registry, "a"))
