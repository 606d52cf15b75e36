"""Compiled templates are kept beside the templates, and used only for what they were compiled from."""

from __future__ import annotations

import shutil
from pathlib import Path

import jinja2
import pytest

from nbmde.engine import models
from nbmde.engine.m2t import bytecode
from nbmde.engine.m2t.templates import Templates


def upper(text: str) -> str:
    return text.upper()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.j2").write_text("{{ 'a' | upper }} {{ element.name }}\n")
    return tmp_path


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the templates that were compiled."""
    names: list[str] = []
    compile_ = jinja2.Environment.compile

    def recorded(self: jinja2.Environment, source: str, name: str | None = None, *rest: object, **more: object):  # type: ignore[no-untyped-def]
        names.append(str(name))
        return compile_(self, source, name, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", recorded)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    return names


def rendered(folder: Path, anew: bool = True) -> str:
    """What the template gives, in a process of its own if it is asked for."""
    if anew:
        bytecode._compiled.clear()
    element = models.Registry()["mlproject"].Project(name="b")
    return Templates([folder], {"upper": upper}).render("page.j2", element, {})[0]


def test_a_template_is_compiled_once(folder: Path, compilations: list[str]) -> None:
    assert [rendered(folder), rendered(folder)] == ["A b\n"] * 2
    assert compilations == ["page.j2"]
    assert len(list((folder / "__pycache__").iterdir())) == 1


def test_a_changed_template_is_compiled_again(folder: Path, compilations: list[str]) -> None:
    rendered(folder)
    (folder / "page.j2").write_text("{{ element.name }}!\n")
    assert rendered(folder) == "b!\n"
    assert len(compilations) == 2


def test_a_changed_filter_counts_as_well(folder: Path, compilations: list[str], tmp_path_factory) -> None:
    """Jinja2 applies filters to constants when it compiles."""
    module = tmp_path_factory.mktemp("queries") / "queries.py"
    for ending in ("!", "?"):
        module.write_text(f"def upper(text):\n    return text.upper() + {ending!r}\n")
        names: dict[str, object] = {}
        exec(compile(module.read_text(), str(module), "exec"), names)
        bytecode._compiled.clear()
        element = models.Registry()["mlproject"].Project(name="b")
        text = Templates([folder], {"upper": names["upper"]}).render("page.j2", element, {})[0]  # type: ignore[dict-item]
        assert text == f"A{ending} b\n"


def test_templates_that_moved_are_compiled_again(folder: Path, compilations: list[str], tmp_path: Path) -> None:
    """Errors name the file of a template, which is part of the compiled code."""
    rendered(folder)
    shutil.copytree(folder, moved := tmp_path / "moved")
    rendered(moved)
    assert len(compilations) == 2


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\n"])
def test_a_damaged_file_does_not_matter(folder: Path, compilations: list[str], damage: bytes) -> None:
    rendered(folder)
    (file,) = (folder / "__pycache__").iterdir()
    whole = file.read_bytes()
    for content in (damage, whole[: len(whole) // 2]):
        file.write_bytes(content)
        assert rendered(folder) == "A b\n"


def test_where_nothing_can_be_kept_templates_still_work(folder: Path, compilations: list[str]) -> None:
    (folder / "__pycache__").write_text("a file is in the way")
    assert [rendered(folder), rendered(folder)] == ["A b\n"] * 2
    assert len(compilations) == 2


def test_one_process_compiles_a_template_once_even_so(folder: Path, compilations: list[str]) -> None:
    (folder / "__pycache__").write_text("a file is in the way")
    assert [rendered(folder), rendered(folder, anew=False)] == ["A b\n"] * 2
    (folder / "page.j2").write_text("{{ element.name }}!\n")
    assert rendered(folder, anew=False) == "b!\n"
    assert len(compilations) == 2
