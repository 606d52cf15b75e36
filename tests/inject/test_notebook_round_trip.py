"""A document is the same after it was a model, in memory and through XMI."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notebook_documents import code, document

from nbmde.engine import models
from nbmde.engine.models import Registry
from nbmde.notebooks.inject import extract, inject, write

REGISTRY = Registry()

texts = st.text(st.characters(codec=None), max_size=30)
lines = texts | st.lists(texts, max_size=3)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
TYPED = {  # keys of metadata that are not valid with any value
    "authors", "collapsed", "execution", "format", "isolated", "jupyter", "kernelspec", "language_info", "name",
    "orig_nbformat", "scrolled", "tags", "title", "trusted",
}  # fmt: skip
metadata = st.dictionaries(texts.filter(lambda key: key not in TYPED), values, max_size=3)
tags = st.lists(st.text(st.characters(blacklist_characters=",\n"), min_size=1, max_size=8), unique=True, max_size=3)
counts = st.none() | st.integers(min_value=0)
bundles = st.builds(
    lambda text, json_value: text | json_value,
    st.dictionaries(
        st.sampled_from(["text/plain", "text/html", "image/png", "image/svg+xml", "x/y z"]), lines, max_size=3
    ),
    st.dictionaries(st.sampled_from(["application/json", "application/vnd.x.v1+json"]), values, max_size=2),
)
outputs = st.one_of(
    st.fixed_dictionaries({"output_type": st.just("stream"), "name": texts, "text": lines}),
    st.fixed_dictionaries({"output_type": st.just("display_data"), "data": bundles, "metadata": metadata}),
    st.fixed_dictionaries(
        {"output_type": st.just("execute_result"), "data": bundles, "metadata": metadata, "execution_count": counts}
    ),
    st.fixed_dictionaries(
        {"output_type": st.just("error"), "ename": texts, "evalue": texts, "traceback": st.lists(texts, max_size=3)}
    ),
)
cell_metadata = st.builds(
    lambda entries, given: entries | given, metadata, st.fixed_dictionaries({}, optional={"tags": tags})
)
attachments = {"attachments": st.dictionaries(texts, bundles, max_size=2)}
cells = st.one_of(
    st.fixed_dictionaries(
        {"cell_type": st.just("markdown"), "metadata": cell_metadata, "source": lines}, optional=attachments
    ),
    st.fixed_dictionaries(
        {"cell_type": st.just("raw"), "metadata": cell_metadata, "source": lines}, optional=attachments
    ),
    st.fixed_dictionaries(
        {
            "cell_type": st.just("code"),
            "metadata": cell_metadata,
            "source": lines,
            "outputs": st.lists(outputs, max_size=3),
            "execution_count": counts,
        }
    ),
)
ids = st.text("abcdefABCDEF0123456789-_", min_size=1, max_size=64)


@st.composite
def notebooks(draw: st.DrawFn) -> dict[str, Any]:
    """Any valid notebook of nbformat 4.0 to 4.5."""
    minor = draw(st.integers(0, 5))
    drawn = draw(st.lists(cells, max_size=4))
    if minor >= 5:
        for cell, id in zip(
            drawn, draw(st.lists(ids, min_size=len(drawn), max_size=len(drawn), unique=True)), strict=True
        ):
            cell["id"] = id
    if minor == 0:  # attachments came with 4.1
        drawn = [{key: value for key, value in cell.items() if key != "attachments"} for cell in drawn]
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": draw(metadata), "cells": drawn}


def read(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nbformat.read(path, as_version=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(notebooks())
def test_every_valid_notebook_survives_model_and_xmi(notebook: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, xmi, copy = Path(folder, "any.ipynb"), Path(folder, "any.xmi"), Path(folder, "copy.ipynb")
        path.write_text(json.dumps(notebook))
        original = read(path)
        nbformat.validate(original)
        model = inject(path, REGISTRY)
        assert not model.repairs
        assert extract(model) == original
        models.save({xmi: model}, REGISTRY)
        loaded = models.load(xmi, REGISTRY)
        assert extract(loaded) == original
        write(loaded, copy)
        assert read(copy) == original


RICH = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": "3.11.4", "codemirror_mode": {"name": "ipython", "version": 3}},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a1": {"model_name": "IntSlider"}}}},
        "title": "Prices",
        "authors": [{"name": "A"}],
    },
    "cells": [
        {"cell_type": "markdown", "id": "intro", "metadata": {"tags": ["a", "b"], "slideshow": {"slide_type": "skip"}},
         "source": ["# Title\n", "\n", "text ![p](attachment:p.png)"],
         "attachments": {"p.png": {"image/png": "aGVsbG8="}, "none": {}}},
        {"cell_type": "raw", "id": "raw", "metadata": {"format": "text/latex", "tags": []}, "source": "\\alpha"},
        {"cell_type": "code", "id": "load", "metadata": {"collapsed": True, "scrolled": "auto"}, "execution_count": 3,
         "source": "x = 1\r\nx", "outputs": [
             {"output_type": "stream", "name": "stderr", "text": ["\x1b[31mred\n", "bell\x07 nul\x00 \ud800 lone"]},
             {"output_type": "display_data", "metadata": {"image/png": {"width": 4}},
              "data": {"application/json": ["a\n", "b"], "text/html": ["<b>\n", "</b>"], "image/png": "iVBOR\nw0K\n"}},
             {"output_type": "execute_result", "execution_count": None, "metadata": {},
              "data": {"application/vnd.plotly.v1+json": {"data": [1, 2.5, None], "layout": {}}, "text/plain": ""}},
             {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["\x1b[0;31mE\x1b[0m", ""]}]},
    ],
}  # fmt: skip


def test_rich_notebook_survives_xmi_and_keeps_what_tools_look_for(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "rich.ipynb"
    path.write_text(json.dumps(RICH))
    model = inject(path, registry)
    models.save({tmp_path / "rich.xmi": model}, registry)
    loaded = models.load(tmp_path / "rich.xmi", registry)
    assert extract(loaded) == read(path)
    assert (loaded.name, loaded.language, loaded.kernel, loaded.nbformatMinor) == ("rich", "python", "python3", 5)
    title, raw, cell = loaded.cells
    assert (title.id, list(title.tags), title.attachments[0].name) == ("cell.intro", ["a", "b"], "p.png")
    assert (raw.position, cell.executionCount) == (2, 3)
    stream, display, result, error = cell.outputs
    assert stream.text.endswith("nul\x00 \ud800 lone")
    assert {datum.mimeType: datum.json for datum in display.data}["application/json"] == '["a\\n", "b"]'
    assert result.executionCount is None
    assert list(error.traceback) == ["\x1b[0;31mE\x1b[0m", ""]


def test_written_file_is_the_one_that_jupyter_writes(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.from_dict({**RICH, "cells": RICH["cells"][:2]}), path)
    write(inject(path, registry), tmp_path / "b.ipynb")
    assert (tmp_path / "b.ipynb").read_bytes() == path.read_bytes()


def test_newer_minor_version_keeps_what_it_adds(tmp_path: Path, registry: Registry) -> None:
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 99,
        "metadata": {},
        "future": {"a": [1]},
        "cells": [
            {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "execution_count": 1, "extra": 1.5,
             "outputs": [{"output_type": "hologram", "beams": [1]},
                         {"output_type": "stream", "name": "stdout", "text": "x", "colour": "red"}]},
            {"cell_type": "poem", "id": "b", "metadata": {}, "verses": ["x"], "source": None},
        ],
    }  # fmt: skip
    path = tmp_path / "future.ipynb"
    path.write_text(json.dumps(notebook))
    model = inject(path, registry)
    models.save({tmp_path / "future.xmi": model}, registry)
    assert extract(models.load(tmp_path / "future.xmi", registry)) == notebook
    assert [cell.eClass.name for cell in model.cells] == ["CodeCell", "UnrecognizedCell"]


@pytest.mark.parametrize("minor", range(6))
def test_stray_properties_and_odd_metadata_are_kept(minor: int, tmp_path: Path, registry: Registry) -> None:
    cell = code("1", id="x 1" if minor < 5 else "x1", metadata={"name": 5, "tags": "none"}, stray=[1])
    notebook = document(cell, kernelspec={"name": "python3"}, language_info=None)
    notebook["nbformat_minor"] = minor
    path = tmp_path / "odd.ipynb"
    path.write_text(json.dumps(notebook))
    model = inject(path, registry)
    assert len(model.repairs) == 1
    models.save({tmp_path / "odd.xmi": model}, registry)
    assert extract(models.load(tmp_path / "odd.xmi", registry)) == notebook


def test_missing_and_duplicate_ids_are_replaced_the_same_way_every_time(tmp_path: Path, registry: Registry) -> None:
    cells = [code("1"), code("2", id="a"), code("3", id="a"), code("4", id="cell-1"), code("5", id="not valid")]
    path = tmp_path / "ids.ipynb"
    path.write_text(json.dumps({**document(*cells), "nbformat_minor": 5}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = extract(inject(path, registry)), extract(inject(path, registry))
    assert [cell.id for cell in first.cells] == ["cell-1-1", "a", "cell-3", "cell-1", "cell-5"]
    assert first == second
    assert nbformat.validate(first) is None
    assert len(inject(path, registry).repairs) == 3


def test_required_properties_that_are_missing_are_completed(tmp_path: Path, registry: Registry) -> None:
    outputs = [{"output_type": "execute_result", "data": {}}, {"output_type": "stream", "text": "x"}]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 2,
        "cells": [{"cell_type": "code", "source": "1"}, {"cell_type": "code", "source": "2", "outputs": outputs}],
    }
    path = tmp_path / "bare.ipynb"
    path.write_text(json.dumps(notebook))
    model = inject(path, registry)
    nbformat.validate(extract(model))
    assert "cell 1: outputs is missing, taken as []" in list(model.repairs)


def test_older_formats_are_upgraded(tmp_path: Path, registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    result = {"output_type": "pyout", "prompt_number": 4, "text": ["1"], "metadata": {}}
    run = {"collapsed": False, "prompt_number": 4, "metadata": {}, "outputs": [result]}
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Title", "metadata": {}},
        {"cell_type": "code", "language": "python", "input": ["import numpy\n", "1"], **run},
        {"cell_type": "code", "input": "2", "outputs": [], "metadata": {}},  # invalid: no language
    ]
    path = tmp_path / "old.ipynb"
    path.write_text(
        json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]})
    )
    model = inject(path, registry)
    assert (model.upgradedFrom, model.nbformat, model.language) == ("3.0", 4, "python")
    assert [cell.source for cell in model.cells] == ["## Title", "import numpy\n1", "2"]
    assert (model.cells[1].executionCount, model.cells[1].outputs[0].data[0].text) == (4, "1")
    nbformat.validate(extract(model))
    assert extract(inject(path, registry)) == extract(model)
    assert not caplog.records


def test_edited_model_is_extracted_as_edited(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({**document(code("1", id="a"), code("2", id="b")), "nbformat_minor": 5}))
    model = inject(path, registry)
    notebook = registry["notebook"]
    model.cells.remove(model.cells[0])
    model.cells.append(notebook.MarkdownCell(source="new"))
    model.cells[0].tags.append("parameters")
    extracted = extract(model)
    nbformat.validate(extracted)
    assert [(cell.cell_type, cell.source) for cell in extracted.cells] == [("code", "2"), ("markdown", "new")]
    assert extracted.cells[0].metadata == {"tags": ["parameters"]}
