"""What is no notebook, or no notebook of Python 3, is refused with file, cell, line, reason and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_documents import code, document

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Registry
from nbmde.notebooks.inject import check_python, extract, inject
from nbmde.notebooks.inject import write as write_notebook

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"import pandas as pd\nprint(pd)\n", "plain Python source"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
        (b'{"cells": [], "metadata": {"title": "\xe9\xff"}, "nbformat": 4}', "not UTF-8"),
        (b'{"cells": [', "truncated"),
        (b'{"cells": [], "metadata": {"a": "b', "truncated"),
        (b'{"cells": [], "metadata": tru', "truncated"),
        (b"{'cells': []}", "not JSON"),
        (b'{"cells": [],\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> x\n}', "merge conflict"),
        (b'<<<<<<< HEAD\n{"cells": []}\n=======\n{"cells": [1]}\n>>>>>>> x\n', "merge conflict"),
        (b"[1, 2]", "not a notebook"),
        (b'{"name": "package"}', "not a notebook"),
        (b'{"cells": [], "nbformat": "4"}', "nbformat is not a number"),
        (b'{"cells": [], "nbformat": 7}', "nbformat 7 is not known"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": "x"}', "nbformat_minor"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4}', "'nbformat_minor' is a required property"),
        (b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 4}', "'cells' is a required property"),
        (b'{"cells": {}, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}', "not a valid notebook"),
        (b'{"cells": [], "metadata": [], "nbformat": 4, "nbformat_minor": 4}', "not a valid notebook"),
        (b'{"worksheets": 5, "metadata": {}, "nbformat": 3, "nbformat_minor": 0}', "cannot be upgraded"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_files_that_are_no_notebooks(content: bytes, reason: str, write: Write, registry: Registry) -> None:
    path = write(content)
    with pytest.raises(NbmdeError) as refusal:
        inject(path, registry)
    assert reason in str(refusal.value)
    assert refusal.value.file == str(path)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(NbmdeError, match=r"nowhere\.ipynb: cannot be read: No such file"):
        inject(tmp_path / "nowhere.ipynb", registry)
    with pytest.raises(NbmdeError, match="cannot be read: Is a directory"):
        inject(tmp_path, registry)


def test_truncation_and_merge_conflicts_name_the_line(write: Write, registry: Registry) -> None:
    with pytest.raises(NbmdeError) as refusal:
        inject(write('{\n "cells": [\n'), registry)
    assert refusal.value.line == 3
    with pytest.raises(NbmdeError) as refusal:
        inject(write('{\n<<<<<<< ours\n"a": 1,\n=======\n>>>>>>> theirs\n}'), registry)
    assert refusal.value.line == 2


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ({"cell_type": "markdown", "metadata": {}}, "'source' is a required property"),
        ({"cell_type": "heading", "metadata": {}, "source": "x", "level": 1}, "heading"),
        ({"cell_type": "code", "metadata": {}, "source": 5, "outputs": [], "execution_count": None}, "source"),
        (code("1", outputs=[{"output_type": "stream", "name": "stdout", "text": 5}]), "outputs/0"),
        (code("1", execution_count="3"), "execution_count"),
    ],
)
def test_invalid_cells_are_named(cell: dict[str, Any], reason: str, write: Write, registry: Registry) -> None:
    with pytest.raises(NbmdeError) as refusal:
        inject(write(document("1", cell)), registry)
    assert refusal.value.cell == 2
    assert reason in refusal.value.reason


def test_broken_entry_of_an_edited_model_is_named(write: Write, registry: Registry) -> None:
    model = inject(write(document("1", title="x")), registry)
    model.metadata[0].value = "{"
    with pytest.raises(NbmdeError, match="does not hold JSON"):
        extract(model)


def test_a_place_that_cannot_be_written_to(tmp_path: Path, write: Write, registry: Registry) -> None:
    model = inject(write(document("1")), registry)
    with pytest.raises(NbmdeError, match=r"out\.ipynb: cannot be written: No such file"):
        write_notebook(model, tmp_path / "nowhere" / "out.ipynb")
    with pytest.raises(NbmdeError, match="cannot be written: Not a directory"):
        write_notebook(model, tmp_path / "work.ipynb" / "out.ipynb")


PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
        ({"language_info": {"name": "julia"}}, "Julia"),
        ({"kernelspec": {"name": "julia-1.9", "display_name": "Julia 1.9"}}, "Julia"),
        ({"kernelspec": {"name": "xcpp17", "display_name": "C++17"}, "language_info": {"name": "c++"}}, "C++"),
        ({"kernelspec": {"name": "scala", "display_name": "Scala", "language": "scala"}}, "Scala"),
        ({"kernelspec": {"name": "pysparkkernel", "display_name": "PySpark", "language": "python"}}, "PySpark"),
        ({"kernelspec": {"name": "glue_pyspark", "display_name": "Glue PySpark", "language": "python"}}, "AWS Glue"),
        ({"kernelspec": {"name": "sagemath", "display_name": "SageMath 9.2", "language": "python"}}, "SageMath"),
        ({"kernelspec": {"name": "sos", "display_name": "SoS", "language": "sos"}}, "SoS"),
        ({"kernelspec": {"name": "xonsh", "display_name": "Xonsh", "language": "xonsh3"}}, "xonsh"),
        ({"kernelspec": {"name": "coconut3", "display_name": "Coconut"}}, "Coconut"),
        ({"language_info": {"name": "brainfuck"}}, "brainfuck"),
        ({"language": "Julia"}, "Julia"),
    ],
)
def test_other_languages_are_named(metadata: dict[str, Any], language: str, write: Write, registry: Registry) -> None:
    model = inject(write(document("x = 1", **metadata)), registry)
    with pytest.raises(NbmdeError, match=r"work\.ipynb: the notebook's kernel is .*, not Python") as refusal:
        check_python(model)
    assert f"kernel is {language}" in refusal.value.reason


def test_language_of_the_cells_of_older_formats(write: Write, registry: Registry) -> None:
    cell = {
        "cell_type": "code",
        "language": "ruby",
        "input": "x = 1",
        "outputs": [],
        "metadata": {},
        "collapsed": False,
    }
    model = inject(
        write({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}), registry
    )
    with pytest.raises(NbmdeError, match="kernel is Ruby"):
        check_python(model)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        PYTHON,
        {"kernelspec": {"name": "venv-3.9", "display_name": "my env", "language": "python"}},
        {"language_info": {"name": "python"}, "kernelspec": {"name": "conda-env-r-py", "display_name": "R and D"}},
        {"kernelspec": {"name": "python2", "display_name": "Python 2"}},
        {"kernelspec": None, "language_info": "odd"},
    ],
)
def test_python_kernels_of_any_name_are_taken(metadata: dict[str, Any], write: Write, registry: Registry) -> None:
    check_python(inject(write(document("%matplotlib inline\nx = !ls\nawait y", **metadata)), registry))


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("x = 1\nprint x", 2, "Python 2 (print statement): print x"),
        ("print 'a', 'b'", 1, "Python 2 (print statement)"),
        ("import sys\n\nprint >>sys.stderr, 'a'", 3, "Python 2 (print statement)"),
        ("try:\n    f()\nexcept ValueError, e:\n    pass", 3, "Python 2 (except with a comma)"),
        ("x = `1`", 1, "Python 2 (backticks)"),
        ("exec 'a = 1'", 1, "Python 2 (exec statement)"),
        ("raise ValueError, 'a'", 1, "Python 2 (raise with a comma)"),
        ("if 1 <> 2: pass", 1, "Python 2 (<> for !=)"),
        ("x = 0777", 1, "Python 2 (octal number without 0o)"),
        ("x = 10L", 1, "Python 2 (long integer)"),
    ],
)
def test_python_2_is_refused_at_its_line(source: str, line: int, reason: str, write: Write, registry: Registry) -> None:
    with pytest.raises(NbmdeError) as refusal:
        check_python(inject(write(document("y = 1", source)), registry), "a/b.ipynb")
    assert reason in refusal.value.reason
    assert (refusal.value.file, refusal.value.cell, refusal.value.line) == ("a/b.ipynb", 2, line)


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("x = (1\ny = 2", 1, "x = (1"),
        ("\n\n%matplotlib inline\n!ls \\\n  -l\nx = 1 2", 6, "x = 1 2"),
        ("collections.", 1, "collections."),
        ("def f():\nreturn 1", 2, "return 1"),
        ("return 5", 1, "return 5"),
        ("curl -X POST http://a", 1, "curl -X POST"),
        ("x = '\ud800'", None, "surrogate"),
        ("(" * 5000 + ")" * 5000, 1, "nested"),
    ],
)
def test_cells_that_do_not_parse_are_named(
    source: str, line: int | None, text: str, write: Write, registry: Registry
) -> None:
    with pytest.raises(NbmdeError) as refusal:
        check_python(inject(write(document("y = 1", "", source)), registry))
    assert "not Python" in refusal.value.reason
    assert text in refusal.value.reason
    assert (refusal.value.file, refusal.value.cell, refusal.value.line) == ("work.ipynb", 3, line)


@pytest.mark.parametrize("cells", [[], ["", "  \n"], [{"cell_type": "markdown", "metadata": {}, "source": "x"}]])
def test_notebooks_without_code(cells: list[Any], write: Write, registry: Registry) -> None:
    with pytest.raises(NbmdeError, match="has no code"):
        check_python(inject(write(document(*cells)), registry))


def test_cells_of_other_languages_by_magic_are_not_this_checks_business(write: Write, registry: Registry) -> None:
    check_python(inject(write(document("%%R\nx <- c(1, 2)", "%%bash\nls | wc -l", "?print", "len?")), registry))
