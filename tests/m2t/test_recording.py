"""Templates say of each line which of their lines wrote it, and on which elements it depends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import m2t, models
from nbmde.engine.m2t.alignment import origins
from nbmde.engine.m2t.templates import Templates

REGISTRY = models.Registry()
METAMODEL = REGISTRY["mlproject"]


def project() -> Any:
    root = METAMODEL.Project(name="p", title="T")
    for name in ("a", "b"):
        root.secrets.append(METAMODEL.Secret(name=name))
    root.service = METAMODEL.Service(name="m")
    return root


def lines(folder: Path, template: str, root: Any, **queries: Any) -> list[tuple[int, str, str, list[str]]]:
    """Number of the template's line, text, and what it is for and depends on."""
    (folder / "t.j2").write_text(template, encoding="utf-8")
    text, _, found = Templates([folder], queries).render("t.j2", root, {"root": root})
    shown = text.splitlines()
    assert len(shown) == len(found)
    return [
        (line.number, one, line.element.name, [other.name for other in line.reads])
        for one, line in zip(shown, found, strict=True)
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("x\ny {{ root.name }}\n\nz\n", [(1, "x", "p", []), (2, "y p", "p", []), (3, "", "p", []), (4, "z", "p", [])]),
        (
            "{% for one in root.secrets %}\n- {{ one.name }}\n{% endfor %}\nend\n",
            [(2, "- a", "a", []), (2, "- b", "b", []), (4, "end", "p", [])],
        ),
        ("{{ root.service.name }} {{ root.secrets[0].name }}\n", [(1, "m a", "p", ["m", "a"])]),
        (
            "{% if root.service %}\nserved\n{% else %}\nnone\n{% endif %}\nend\n",
            [(2, "served", "p", ["m"]), (6, "end", "p", [])],
        ),
        ("{% if not root.secrets %}\nfew\n{% else %}\nmany\n{% endif %}\n", [(4, "many", "p", ["a", "b"])]),
        (
            "{% reads root.secrets, root.service %}\nx\n{% endreads %}\ny\n",
            [(2, "x", "p", ["a", "b", "m"]), (4, "y", "p", [])],
        ),
        ("{% region root.service %}\nx\n{% endregion %}\n", [(2, "x", "m", [])]),
        ("{{ root | told }}\n", [(1, "told", "p", ["m"])]),
        ("{% for text in root | all_told %}\n{{ text | upper }}\n{% endfor %}\n", [(2, "TOLD", "p", ["m"])]),
        (
            "{% macro one(x) %}\n{{ x.name }}!\n{% endmacro %}\n{{ one(root.service) }}"
            "{{ one(root.service) | upper | trim }}\n",
            [(2, "m!", "p", ["m"]), (4, "M!", "p", ["m"])],
        ),
        ("{% set text %}{{ root.service.name }}{% endset %}\n{{ text | length }}\n", [(2, "1", "p", [])]),
    ],
)
def test_a_line_is_of_the_line_that_wrote_it_and_of_what_it_names(
    tmp_path: Path, template: str, expected: list[tuple[int, str, str, list[str]]]
) -> None:
    def told(root: Any) -> str:
        return m2t.About("told", root.service)

    assert lines(tmp_path, template, project(), told=told, all_told=lambda root: [told(root)]) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a = 1\nb = 2", "a = 1\nb = 2", [(0,), (1,)]),
        ("f(a,\n  b)\nc", "f(a, b)\nc", [(0, 1), (2,)]),
        ("f(a, b)\nc", "f(\n    a,\n    b,\n)\nc", [(0,), (0,), (0,), (0,), (1,)]),
        ("a = 'x'\n\n\n\nb", 'a = "x"\n\nb', [(0,), (4,), (4,)]),
        ("x = 0XF; y = 1", "x = 0xF\ny = 1", [(0,), (0,)]),
        ("a = u'x'\nb = 2\nc = 3", 'a = "x"\nb = 2\nc = 3', [(0,), (1,), (2,)]),
    ],
)
def test_lines_of_formatted_code_are_those_that_they_were(
    before: str, after: str, expected: list[tuple[int, ...]]
) -> None:
    assert origins(before, after) == expected
