"""The distributions that a notebook's imports come from."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from notebook_documents import document

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Registry
from nbmde.notebooks.inject import inject, installed
from nbmde.notebooks.inject.declared import declarations
from nbmde.notebooks.inject.enclosing_project import Surroundings

Injected = Callable[..., EObject]
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()


def distributions(notebook: EObject) -> dict[str, tuple[str | None, str | None, list[str]]]:
    """Version, declaration and imports by canonical name."""
    return {installed.canonical(d.name): (d.version, d.declared, list(d.imports)) for d in notebook.distributions}


def test_installed_distributions_behind_imports(injected: Injected) -> None:
    notebook = injected("import yaml, json, os.path\nfrom lxml import etree\nimport not_installed_anywhere")
    assert distributions(notebook) == {
        "lxml": (metadata.version("lxml"), None, ["lxml"]),
        "pyyaml": (metadata.version("pyyaml"), None, ["yaml"]),
    }
    assert notebook.python == ".".join(map(str, sys.version_info[:3]))


def test_knowledge_of_an_extension_comes_first(write: Write, tmp_path: Path) -> None:
    write(
        '[distributions]\n"yaml" = "lxml"\n"jinja2" = "rich"\n"jinja2.sandbox" = "hypothesis"\n',
        "ext/transformations/knowledge/distributions.toml",
    )
    path = write(document("import yaml\nfrom jinja2.sandbox import x\nimport pytest.x"))
    found = distributions(inject(path, Registry(extensions=(tmp_path / "ext",))))
    assert found["lxml"][2] == ["yaml"]
    assert found["hypothesis"][2] == ["jinja2.sandbox"]
    assert found["pytest"][2] == ["pytest"]


def test_declared_versions_are_recorded_with_their_file(write: Write, injected: Injected) -> None:
    write("PyYAML>=5,<8\nunheard-of==1.2 # why\n", "requirements.txt")
    notebook = injected("import yaml, unheard_of", name="nb/work.ipynb")
    assert distributions(notebook) == {
        "pyyaml": (metadata.version("pyyaml"), "<8,>=5", ["yaml"]),
        "unheard-of": (None, "==1.2", ["unheard_of"]),
    }
    assert {d.declaredIn for d in notebook.distributions} == {"../requirements.txt"}


def test_another_interpreter_is_asked(write: Write, registry: Registry, tmp_path: Path) -> None:
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (site,) = environment.glob("[Ll]ib/**/site-packages")
    info = site / "Foreign_Thing-3.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Foreign-Thing\nVersion: 3.1\n")
    (info / "RECORD").write_text("thing/__init__.py,,\nthing_extra.py,,\n")
    path = write(document("import thing.part, thing_extra, yaml"))
    candidates = (environment / "bin" / "python", environment / "Scripts" / "python.exe")
    python = next(candidate for candidate in candidates if candidate.exists())
    notebook = inject(path, registry, python)
    assert distributions(notebook) == {"foreign-thing": ("3.1", None, ["thing", "thing_extra"])}


def test_an_interpreter_that_does_not_run_is_refused(write: Write, registry: Registry, tmp_path: Path) -> None:
    path = write(document("import yaml"))
    with pytest.raises(NbmdeError, match="does not run as a Python interpreter"):
        inject(path, registry, tmp_path / "no-python")


def test_namespace_packages_go_to_the_distribution_with_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, files in (("space-one", "space/one/__init__.py,,\n"), ("space-two", "space/two.py,,\n"), ("space", "")):
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text(files)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = installed.lookup([], ["space.one.x", "space.two", "nothing.here"])
    assert found["providers"] == {"space.one.x": "space-one", "space.two": "space-two"}
    assert found["versions"]["space-two"] == ["space-two", "1.0"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements.txt", "numpy==1.2.*\nPandas [x] >= 1 ; python_version > '3'\nold; python_version < '3'\n-e .\n"
                             "a @ https://x.org/a.whl\nscipy>=1 --hash=sha256:0 \\\n --hash=sha256:1\n???\n",
         {"numpy": "==1.2.*", "Pandas": ">=1", "a": "", "scipy": ">=1"}),
        ("requirements.txt", "# conda\nnumpy=1.21.2=py38_0\n", {"numpy": "==1.21.2"}),
        ("requirements-dev.txt", "-r base.txt\nb\n", {"a": "==1", "b": ""}),
        ("environment.yml", "dependencies:\n- python=3.8\n- numpy=1.21\n- scipy==1.7.1\n- conda-forge::pytorch>=1.9\n"
                            "- pip\n- pandas=1.3.2=py38_0\n- pip:\n  - foo==2\n",
         {"numpy": "==1.21.*", "scipy": "==1.7.1", "torch": ">=1.9", "pandas": "==1.3.2", "foo": "==2"}),
        ("pyproject.toml", "[project]\nname='x'\ndependencies=['a>1']\noptional-dependencies.d=['b']\n"
                           "[dependency-groups]\nt=['c<2']",
         {"a": ">1", "b": "", "c": "<2"}),
        ("pyproject.toml", "[tool.poetry.dependencies]\npython='^3.8'\na='^1.2'\nb='~1.2.3'\nc='^0.3'\n"
                           "d={version='2.*'}\ne='*'",
         {"a": "<2,>=1.2", "b": "<1.3,>=1.2.3", "c": "<0.4,>=0.3", "d": "==2.*", "e": ""}),
        ("Pipfile", "[packages]\na='*'\nb='==1.0'\n", {"a": "", "b": "==1.0"}),
        ("environment.yml", "- just\n- a list\n", {}),
        ("pyproject.toml", "not = [toml", {}),
    ],
)  # fmt: skip
def test_declarations_of_every_kind(name: str, text: str, expected: dict[str, str], write: Write) -> None:
    write("a==1\n", "base.txt")
    path = write(text, name)
    found = declarations(Surroundings.of(path))
    assert {declaration.name: declaration.specifier for declaration in found.values()} == expected


def test_nearest_declaration_counts_and_nothing_above_the_repository(write: Write, tmp_path: Path) -> None:
    write("a==1\nb==1\n", "requirements.txt")
    write(b"\xff\xfe" + "a==2\n".encode("utf-16-le"), "nb/requirements.txt")
    (tmp_path.parent / "requirements-above.txt").write_text("c==1")
    found = declarations(Surroundings.of(tmp_path / "nb" / "x.ipynb"))
    assert {name: (d.specifier, d.file) for name, d in found.items()} == {
        "a": ("==2", "requirements.txt"), "b": ("==1", "../requirements.txt")}  # fmt: skip


def test_what_an_imported_distribution_requires_is_recorded_where_it_tells(write: Write, tmp_path: Path) -> None:
    """pytest requires pluggy; jinja2 requires markupsafe, which nobody calls telling here."""
    write('[required]\ntelling = ["Pluggy", "pytest"]\n', "ext/transformations/knowledge/distributions.toml")
    path = write(document("import pytest, jinja2"))
    notebook = inject(path, Registry(extensions=(tmp_path / "ext",)))
    found = {
        item.name.lower(): (item.version, [other.name for other in item.requires]) for item in notebook.distributions
    }
    assert found == {
        "jinja2": (metadata.version("jinja2"), []),
        "pluggy": (metadata.version("pluggy"), []),
        "pytest": (metadata.version("pytest"), ["pluggy"]),
    }


@pytest.mark.parametrize("module", ["antigravity", "test.autotest", "idlelib.idle"])
def test_a_module_that_is_a_program_is_not_run_for_its_names(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho ran > {marker}\n")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    assert installed.public_names(module) is None
    assert not marker.exists()
