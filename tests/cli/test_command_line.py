"""What a user types, sees and gets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    "run",
    "inject",
    "extract",
    "transform",
    "generate",
    "validate",
    "diff",
    "verify",
    "batch",
    "report",
    "completion",
]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_comes_at_once_and_shows_an_example(nbmde, command: list[str]) -> None:
    seconds = []
    for _ in range(3):
        begin = os.times()
        done = nbmde(*command, "--help")
        end = os.times()
        # the processor's time: what the clock says where nothing else runs
        seconds.append(end.children_user + end.children_system - begin.children_user - begin.children_system)
        assert done.returncode == 0
    assert min(seconds) < 0.3
    assert f"nbmde {command[0] if command else 'run'}" in done.stdout


def test_no_heavy_module_is_imported_for_help() -> None:
    heavy = ("pyecore", "lxml", "jinja2", "nbformat", "IPython")
    code = f"import sys, nbmde.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_notebook_becomes_a_project_that_runs(nbmde, notebook: Path, tmp_path: Path) -> None:
    done = nbmde("run", "nb2project", notebook, "-o", "sums")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sums: ")
    assert (tmp_path / "sums/src/sums/pipeline.py").is_file()
    assert (tmp_path / "sums/.nbmde/workflow.xmi").is_file()
    code = (
        "from pathlib import Path; from sums.config import load_config; from sums.pipeline import run\n"
        "run(load_config(Path('.')), Path('.'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "sums",
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "total 15.0\n15.0\n", done.stderr


@pytest.mark.parametrize("layout", ["mlops", "basic"])
def test_the_steps_one_by_one_give_the_same_bytes(nbmde, notebook: Path, tmp_path: Path, layout: str) -> None:
    commands = [
        ["run", "nb2project", notebook, "-o", "whole", "--layout", layout],
        ["inject", notebook, "-o", "a/nb.xmi"],
        ["transform", "notebook2workflow", "a/nb.xmi", "-o", "b/wf.xmi", "--trace", "traces/t1.xmi"],
        ["transform", "workflow2project", "b/wf.xmi", "-o", "project.xmi", "--layout", layout],
        ["generate", "project.xmi", "-o", "steps"],
        ["run", "nb2project", "b/wf.xmi", "-o", "rest", "--layout", layout],
        ["run", "nb2project", notebook, "-o", "seeded", "--layout", layout],
    ]
    for number, command in enumerate(commands):
        done = nbmde(*command, PYTHONHASHSEED=str(number))
        assert done.returncode == 0, done.stderr
    whole = tree(tmp_path / "whole")
    assert len(whole) > 15
    assert tree(tmp_path / "seeded") == whole
    assert tree(tmp_path / "steps") == whole
    assert tree(tmp_path / "rest") == whole


def test_extract_undoes_inject(nbmde, notebook: Path, tmp_path: Path) -> None:
    import nbformat

    assert nbmde("inject", notebook, "-o", "nb.xmi").returncode == 0
    assert nbmde("extract", "nb.xmi", "-o", "again.ipynb").returncode == 0
    assert nbformat.read(tmp_path / "again.ipynb", 4) == nbformat.read(notebook, 4)


def test_models_can_be_saved_elsewhere_as_well(nbmde, notebook: Path, tmp_path: Path) -> None:
    assert nbmde("run", "nb2project", notebook, "-o", "p", "--models", "m").returncode == 0
    saved = tree(tmp_path / "m")
    assert {"notebook.xmi", "workflow.xmi", "project.xmi", "metamodels/workflow.ecore"} <= set(saved)
    assert saved["workflow.xmi"] == (tmp_path / "p/.nbmde/workflow.xmi").read_bytes()


def test_an_edited_model_in_the_project_can_be_gone_on_from(nbmde, notebook: Path, tmp_path: Path) -> None:
    assert nbmde("run", "nb2project", notebook, "-o", "p").returncode == 0
    model = tmp_path / "p/.nbmde/project.xmi"
    text = model.read_text(encoding="utf-8")
    assert "Sums" in text
    model.write_text(text.replace("Sums", "Great sums"), encoding="utf-8")
    done = nbmde("generate", model, "-o", "p")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "p/README.md").read_text(encoding="utf-8").startswith("# Great sums")
    assert "Great sums" in model.read_text(encoding="utf-8")


def test_what_a_person_changed_is_not_lost(nbmde, notebook: Path, tmp_path: Path) -> None:
    assert nbmde("run", "nb2project", notebook, "-o", "p").returncode == 0
    readme = tmp_path / "p/README.md"
    readme.write_text("mine", encoding="utf-8")
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("# Sums", "# Totals"), encoding="utf-8")
    before = tree(tmp_path / "p")
    done = nbmde("run", "nb2project", notebook, "-o", "p")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: p: ")
    assert "README.md" in done.stderr
    assert tree(tmp_path / "p") == before
    done = nbmde("run", "nb2project", notebook, "-o", "p", "--keep-edited")
    assert done.returncode == 0
    assert "kept: p/README.md" in done.stderr
    assert readme.read_text(encoding="utf-8") == "mine"
    assert "Totals" in (tmp_path / "p/pyproject.toml").read_text(encoding="utf-8")


def test_a_folder_of_somebody_else_is_refused(nbmde, notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").write_text("x")
    done = nbmde("run", "nb2project", notebook, "-o", "mine")
    assert done.returncode == 1
    assert done.stderr == "error: mine: is not empty, and was not generated by nbmde (choose another folder)\n"
    assert tree(tmp_path / "mine") == {"thesis.tex": b"x"}


def test_valid_models_and_notebooks_are_said_to_be(nbmde, notebook: Path) -> None:
    nbmde("inject", notebook, "-o", "nb.xmi")
    done = nbmde("validate", "nb.xmi", notebook)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"nb.xmi: Notebook is valid\n{notebook}: Notebook is valid\n"


def test_each_error_is_one_line_with_file_place_and_reason(nbmde, notebook: Path, tmp_path: Path) -> None:
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("factor = 2.5", "print 'x'"), encoding="utf-8")
    done = nbmde("run", "nb2project", notebook, "-o", "p")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "sums.ipynb, cell 4, line 1: " in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "p").exists()
    (tmp_path / "broken.xmi").write_text("<xmi", encoding="utf-8")
    done = nbmde("validate", "broken.xmi", "sums.ipynb")
    assert done.returncode == 1
    assert done.stderr.startswith("error: broken.xmi, line 1: ")


def test_differences_between_models_are_listed(nbmde, notebook: Path, tmp_path: Path) -> None:
    nbmde("inject", notebook, "-o", "a.xmi")
    assert nbmde("diff", "a.xmi", "a.xmi").stdout == ""
    text = (tmp_path / "a.xmi").read_text(encoding="utf-8")
    (tmp_path / "b.xmi").write_text(text.replace("# Sums", "# Totals"), encoding="utf-8")
    done = nbmde("diff", "a.xmi", "b.xmi")
    assert done.returncode == 1
    assert "'# Sums' -> '# Totals'" in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "nb2project", "missing.ipynb", "-o", "x"],
        ["run", "nb2project", "sums.ipynb"],
        ["run", "nb2project", "sums.ipynb", "-o", "x", "--layout", "round"],
        ["run", "nb2project", "sums.ipynb", "-o", "x", "--set", "novalue"],
        ["generate", "missing.xmi", "-o", "x"],
        ["fly"],
        ["inject", "sums.ipynb", "-o", "x.xmi", "--colour"],
    ],
)
def test_wrong_usage_is_exit_code_2(nbmde, notebook: Path, tmp_path: Path, arguments: list[str]) -> None:
    done = nbmde(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["run", "nb2project", "sums.ipynb", "-o", "x", "--set", "layuot=basic"],
            "no option 'layuot' (options are: layout",
        ),
        (
            ["transform", "notebook2workflow", "sums.xmi", "-o", "x", "--set", "a=1"],
            "no option 'a' (options are: serve)",
        ),
        (["run", "nothing", "sums.ipynb", "-o", "x"], "no pipeline 'nothing' (known: nb2project)"),
        (["transform", "nothing", "sums.xmi", "-o", "x"], "no transformation 'nothing'"),
        (["transform", "workflow2project", "sums.xmi", "-o", "x"], "takes a model of workflow, not of notebook"),
        (["run", "nb2project", "numbers.csv", "-o", "x"], "not a notebook"),
        (["inject", "sums.ipynb", "-o", "numbers.csv/x.xmi"], "cannot be written"),
        (["generate", "sums.xmi", "-o", "x"], "no generation 'notebook'"),
        (["extract", "trace.xmi", "-o", "x.ipynb"], "Trace"),
    ],
)
def test_what_cannot_be_done_is_exit_code_1_and_one_line(
    nbmde, notebook: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    assert nbmde("inject", notebook, "-o", "sums.xmi").returncode == 0
    trace = '<trace:Trace xmlns:trace="http://nbmde.org/trace/1" id="t" transformation="x"/>'
    (tmp_path / "trace.xmi").write_text(trace, encoding="utf-8")
    done = nbmde(*arguments)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_a_fault_of_nbmde_is_one_line_that_says_so(nbmde, notebook: Path, tmp_path: Path) -> None:
    extension = tmp_path / "own" / "transformations"
    extension.mkdir(parents=True)
    (extension / "broken.toml").write_text('[[step]]\ninject = "notebook"\n', encoding="utf-8")
    sabotage = "import nbmde.engine.pipeline as p\np.inject = lambda *_: 1 / 0\nfrom nbmde.cli import main\nmain()"
    arguments = ["run", "nb2project", str(notebook), "-o", "x"]
    done = subprocess.run(
        [sys.executable, "-c", sabotage, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ZeroDivisionError: division by zero (this is a fault of nbmde")
    assert "Traceback" not in done.stderr
    debug = subprocess.run(
        [sys.executable, "-c", sabotage, *arguments],
        cwd=tmp_path,
        env={"NBMDE_DEBUG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert debug.returncode == 1
    assert "Traceback" in debug.stderr


def test_pipelines_of_an_extension_are_found(nbmde, notebook: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own" / "transformations"
    folder.mkdir(parents=True)
    pipeline = '[[step]]\ninject = "notebook"\n[[step]]\ntransform = "notebook2workflow"\n'
    (folder / "nb2workflow.toml").write_text(pipeline, encoding="utf-8")
    assert nbmde("run", "nb2workflow", notebook, "-o", "x").returncode == 1
    done = nbmde("run", "nb2workflow", notebook, "-o", "models", "--extension", "own")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "models/.nbmde/workflow.xmi").is_file()
    done = nbmde("run", "nb2workflow", notebook, "-o", "models", NBMDE_EXTENSIONS="own")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("pipeline", "reason"),
    [
        ("[[step]\n", "not a readable pipeline"),
        ("", "has no steps"),
        ('[[step]]\nfly = "away"\n', "a step is one of"),
        ('[[step]]\ninject = "notebook"\ntransform = "x"\n', "a step is one of"),
        ('[[step]]\ninject = "notebook"\n[[step]]\ntransform = "nothing"\n', "no transformation 'nothing'"),
    ],
)
def test_a_malformed_pipeline_is_refused(nbmde, notebook: Path, tmp_path: Path, pipeline: str, reason: str) -> None:
    folder = tmp_path / "own" / "transformations"
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text(pipeline, encoding="utf-8")
    done = nbmde("run", "bad", notebook, "-o", "x", "--extension", "own")
    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_shell_completes_commands_and_options(nbmde, tmp_path: Path) -> None:
    done = nbmde("completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "nbmde").write_text(f"#!{sys.executable}\nfrom nbmde.cli import main\n\nmain()\n", encoding="utf-8")
    (tmp_path / "nbmde").chmod(0o755)
    typed = {"nbmde re": ["report"], "nbmde run nb2project x.ipynb --lay": ["--layout"], "nbmde completion f": ["fish"]}
    for line, completed in typed.items():
        words = line.split()
        script = f"{done.stdout}\nCOMP_WORDS=({line})\nCOMP_CWORD={len(words) - 1}\n"
        script += "_nbmde_completion ./nbmde\necho ${COMPREPLY[*]}\n"
        shown = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert shown.stdout.split() == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_offered(nbmde, shell: str) -> None:
    done = nbmde("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_NBMDE_COMPLETE={shell}_complete" in done.stdout


def test_the_version_is_shown(nbmde) -> None:
    assert nbmde("--version").stdout.startswith("nbmde 0.")


def test_a_failing_template_leaves_nothing_and_changes_nothing(nbmde, notebook: Path, tmp_path: Path) -> None:
    templates = tmp_path / "own" / "templates" / "mlproject" / "packaging"
    templates.mkdir(parents=True)
    (templates / "README.md.j2").write_text("# {{ project.title }}\n{{ project.colour }}\n", encoding="utf-8")
    done = nbmde("run", "nb2project", notebook, "-o", "p", "--extension", "own")
    assert done.returncode == 1
    assert "README.md.j2, line 2: " in done.stderr
    assert "Project 'sums'" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"own", "sums.ipynb", "numbers.csv"}
    assert nbmde("run", "nb2project", notebook, "-o", "p").returncode == 0
    before = tree(tmp_path / "p")
    assert nbmde("run", "nb2project", notebook, "-o", "p", "--extension", "own").returncode == 1
    assert tree(tmp_path / "p") == before


def test_steps_are_shown_on_a_terminal_only(notebook: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    shown = b""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        arguments = ["-c", "from nbmde.cli import main; main()", "run", "nb2project", str(notebook), "-o", "p"]
        os.execv(sys.executable, [sys.executable, *arguments])
    while True:
        try:
            shown += (piece := os.read(terminal, 4096))
        except OSError:
            break
        if not piece:
            break
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert b"transform workflow2project" in shown
    assert b"files written" in shown
