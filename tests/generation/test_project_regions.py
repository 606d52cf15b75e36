"""For every line of notebook code, the trace says which element it is from."""

from __future__ import annotations

import ast
from pathlib import Path

import flower_project
import pytest

from nbmde.engine import m2t, models, pipeline
from nbmde.engine.m2t.regions import current_regions


def parsed(text: str) -> list[str]:
    """The statements of lines that may be indented, as syntax trees."""
    tree = ast.parse(f"if True:\n{text}").body[0].body if text[0] == " " else ast.parse(text).body  # type: ignore[attr-defined]
    return [ast.dump(statement) for statement in tree]


@pytest.mark.parametrize("layout", ["mlops", "basic"])
def test_regions_hold_the_text_of_their_elements(registry: models.Registry, layout: str) -> None:
    project = flower_project.project(registry, layout)
    files = m2t.find("mlproject").run(project, registry)
    seen = set()
    for path, file in files.items():
        lines = file.content.decode().splitlines()
        for region in (one for one in file.regions if not one.template_line):
            text = "\n".join(lines[region.first_line - 1 : region.last_line])
            element = region.element
            seen.add(element)
            if element.eClass.name in ("Fragment", "Definition", "Import"):
                assert parsed(text) == parsed(element.text), path
            elif element.eClass.name == "Function" and path.endswith(".py"):
                assert f"def {element.name}(" in text
                assert text.count("def ") - text.count("def fit") == 1
            elif element.eClass.name == "ConfigurationSetting":
                assert text.strip().startswith(f"{element.name}:")
            elif element.eClass.name == "Call":
                assert f"{element.function.name}(" in text
    wanted = ("Fragment", "Definition", "Import", "Function", "ConfigurationSetting", "Call", "Finding", "Section")
    for element in models.walk(project):
        if element.eClass.name in wanted:
            assert element in seen, models.label(element)


def test_regions_follow_the_edits_of_a_person(registry: models.Registry, tmp_path: Path) -> None:
    generated = pipeline.generate("mlproject", flower_project.project(registry), registry)
    m2t.write(generated, tmp_path / "p")
    project, trace = models.load_all(
        [tmp_path / "p/.nbmde/project.xmi", tmp_path / "p/.nbmde/mlproject.trace.xmi"], registry
    )
    as_they_were, edited = current_regions(tmp_path / "p", project, [trace], registry)
    assert edited == []
    assert all((first, last) == (region.firstLine, region.lastLine) for region, first, last in as_they_were)
    counts = {region.file: 0 for region, _, _ in as_they_were if region.file.endswith(".py")}
    for region, _, _ in as_they_were:
        if region.element.eClass.name == "Fragment":
            counts[region.file] += 1
    path = max(counts, key=counts.__getitem__)
    fragments = [r for r, _, _ in as_they_were if r.file == path and r.element.eClass.name == "Fragment"]
    gone = max(fragments, key=lambda region: region.lastLine)
    lines = (tmp_path / "p" / path).read_text().splitlines(keepends=True)
    kept = [line for number, line in enumerate(lines, 1) if not gone.firstLine <= number <= gone.lastLine]
    (tmp_path / "p" / path).write_text("".join(["# a line\n", *kept]))
    now, edited = current_regions(tmp_path / "p", project, [trace], registry)
    assert edited == [path]
    moved = {id(region): (first, last) for region, first, last in now}
    assert moved[id(gone)] == (0, 0)
    for region in fragments:
        if region.lastLine < gone.firstLine:
            assert moved[id(region)] == (region.firstLine + 1, region.lastLine + 1)
    assert current_regions(tmp_path / "p", project, [trace], registry, suffix=".md")[1] == []


def test_the_trace_is_saved_beside_the_models(registry: models.Registry) -> None:
    project = flower_project.project(registry)
    files = pipeline.generate("mlproject", project, registry)
    own = {path for path in files if path.startswith(".nbmde/")}
    metamodels = {
        f".nbmde/metamodels/{name}.ecore" for name in ("mlproject", "notebook", "refinement", "trace", "workflow")
    }
    models_ = {f".nbmde/{name}.xmi" for name in ("project", "notebook", "mlproject.trace")}
    assert own == metamodels | models_
    assert (
        b'xsi:schemaLocation="http://nbmde.org/mlproject/2 metamodels/mlproject.ecore'
        in files[".nbmde/project.xmi"].content
    )


def test_the_saved_models_lead_to_the_same_project(registry: models.Registry, tmp_path: Path) -> None:
    first = pipeline.generate("mlproject", flower_project.project(registry), registry)
    place = tmp_path / "p"
    m2t.write(first, place)
    again = pipeline.generate("mlproject", pipeline.load(place / ".nbmde/project.xmi", registry), registry)
    assert {path: file.content for path, file in first.items()} == {path: file.content for path, file in again.items()}
