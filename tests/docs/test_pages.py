"""The pages say what is so: made pages are up to date, links lead somewhere, the tutorial's commands work as shown."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nbmde.engine import locations, metamodel_docs
from nbmde.engine.models import Registry

pytestmark = pytest.mark.slow

ROOT = locations.home()
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("**/*.md"), *ROOT.glob("examples/**/README.md")])

sys.path.insert(0, str(DOCS))

import api_reference  # noqa: E402
import chain  # noqa: E402
import command_line  # noqa: E402
import diagnostics  # noqa: E402
import excerpts  # noqa: E402

MADE = [
    ("command-line.md", command_line.page),
    ("chain.svg", chain.chain),
    ("api.md", api_reference.page),
    ("diagnostics.md", diagnostics.page),
]


@pytest.mark.parametrize(("page", "text"), MADE)
def test_other_made_pages_are_up_to_date(page: str, text: Callable[[], str]) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == text(), f"docs/{page} is out of date: make docs"


@pytest.fixture(scope="module")
def project() -> dict[str, str]:
    return excerpts.project()


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_shown_code_is_what_is_generated(page: str, project: dict[str, str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert len(excerpts.BLOCK.findall(text)) >= 2
    assert excerpts.updated(text, project) == text, f"{page} is out of date: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = {anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert (page.parent / target.partition("#")[0]).exists(), target


def anchor(heading: str) -> str:
    """The name that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# Class diagrams


@pytest.mark.parametrize("name", ["notebook", "workflow", "mlproject", "trace"])
def test_class_diagram_names_every_class_and_no_two_boxes_overlap(name: str) -> None:
    registry = Registry()
    svg = ElementTree.fromstring(metamodel_docs.pages([name], registry)[f"metamodels-{name}.svg"])
    namespace = "{http://www.w3.org/2000/svg}"
    shown = {text.text for text in svg.iter(f"{namespace}tspan")}
    assert {c.name for c in registry[name].ecore.eClassifiers if c.eClass.name == "EClass"} <= shown
    boxes = [
        tuple(float(rectangle.get(key, 0)) for key in ("x", "y", "width", "height"))
        for rectangle in svg.iter(f"{namespace}rect")
        if rectangle.get("class") == "box"
    ]
    width, height = float(svg.get("width", 0)), float(svg.get("height", 0))
    for position, (x, y, w, h) in enumerate(boxes):
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height
        assert not [
            b for b in boxes[:position] if x < b[0] + b[2] and b[0] < x + w and y < b[1] + b[3] and b[1] < y + h
        ]


# Pages whose commands are run

BLOCK = re.compile(r"^(?:<!-- file (\S+) -->\n)?```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
MARK = "-- end of block --"


@pytest.mark.parametrize("page", ["tutorial.md", "extending.md", "../examples/zoo/README.md"])
def test_commands_of_a_page_print_what_it_shows(page: str, tmp_path: Path) -> None:
    """All blocks run in one shell, in an empty folder with a copy of the examples; files that are shown are written.

    pip installs the project without its dependencies, which are those of the environment that runs the tests.
    """
    shown = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    blocks = [(path, kind, text) for path, kind, text in shown if path or kind in ("sh", "text")]
    commands = [text for path, kind, text in blocks if kind == "sh"]
    assert len(commands) > 6
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "bin").mkdir()
    nbmde = tmp_path / "bin" / "nbmde"
    nbmde.write_text(f"#!{sys.executable}\nfrom nbmde.cli import main\n\nmain()\n", encoding="utf-8")
    nbmde.chmod(0o755)
    libraries = [str(ROOT / "src"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NBMDE")} | {
        "PATH": os.pathsep.join([str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(libraries)),
        "PIP_NO_DEPS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "COLUMNS": "100",
        "VIRTUAL_ENV_DISABLE_PROMPT": "1",
    }
    script = "set -e\n"
    for path, kind, text in blocks:
        if path:
            script += f"mkdir -p {Path(path).parent}\ncat > {path} <<'END OF FILE'\n{text}END OF FILE\n"
        elif kind == "sh":
            script += f"{text}echo '{MARK}'\n"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    printed = done.stdout.split(f"{MARK}\n")
    assert done.returncode == 0, f"{commands[len(printed) - 1]}\n{printed[-1][-2000:]}{done.stderr[-3000:]}"
    checker = doctest.OutputChecker()
    number = -1
    for path, kind, text in blocks:
        if kind == "sh":
            number += 1
        elif not path:
            found = printed[number]
            assert checker.check_output(text, found, doctest.ELLIPSIS), f"{commands[number]}\n{text}\n{found}"
