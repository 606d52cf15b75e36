"""A command that reads runs nothing that a file names: no module, template or transformation of a stranger's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

EVIL = "open({marker!r}, 'w').write('ran')\n"
READING = {
    "report": ["report", "project"],
    "report as JSON": ["report", "project", "--json", "report.json"],
    "trace a line": ["trace", "project", "src/sums/pipeline.py:1"],
    "explain": ["explain", "../evil"],
    "validate": ["validate", "project/.nbmde/project.xmi", "project/.nbmde/mlproject.trace.xmi"],
    "show": ["show", "project/.nbmde/mlproject.trace.xmi"],
    "query": ["query", "project/.nbmde/mlproject.trace.xmi", "len(Region)"],
    "diff": ["diff", "project/.nbmde/mlproject.trace.xmi", "project/.nbmde/workflow2project.trace.xmi"],
    "export": ["export", "project/.nbmde/mlproject.trace.xmi", "--to", "json"],
    "migrate": ["migrate", "project/.nbmde/workflow.xmi", "-o", "migrated.xmi"],
    "extract": ["extract", "project/.nbmde/notebook.xmi", "-o", "back.ipynb"],
    "transform": ["transform", "workflow2project", "project/.nbmde/workflow.xmi", "-o", "again.xmi"],
    "generate": ["generate", "project/.nbmde/project.xmi", "-o", "again"],
    "trace a cell": ["trace", "sums.ipynb", "2", "--project", "project"],
    "go on from a model": ["run", "nb2project", "project/.nbmde/workflow.xmi", "-o", "again"],
    "look at what would change": ["run", "nb2project", "sums.ipynb", "-o", "project", "--keep-edited"],
    "inject": ["inject", "sums.ipynb", "-o", "nb.xmi"],
    "batch": ["batch", "sums.ipynb", "-o", "many", "--resume"],
    "list metamodels": ["metamodel", "list"],
    "show a metamodel": ["metamodel", "show", "workflow"],
    "draw a metamodel": ["metamodel", "diagram", "workflow", "-o", "w.svg"],
    "document metamodels": ["metamodel", "doc", "-o", "m.md"],
    "write an interface": ["metamodel", "api", "workflow", "-o", "interface"],
    "extensions": ["extensions"],
    "steps": ["steps"],
    "rules": ["rules", "workflow2project"],
    "templates": ["templates"],
    "completion": ["completion", "bash"],
}
BESIDE = [
    "conftest",
    "sitecustomize",
    "usercustomize",
    "setup",
    "nbmde",
    "ast",
    "yaml",
    "pyecore",
    "detect_secrets",
    "csv",
]


@pytest.fixture
def project(nbmde, notebook: Path, tmp_path: Path) -> Path:
    done = nbmde("run", "nb2project", notebook, "-o", "project")
    assert done.returncode == 0, done.stderr
    evil = tmp_path / "evil"
    evil.mkdir()
    code = EVIL.format(marker=str(tmp_path / "ran"))
    for name in ("__init__.py", "queries.py"):
        (evil / name).write_text(code)
    (evil.with_suffix(".py")).write_text(code)
    (evil / "generation.toml").write_text('[[file]]\nfor = "Project"\npath = "x"\ntemplate = "x.j2"\n')
    for name in BESIDE:
        for folder in (tmp_path, tmp_path / "project"):
            (folder / f"{name}.py").write_text(code)
    (tmp_path / "many").mkdir()
    record = {"notebook": str(evil), "project": str(evil), "status": "converted", "python": str(evil), "seconds": 0}
    (tmp_path / "many" / "batch.jsonl").write_text(json.dumps(record) + "\n")
    models = tmp_path / "project" / ".nbmde"
    for path in models.glob("*.xmi"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'transformation="[^"]*"', f'transformation="{evil}"', text), encoding="utf-8")
    assert f'transformation="{evil}"' in (models / "mlproject.trace.xmi").read_text(encoding="utf-8")
    manifest = json.loads((models / "manifest.json").read_text(encoding="utf-8"))
    manifest["generator"] = str(evil)
    (models / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    edited = tmp_path / "project" / "src" / "sums" / "pipeline.py"
    edited.write_text("# edited\n" + edited.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path / "project"


def test_every_command_that_reads_is_here(nbmde) -> None:
    listed = nbmde("--help").stdout.partition("Commands:")[2]
    commands = set(re.findall(r"(?m)^  ([a-z]+)  ", listed))
    assert {"run", "query", "lock"} < commands
    elsewhere = {"verify", "lock", "new"}  # run the notebook, ask the index, write what is theirs alone
    assert commands - elsewhere == {arguments[0] for arguments in READING.values()}


@pytest.mark.parametrize("how", READING)
def test_a_command_runs_nothing_that_a_model_names(nbmde, project: Path, tmp_path: Path, how: str) -> None:
    done = nbmde(*READING[how])
    assert not (tmp_path / "ran").exists()
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert "fault of nbmde" not in done.stderr


@pytest.mark.parametrize("name", ["{evil}", "../evil", "evil/../evil", ".", "evil.queries"])
def test_a_name_leads_to_no_file_that_is_not_known(nbmde, project: Path, tmp_path: Path, name: str) -> None:
    name = name.format(evil=tmp_path / "evil")
    for arguments in (
        ["generate", "project/.nbmde/project.xmi", "-o", "again", "--templates", name],
        ["transform", name, "project/.nbmde/workflow.xmi", "-o", "again.xmi"],
        ["run", name, "sums.ipynb", "-o", "again"],
    ):
        done = nbmde(*arguments)
        assert not (tmp_path / "ran").exists()
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert re.search(r"no (generation|transformation|pipeline)", done.stderr)
