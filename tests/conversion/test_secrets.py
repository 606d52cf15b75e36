"""Secrets in a notebook reach no generated file but .env, and the project computes what the notebook does."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import knowledge, m2m, m2t, models, pipeline
from nbmde.engine.diagnostics import Diagnostic
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import injection

m2m.find("notebook2workflow")
from nbmde_transformations.notebook2workflow import secret_removal, secrets  # noqa: E402

from nbmde.notebooks.analysis.program import Unit  # noqa: E402

LETTERS = "Fa1kE9bT4cQ7dW2eR8fY5gU3hI6jO0kP1lA9mS4nD7oF2pG8qH5rJ3sK6tL0uZ1vX9wC4xV7yB2zN8"
HEX = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
AWS = "AKIA" + "FAKE2345FAKE6723"
AWS_SECRET = "fAkE" + LETTERS[:36]
GITHUB = "ghp" + "_" + LETTERS[:36]
FINE_GRAINED = "github" + "_pat_" + LETTERS[:22] + "_" + LETTERS[:59]
HUGGING_FACE = "hf" + "_" + "FaKeToKeNoFrIgHtFoRmAtAbCdEfGhIjKl"
OPENAI = "sk" + "-proj-" + LETTERS[:40] + "T3BlbkFJ" + LETTERS[:40]
GOOGLE = "AIza" + LETTERS[:35]
BEARER = LETTERS[10:50]
WEAK = "winter22"
ADDRESS = "postgresql://joe:" + "Xk3fAkE9q" + "@db.local:5432/sales"
KEY_BLOCK = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *[LETTERS[:64]] * 4, "-----END RSA PRIVATE KEY-----"])

NOTEBOOK = [
    ("markdown", f"# Sales\n\nLog in with {GITHUB}.\n\nNothing else."),
    ("code", "import json\nimport os"),
    ("code", f"# api_key = '{HEX}'\napi_key = '{HEX}'\nprint(len(api_key), os.sep)"),
    ("markdown", f"## Connect\n\npassword: {WEAK}"),
    (
        "code",
        f"key_id = '{AWS}'\naws_secret_access_key = '{AWS_SECRET}'\nprint(len(key_id), len(aws_secret_access_key))",
    ),
    (
        "code",
        "def connect(host, password='none', retries=3):\n"
        f'    """Connects: connect("db", password="{WEAK}")."""\n'
        "    return len(password)\n\n\n"
        f"print(connect('db', password='{WEAK}'))",
    ),
    ("code", f"engine = '{ADDRESS}'\nprint(len(engine))"),
    (
        "code",
        f"headers = {{'Authorization': 'Bearer {BEARER}', 'Accept': 'json'}}\nprint(len(headers['Authorization']))",
    ),
    (
        "code",
        f"page = 3\nurl = f\"https://api.local/x?token={GITHUB}&page={{page:03d}}&q={{'a' + 'b'}}\"\n"
        "print(len(url), url[-12:])",
    ),
    ("markdown", "## Ask"),
    (
        "code",
        f"def token():\n    # {HUGGING_FACE}\n    return '{HUGGING_FACE}'\n\n\n"
        f"def ask(question, *, secret='{BEARER}x'):\n    return len(question) + len(secret)\n\n\n"
        f"class Client:\n    key = '{GOOGLE}'\n\n    def ask(self):\n        return len(self.key)\n\n\n"
        "print(len(token()), ask('?'), Client().ask())",
    ),
    (
        "code",
        f"block = '''{KEY_BLOCK}'''\nprint(len(block), block.count('\\n'))\n"
        f"raw = b'{OPENAI}'\nprint(len(raw), raw[:2])",
    ),
    ("code", f"!echo 'Authorization: Bearer {BEARER}y' | wc -c"),
    ("code", f"%env SERVICE_API_KEY={HEX[::-1]}"),
    ("code", f'settings = json.loads(\'{{"user": "joe", "password": "{WEAK}"}}\')\nprint(len(settings[\'password\']))'),
]
VALUES = [
    AWS, AWS_SECRET, GITHUB, HUGGING_FACE, OPENAI, GOOGLE, BEARER, WEAK, HEX, HEX[::-1], ADDRESS, "Xk3fAkE9q",
    LETTERS[:64],
]  # fmt: skip


def document(cells: list[tuple[str, str]]) -> str:
    """An ipynb file."""
    found = [
        {"id": f"c{number}", "cell_type": kind, "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source) in enumerate(cells)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": found})


def convert(folder: Path, cells: list[tuple[str, str]], layout: str = "mlops") -> tuple[Path, list[Diagnostic]]:
    """The project of a notebook, and what was said."""
    path = folder / "sales.ipynb"
    path.write_text(document(cells), encoding="utf-8")
    outcome = pipeline.run(pipeline.find("nb2project"), path, models.Registry(), {"layout": layout})
    m2t.write(outcome.files, folder / "sales")
    return folder / "sales", outcome.notices


def run(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the project in an environment without its secrets."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "scripts/train.py"], cwd=project, env={**inherited, "PYTHONPATH": "src", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def printed(cells: list[tuple[str, str]]) -> str:
    """What the Python of the cells prints."""
    code = "\n".join(source for kind, source in cells if kind == "code" and source[0] not in "!%")
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout):
        exec(compile(code, "notebook", "exec"), {"__name__": "__main__"})
    return stdout.getvalue()


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Diagnostic]]:
    return convert(tmp_path_factory.mktemp("secrets"), NOTEBOOK)


@pytest.fixture(scope="module")
def project(converted: tuple[Path, list[Diagnostic]]) -> Path:
    return converted[0]


def test_no_generated_file_but_env_has_a_secret(project: Path) -> None:
    holders: dict[str, list[str]] = {}
    files = [path for path in project.rglob("*") if path.is_file()]
    assert len(files) > 30
    for path in files:
        found = [value for value in VALUES if value in path.read_text(encoding="utf-8", errors="replace")]
        if found:
            holders[path.relative_to(project).as_posix()] = found
    env = holders.pop(".env")
    assert set(env) == set(VALUES)
    assert set(holders) <= {".nbmde/notebook.xmi", ".nbmde/workflow.xmi", ".nbmde/project.xmi"}


def test_git_ignores_what_holds_secrets(project: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=project, check=True, capture_output=True, text=True
    ).stdout.split()
    assert ".env.example" in tracked
    assert not [path for path in tracked if path == ".env" or path.startswith(".nbmde/")]
    assert ".env" in (project / ".dockerignore").read_text().split()
    private = [project / ".env", *(path for path in (project / ".nbmde").rglob("*") if path.is_file())]
    assert len(private) > 5
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert (project / "README.md").stat().st_mode & 0o044


def test_the_example_has_the_names_and_no_values(project: Path) -> None:
    def assigned(name: str) -> dict[str, str]:
        lines = (project / name).read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    env, example = assigned(".env"), assigned(".env.example")
    assert list(env) == list(example)
    assert set(example.values()) == {""}
    assert env["API_KEY"] == HEX
    assert env["AWS_ACCESS_KEY_ID"] == AWS
    assert env["AWS_SECRET_ACCESS_KEY"] == AWS_SECRET
    assert env["PASSWORD"] == WEAK
    assert env["ENGINE"] == ADDRESS
    assert env["AUTHORIZATION"] == f"'Bearer {BEARER}'"
    assert env["GH_TOKEN"] == GITHUB
    assert env["HF_TOKEN"] == HUGGING_FACE
    assert env["GOOGLE_API_KEY"] == GOOGLE
    assert env["SERVICE_API_KEY"] == HEX[::-1]


def test_the_code_reads_the_environment(project: Path) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(project.glob("src/sales/*/*.py")))
    assert 'api_key = os.environ["API_KEY"]' in code
    assert 'password=os.environ["PASSWORD"]' in code
    assert '"Authorization": os.environ["AUTHORIZATION"], "Accept": "json"' in code
    assert "token={os.environ['GH_TOKEN']}&page={page:03d}" in code
    assert "# api_key = '...'" in code
    assert 'password="..."' in code


def test_the_project_prints_what_the_notebook_prints(project: Path) -> None:
    done = run(project)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith("env: ") and line.strip() != "64"]
    assert lines == printed(NOTEBOOK).splitlines()
    assert f"env: SERVICE_API_KEY={HEX[::-1]}" in done.stdout
    assert "\n64\n" in done.stdout  # of wc -c
    assert (project / "outputs/report.html").stat().st_mode & 0o777 == 0o600
    assert (project / "logs").stat().st_mode & 0o777 == 0o700


def test_the_environment_comes_before_the_file(project: Path) -> None:
    assert run(project, API_KEY="short").stdout.startswith("5 ")


def test_a_missing_secret_is_named(project: Path, tmp_path: Path) -> None:
    env = project / ".env"
    kept = env.read_bytes()
    try:
        env.unlink()
        done = run(project)
    finally:
        env.write_bytes(kept)
    assert done.returncode == 1
    assert "SERVICE_API_KEY" in done.stderr or "API_KEY" in done.stderr


def test_the_project_s_own_tests_find_the_secrets(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=project,
        env={**os.environ, "PYTHONPATH": "src"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_secret_is_reported_at_its_cell_and_line(converted: tuple[Path, list[Diagnostic]]) -> None:
    project, notices = converted
    notices = [notice for notice in notices if notice.severity == "warning"]
    places = {(notice.cell, notice.line): notice.message for notice in notices}
    assert places[3, 1] == "Secret: left out of a comment"
    assert places[3, 2] == "Secret: the code reads it from the environment variable API_KEY"
    assert places[5, 1] == "AWS Access Key: the code reads it from the environment variable AWS_ACCESS_KEY_ID"
    assert places[6, 2] == "Password: left out of a docstring"
    assert places[6, 6] == "Password: the code reads it from the environment variable PASSWORD"
    assert places[9, 2].startswith("GitHub Token: ")
    assert places[4, 0] == "Password: left out of the text"
    assert any("git ignores .nbmde" in notice.message for notice in notices if notice.cell == 0)
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert "- Cell 3, line 2: Secret: the code reads it from the environment variable API\\_KEY." in readme


def test_the_models_conform_and_say_what_was_taken_out(project: Path) -> None:
    registry = models.Registry()
    (root,) = pipeline.load(project / ".nbmde/project.xmi", registry)
    workflow = root.workflow
    read = [secret for secret in workflow.secrets if len(secret.statements)]
    assert [secret.name for secret in root.secrets] == [secret.name for secret in read]
    assert all(secret.value for secret in root.secrets)
    assert not any(secret.value for secret in workflow.secrets if not len(secret.statements))
    for statement in (*workflow.definitions, *(part for step in workflow.steps for part in step.statements)):
        assert not [value for value in VALUES if value in statement.text]
    for secret in read:
        assert all(
            f'environ["{secret.name}"]' in s.text or f"environ['{secret.name}']" in s.text for s in secret.statements
        )


def test_models_with_secrets_are_private_wherever_they_are_saved(project: Path, tmp_path: Path) -> None:
    registry = models.Registry()
    for name, mode in (("workflow", 0o600), ("notebook", 0o644)):
        root = models.load(project / f".nbmde/{name}.xmi", registry)
        files = {tmp_path / f"{name}.xmi": root}
        if name == "workflow":
            files[tmp_path / "beside.xmi"] = root.notebook
        os.umask(0o022)
        models.save(files, registry)
        assert {path.stat().st_mode & 0o777 for path in files} == {mode}
    outcome = pipeline.run(pipeline.find("nb2project"), project.parent / "sales.ipynb", registry, {})
    pipeline.save_models(outcome.files, tmp_path / "models")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "models").glob("*.xmi")} == {0o600}


def test_single_steps_and_another_layout_give_the_same(project: Path, tmp_path: Path) -> None:
    registry = models.Registry()
    source = tmp_path / "sales.ipynb"
    source.write_text(document(NOTEBOOK), encoding="utf-8")
    root: Any = injection.inject(source, registry)
    models.save({tmp_path / "nb.xmi": root}, registry)
    for name, before, after, options in (
        ("notebook2workflow", "nb", "wf", {}),
        ("workflow2project", "wf", "project", {"layout": "mlops"}),
    ):
        registry = models.Registry()
        model = pipeline.load(tmp_path / f"{before}.xmi", registry)
        made = pipeline.apply(name, model, registry, options, source)
        files = {f"{after}.xmi": made.root, f"{after}.trace.xmi": made.trace}
        if refinements := pipeline.refinements(made.root):
            files[f"{after}.refinements.xmi"] = refinements
        models.save({tmp_path / file: model for file, model in files.items()}, registry)
    registry = models.Registry()
    files = pipeline.generate("mlproject", pipeline.load(tmp_path / "project.xmi", registry), registry)
    written = {path: file.content for path, file in files.items()}
    for path, content in written.items():
        if path not in (".gitignore",):
            assert (project / path).read_bytes() == content, path
    basic, _ = convert(tmp_path, NOTEBOOK, "basic")
    assert (basic / ".env").read_bytes() == (project / ".env").read_bytes()
    assert run(basic).stdout == run(project).stdout


def test_a_name_os_of_the_notebook_s_own_is_left_alone(tmp_path: Path) -> None:
    cells = [("code", f"os = 'linux'\napi_key = '{HEX}'\nprint(os, len(api_key))")]
    project, _ = convert(tmp_path, cells)
    done = run(project)
    assert done.stdout == "linux 32\n", done.stderr
    assert "import os as os_" in "\n".join(path.read_text() for path in project.glob("src/sales/*/*.py"))


def test_an_import_of_os_below_does_not_help(tmp_path: Path) -> None:
    cells = [("code", f"api_key = '{HEX}'\nprint(len(api_key))"), ("code", "import os\nprint(os.sep)")]
    done = run(convert(tmp_path, cells)[0])
    assert done.stdout == "32\n/\n", done.stderr


def test_a_module_beside_the_notebook_that_holds_one_is_reported(tmp_path: Path) -> None:
    (tmp_path / "access.py").write_text(f"TOKEN = '{GITHUB}'\n", encoding="utf-8")
    (tmp_path / "tools.py").write_text("TOKEN = 'the'\n", encoding="utf-8")
    _, notices = convert(tmp_path, [("code", "import access\nimport tools\nprint(len(access.TOKEN), tools.TOKEN)")])
    assert {notice.message for notice in notices} == {"access.py holds a secret, and comes along as it is"}


def test_a_module_that_a_cell_writes_is_refused_if_it_holds_one(tmp_path: Path) -> None:
    cells = [("code", "%%writefile access.py\nimport sys\nPASSWORD = 'tiger'"), ("code", "import access")]
    with pytest.raises(NbmdeError, match=r"cell 1, line 3: a secret in access\.py"):
        convert(tmp_path, cells)
    read = [
        ("code", "%%writefile access.py\nimport os\nPASSWORD = os.environ['PGPASSWORD']"),
        ("code", "import access"),
    ]
    assert not [notice for notice in convert(tmp_path, read)[1] if "secret" in notice.message]


def test_the_text_of_a_cell_that_the_notebook_shows_has_none(tmp_path: Path) -> None:
    cells = [("code", f"api_key = '{HEX}'  # {GITHUB}\nprint(len(api_key))"), ("code", "print(In[1])")]
    project = convert(tmp_path, cells)[0]
    public = [path for path in project.rglob("*") if path.is_file() and ".nbmde" not in path.parts]
    texts = {path.name: path.read_text(errors="replace") for path in public}
    assert [name for name, text in texts.items() if HEX in text or GITHUB in text] == [".env"]
    assert run(project).stdout == f"32\n{cells[0][1]}\n"


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "code", "source": "# the password is tiger"},
        {"cell_type": "code", "source": f"!pip install git+https://{GITHUB}@git.local/joe/tools"},
        {"cell_type": "code", "source": "1", "outputs": [{"output_type": "stream", "name": "stdout", "text": GITHUB}]},
        {"cell_type": "code", "source": f"token = '{GITHUB}'", "metadata": {"tags": ["skip-execution"]}},
        {"cell_type": "raw", "source": "password: tiger"},
        {"cell_type": "markdown", "source": f"The end. API key: {HEX}"},
        {"cell_type": "markdown", "source": "The end.", "metadata": {"note": GITHUB}},
    ],
)
def test_what_only_the_models_hold_is_kept_from_others_as_well(tmp_path: Path, cell: dict[str, Any]) -> None:
    notebook = json.loads(document([("code", "print(1)")]))
    added = {"id": "x", "metadata": {}} | cell
    if cell["cell_type"] == "code":
        added = {"outputs": [], "execution_count": None} | added
    notebook["cells"].append(added)
    (tmp_path / "sales.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    outcome = pipeline.run(pipeline.find("nb2project"), tmp_path / "sales.ipynb", models.Registry(), {})
    m2t.write(outcome.files, tmp_path / "sales")
    values = ("tiger", GITHUB, HEX)
    holders = {path.split("/")[0] for path, f in outcome.files.items() if any(v.encode() in f.content for v in values)}
    assert holders == {".nbmde"}
    assert ".nbmde/" in (tmp_path / "sales/.gitignore").read_text().split()
    assert (tmp_path / "sales/.nbmde/notebook.xmi").stat().st_mode & 0o777 == 0o600
    assert any(notice.code == "secrets-in-models" for notice in outcome.notices)
    assert not any(value in notice.message for notice in outcome.notices for value in values)


def test_a_notebook_without_secrets_is_as_ever(tmp_path: Path) -> None:
    project, notices = convert(tmp_path, [("code", "total = 1 + 2\nprint(total)")])
    assert not notices
    assert not (project / ".env").exists()
    assert ".nbmde/" not in (project / ".gitignore").read_text().split()
    assert (project / ".nbmde/project.xmi").stat().st_mode & 0o044


def test_the_library_is_imported_only_where_something_looks_like_a_secret(tmp_path: Path) -> None:
    (tmp_path / "plain.ipynb").write_text(document([("code", "\n".join(ORDINARY))]), encoding="utf-8")
    (tmp_path / "secret.ipynb").write_text(document([("code", f"api_key = '{HEX}'")]), encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from nbmde.engine import models, pipeline\n"
        "pipeline.run(pipeline.find('nb2project'), Path(sys.argv[1]), models.Registry(), {})\n"
        "print('detect_secrets' in sys.modules)"
    )
    for name, loaded in (("plain", "False\n"), ("secret", "True\n")):
        command = [sys.executable, "-c", code, f"{name}.ipynb"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout == loaded


# -- what is one, and what is none -----------------------------------------------------------------------------------
ORDINARY = [
    "token = 'the'",
    "tokens = 'the quick brown fox'.split()",
    "password_column = 'password'",
    "api_key = 'YOUR_API_KEY'",
    "api_key = ''",
    "api_key = 'xxxxxxxxxxxxxxxxxxxx'",
    "secret = '<token>'",
    "password = 'changeme'",
    "names = {'password': 'text', 'token': 'token_count', 'key': 'id'}",
    "key = 'number_of_rooms_2019'",
    "pad_token, unk_token = '<PAD>', '[UNK]'",
    "tokenizer = 'bert-base-uncased'",
    "token_pattern = r'(?u)\\b\\w\\w+\\b'",
    "model = {'key': 'resnet50'}['key']",
    "random_state = 42",
    "sort_key = 'sales_2019_q3'",
    "primary_key = 'customer_id'",
    "prompt = 'Enter your password: '",
    "path = '/home/joe/secrets/token.json'",
    "same = 'password' == 'passwort'",
    "url = 'http://example.com:8080/a@b'",
    "pad_token, tok, bearer = '<pad>', 'bert-base-uncased', 'customer_name'",
    "add_special_tokens({'additional_special_tokens': ['<speaker_one>', '[END_OF_TURN_2]']})",
    "token_pattern = token_re = r'(?:[A-Z]{2,}|[a-z]+)\\d*'",
    "api_key = 'OPENAI_API_KEY'",
    "first_pass, low_pass = 'mean_value', 'butterworth_4'",
    "df['password'] = 'weakness'",
    "schema = {'password': 'VARCHAR', 'token': 'ForeignKey', 'host': 'text'}",
    "dsn = conn_str = 'sqlite:///sales_2019.db'",
    "client_secret = '/content/drive/client_secret.json'",
    "run_command('wget -nc https://site.local/words.zip -P data')",
    "run_command('mysql -u root -p sales')",
    "run_command('tool --token --verbose-output-of-all')",
    "run_command('curl -u joe:$PASSWORD https://site.local')",
    "# The units that we would pass: layer_dimensions; the password is required; password - case-sensitive",
    "print('token: the smallest unit of text')",
    "# The password is hashed; password: required. The password is case-sensitive and the token is invalid.",
    "# password: the user's password, a string. pass: skip. Passwords: weak, medium, strong",
    "# token is the key word of a sentence; password - minimum eight characters",
    "password = getpass('Enter your password: ')",
    "password = input('password of joe?')",
    "pwd = os.getcwd() + '/data'",
    "df.loc[df.password == 'weak']",
    "token = 'word2vec'; key = 'Q3_2019'; tok = 'B-PER'; token = 'covid19'",
    "secret = 'the treasure'",
    "tokens = {'a': 'noun', 'b': 'verb'}",
    "layers = ['dense', '-p', 'conv']",
    "label = 'password: %s' % name",
    "auth = ['read', 'write', 'own']",
]
ALIKE = [
    "tokens = ['B-PER', 'xlm-roberta-base', 'C3H8O2N4S1']",
    "key = 'TCGA-A1-A0SB-01A-11R-A144-07'",
    "digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'",
    "link = 'https://raw.githubusercontent.com/x/y/1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b/data.csv'",
    "example = 'AKIAIOSFODNN7EXAMPLE'",
    "address = 'postgresql://user:password@localhost/db'",
]


def hidden(code: str) -> tuple[str, secret_removal.Hidden]:
    """A statement without its secrets."""
    unit = Unit(code, ast.parse(code).body, 1)
    result = secret_removal.hide([unit], {}, knowledge.table("secrets"), [], "x.ipynb")
    return unit.text, result


@pytest.mark.parametrize("line", ORDINARY + ALIKE)
def test_an_ordinary_line_is_none(line: str) -> None:
    text, found = hidden(line)
    assert (text, found.remarks, found.secrets) == (line, [], [])


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (f"x = '{AWS}'", ["AWS_ACCESS_KEY_ID"]),
        (
            f"client('s3', aws_access_key_id='{AWS}', aws_secret_access_key='{AWS_SECRET}')",
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        ),
        (f"x = '{FINE_GRAINED}'", ["GH_TOKEN"]),
        (f"github_token = '{GITHUB}'", ["GH_TOKEN"]),
        (f"openai.api_key = '{OPENAI}'", ["API_KEY"]),
        (f"os.environ['OPENAI_API_KEY'] = '{OPENAI}'", ["OPENAI_API_KEY"]),
        (f"os.environ.setdefault('WANDB_API_KEY', '{HEX}')", ["WANDB_API_KEY"]),
        (f"wandb.login(key='{HEX}')", ["KEY"]),
        (f"connect(user='root', passwd='{WEAK}')", ["PASSWD"]),
        ("connect(user='root', password='admin')", ["PASSWORD"]),
        (f"pwd = '{WEAK}'", ["PASSWORD"]),
        ("user, password = 'joe', 'tiger'", ["PASSWORD"]),
        ("get(url, auth=('joe', 'tiger'))", ["PASSWORD"]),
        ("get(url, auth=HTTPBasicAuth('joe', 'tiger'))", ["PASSWORD"]),
        ("password = quote_plus('P@ssw0rd!')", ["PASSWORD"]),
        (f"headers = {{'X-API-Key': '{HEX}'}}", ["X_API_KEY"]),
        (f"headers['Authorization'] = 'token {HEX}'", ["AUTHORIZATION"]),
        (f"apiKey = '{HEX}'", ["API_KEY"]),
        (f"def f(token='{HEX}'): pass", ["TOKEN"]),
        (f"tokens = ['{HEX}', '{HEX[::-1]}']", ["TOKENS", "TOKENS_2"]),
        (f"a_token = '{HEX}'; b_token = '{HEX}'", ["A_TOKEN"]),
        (f"read_sql(q, '{ADDRESS}')", ["DATABASE_URL"]),
        ("create_engine('mysql+pymysql://root:root@localhost/db')", ["DATABASE_URL"]),
        (f"get('https://joe:{WEAK}@site.local/x')", ["SERVICE_URL"]),
        (f"get('https://site.local/x?appid={HEX}')", ["APPID_URL"]),
        (f"connect('host=db user=joe password={WEAK}')", ["PASSWORD"]),
        (f"connect('Driver={{x}};Server=db;UID=joe;PWD={WEAK}')", ["PASSWORD"]),
        (f"api_key = os.getenv('API_KEY') or '{HEX}'", ["API_KEY"]),
        (f"f'postgresql://{{user}}:{WEAK}@{{host}}/db'", ["PASSWORD"]),
        (f"f'{{get(\"{GITHUB}\")}}'", ["GH_TOKEN"]),
    ],
)
def test_a_secret_is_found_and_named(code: str, names: list[str]) -> None:
    text, found = hidden(code)
    assert [secret.name for secret in found.secrets] == names
    for value in (*VALUES, "tiger", "P@ssw0rd!", "'admin'"):
        assert value not in text
    assert ast.dump(ast.parse(text)) != ast.dump(ast.parse(code))


@pytest.mark.parametrize(
    "expression",
    [
        f"'{GITHUB}'",
        f"('{GITHUB[:20]}'\n '{GITHUB[20:]}')",
        f"'a {GITHUB} b' + 'c'",
        f"'a {GITHUB} b %d' % 3",
        f"'a {GITHUB} b'.upper()",
        f"'x' if'{GITHUB}'else 'y'",
        f"[len(t)for t in('{GITHUB}','b')]",
        f"b'{GITHUB}'",
        f"b'a {GITHUB}\\xff b'[:3] + b'z'",
        f"f'{GITHUB}'",
        f"f'{{1}} {GITHUB} {{2!r:>5}} {{{{}}}}'",
        f"f'{{\"{GITHUB}\" + str(1)}}\\n'",
        f"f'''a\n{{3}} \"{GITHUB}\" '\n'''",
        f"rf'\\d{{4}} {GITHUB}' 'more'",
        f"'''one\n\"two\" {GITHUB}\n\"'''",
        f"'tab\\t\\\\ {GITHUB} \\n\\x00 end'",
        f"'ä€ {GITHUB} 𝄞'",
        f"('ä', '{GITHUB}', 'ö')",
        f"{{'{GITHUB}': 1}}",
        f"'{KEY_BLOCK.replace(chr(10), chr(92) + 'n')}'",
        f"'{ADDRESS}'",
        f"'no {ADDRESS} here'",
        f"'Bearer {BEARER}'",
    ],
)
def test_the_value_stays_the_same(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, found = hidden(f"value = {expression}")
    for secret in found.secrets:
        monkeypatch.setenv(secret.name, secret.value)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {"os": os}
    exec(f"value = {expression}", before)
    exec(text, after)
    assert after["value"] == before["value"]
    assert not any(value in text for value in (GITHUB, GITHUB[:20], ADDRESS, BEARER)) or "\\xff" in expression


RANDOM = "h7Gq2LxT9vBn4KwZ"
LETTERS_ALONE = "qxkvjzwpbgtrmcfd"


@pytest.mark.parametrize("value", [RANDOM, LETTERS_ALONE, "/" + LETTERS[:39], "a-" + RANDOM, "$" + RANDOM, HEX[:16]])
@pytest.mark.parametrize(
    "line",
    [
        "api_key = '{}'",
        "f(client_secret='{}')",
        "config['access_token'] = '{}'",
        "config = {{'bearer': '{}'}}",
        "os.environ['PGPASSWORD'] = '{}'",
        "mypass = '{}'",
        "tok = '{}'",
        "import wandb\nwandb.login('{}')",
        "from twilio.rest import Client\nClient('AC1', '{}')",
        "import pymysql as my\nmy.connect('db', 'joe', '{}')",
        "SMTP('mail').login('joe', '{}')",
        "# the password is {}",
        "# token - {}",
        "# **API key:** `{}`",
    ],
)
def test_random_characters_under_a_telling_name_are_one(line: str, value: str) -> None:
    if line.startswith("tok") and not re.fullmatch(r"[\w/-]+", value):
        return  # this name also stands for words and marks
    text, found = hidden(line.format(value))
    assert value not in text
    assert found.secrets


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("os.environ['PGPASSWORD'] = 'tiger'", "tiger"),
        ("config['password'] = 'tiger'", "tiger"),
        ("connect(**{'user': 'joe', 'password': 'tiger'})", "tiger"),
        ("settings = {'password': 'tiger'}", "tiger"),
        ("import pymysql\npymysql.connect('db', 'joe', 'tiger')", "tiger"),
        ("server.login('joe', 'tiger')", "tiger"),
        ("run_command('mysql -uroot -ptiger sales')", "tiger"),
        ("run_command('curl -u joe:tiger https://site.local')", "tiger"),
        ("run_command('PGPASSWORD=tiger psql -h db')", "tiger"),
        ("run_command('sshpass -p tiger ssh db')", "tiger"),
        ("run_command('docker login -u joe -p tiger')", "tiger"),
        ("run_command('unzip -P tiger sales.zip')", "tiger"),
        ("run_command('7z x -ptiger sales.7z')", "tiger"),
        ("run_command('redis-cli -h db -a tiger ping')", "tiger"),
        ("run_command('tool --password tiger')", "tiger"),
        ("subprocess.run(['mysql', '-uroot', '-ptiger', 'sales'])", "tiger"),
        ("subprocess.run(['tool', '--password', 'tiger'])", "tiger"),
        ("os.environ.update({'PGPASSWORD': 'tiger'})", "tiger"),
        ("cursor.execute(\"CREATE USER joe IDENTIFIED BY 'tiger'\")", "tiger"),
        (f"consumer_key = '{RANDOM}'", RANDOM),
        ("run_command('tool --db-password=tiger42')", "tiger42"),
        ("run_command('git clone https://joe:tiger@git.local/x.git')", "tiger"),
        ("set_environment('DB_PASSWORD', 'tiger')", "tiger"),
        (f"run_command('wandb login {HEX}')", HEX),
        (f"run_command('huggingface-cli login --token {RANDOM}')", RANDOM),
        (f"run_command('huggingface-cli login --token -{RANDOM}')", RANDOM),
        ("api_key = 'ZSxxxXTZmvrf+uESxCWw8g3B'", "ZSxxxX"),
        (f"run_command('ngrok authtoken {RANDOM}')", RANDOM),
        (f"run_command('aws configure set aws_secret_access_key {RANDOM}')", RANDOM),
        (f"run_command('az storage blob list --account-key {RANDOM}')", RANDOM),
        (f"run_command('export API_TOKEN={RANDOM}')", RANDOM),
        (f"x = 'https://hooks.slack.com/services/T0AB1CD2E/B0AB1CD2E/{RANDOM}ab'", RANDOM),
        (f"x = 'https://discord.com/api/webhooks/123456789012345678/{LETTERS}'", LETTERS),
        (f"x = 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey={LETTERS}=='", LETTERS),
        (f"x = 'https://a.blob.core.windows.net/b?sv=2022&sig={RANDOM}{RANDOM}%3D'", RANDOM),
        (f"x = 'npm_{LETTERS[:36]}'", LETTERS[:36]),
        (f"x = 'glpat-{LETTERS[:20]}'", LETTERS[:20]),
        (f"x = 'xoxb-123456789012-{LETTERS[:24]}'", LETTERS[:24]),
        ("# the password is hunter2", "hunter2"),
        ("# the password is tiger.", "tiger"),
        ("# pw: correct horse battery staple", "horse battery"),
        ("# The password for the data base is `tigerlily`", "tigerlily"),
        ("# Login: joe / tiger42", "tiger42"),
        ("# user: joe, pass: tiger", "tiger"),
        ("# use the old password tiger42 there", "tiger42"),
        (f"# with the token {HEX}", HEX),
        ("# password = 'tiger'", "tiger"),
        ("# server.login('joe', 'tiger')", "tiger"),
        ("def f():\n    '''Logs in.\n\n    >>> connect('joe', password='tiger')\n    '''", "tiger"),
        ("password = 'correct horse battery staple'", "horse battery"),
        ("passphrase = 'correct horse battery staple'", "horse battery"),
        ("app.config['SECRET_KEY'] = 'tigerlily'", "tigerlily"),
        ("api_key = 'Xy4pQ9'", "Xy4pQ9"),
        ("token = 'Xy4pQ9'", "Xy4pQ9"),
        ("dbPassword = 'tiger'; pwd_ = 'tiger'; pswd = 'tiger'; PASS1 = 'tiger'", "tiger"),
        (f"url = 'https://site.local/x?apikey=' + '{HEX}' + '&q=1'", HEX),
        ("url = 'postgres://joe:' + 'tiger' + '@db/x'", "tiger"),
        ("dsn = 'Server=db;UID=joe;PWD=%s' % 'tiger'", "tiger"),
        ("dsn = 'postgres://{}:{}@db/x'.format('joe', 'tiger')", "tiger"),
        ("password = 'tiger' + 'lily'", "lily"),
        ("subprocess.run(['curl', '-u', 'joe:tiger', 'https://site.local'])", "tiger"),
        ("subprocess.run(['sshpass', '-p', 'tiger', 'ssh', 'db'])", "tiger"),
        ("parser.add_argument('-p', '--password', default='tiger')", "tiger"),
        (f"parser.add_argument('--API_KEY', default='{HEX}')", HEX),
        ("os.getenv('DB_PASSWORD', 'tiger')", "tiger"),
        ("os.environ.get('DB_PASSWORD', default='tiger')", "tiger"),
        ("creds = ('joe', 'tiger')", "tiger"),
        ("session.auth = ('joe', 'tiger')", "tiger"),
        ("b64encode(b'joe:tiger')", "tiger"),
        ("driver.find_element(By.NAME, 'password').send_keys('tiger')", "tiger"),
        ("spark.read.format('jdbc').option('password', 'tiger')", "tiger"),
        (f"tokens = {{'a': '{HEX}'}}", HEX),
        ("if password == 'tiger': print(1)", "tiger"),
        ("import cx_Oracle\ncx_Oracle.connect('joe/tiger@db:1521/sales')", "tiger"),
        ("write_file('db.ini', '[db]\\npassword = tiger\\n')", "tiger"),
        ("write_file('db.yaml', 'db:\\n  user: joe\\n  password: tiger\\n')", "tiger"),
        ('run_script(\'bash\', \'curl -d {"user": "joe", "password": "tiger"} https://x\')', "tiger"),
        (f"x = 'shpat_{HEX}'", HEX),
        (f"x = 'ya29.{LETTERS[:60]}'", LETTERS[:60]),
        (f"post('https://hooks.local/services/{RANDOM}abcd')", RANDOM),
    ],
)
def test_secrets_in_every_kind_of_place_are_found(line: str, word: str) -> None:
    text, found = hidden(line)
    assert word not in text
    assert found.secrets
    ast.parse(text)


def test_a_secret_in_a_pattern_is_refused() -> None:
    with pytest.raises(NbmdeError, match="case of match"):
        hidden(f"match x:\n    case '{GITHUB}':\n        pass")


def test_the_same_value_elsewhere_is_taken_out_too() -> None:
    first, second = (
        Unit(code, ast.parse(code).body, number)
        for number, code in enumerate([f"note = 'log in with {WEAK}'  # {WEAK}!", f"login(password='{WEAK}')"], 1)
    )
    found = secret_removal.hide([first, second], {}, knowledge.table("secrets"), [], "x.ipynb")
    assert first.text == "note = 'log in with ' + os.environ[\"PASSWORD\"]  # ...!"
    assert second.text == 'login(password=os.environ["PASSWORD"])'
    assert [secret.name for secret in found.secrets if secret.read] == ["PASSWORD"]


@pytest.mark.parametrize("size", [100_000])
@pytest.mark.parametrize(
    "text", ["a" * 50, "token=" * 9, "://a:b", "key_", "aB3", "passwordpass", "https://x:y", "eyJ", "\n=", "(["]
)
def test_long_texts_take_no_time(text: str, size: int) -> None:
    detection = secrets.Detection(knowledge.table("secrets"))
    begin = os.times().user
    detection.find(text * (size // len(text)), {})
    assert os.times().user - begin < 2


def test_values_are_read_back_from_the_file(project: Path, tmp_path: Path) -> None:
    values = [
        "plain",
        "",
        "with space",
        "#hash",
        "it's",
        'say "x"',
        "a\\nb",
        "two\nlines\r\n",
        "${HOME}",
        " edge ",
        "ä€",
        "a=b",
        "'q'",
    ]
    escaping = m2t.escaping  # type: ignore[attr-defined]
    lines = [f"V{number}={escaping.dotenv(value)}" for number, value in enumerate(values)]
    assert all("\n" not in line for line in lines)
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    code = (
        "import json, os; from pathlib import Path; from sales.utils.train import load_environment\n"
        f"load_environment(Path({str(tmp_path / '.env')!r}))\n"
        f"print(json.dumps([os.environ.get(f'V{{n}}', '') for n in range({len(values)})]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project / "src", capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == values
    assert re.search(r"^V0=plain$", (tmp_path / ".env").read_text(encoding="utf-8"), re.M)
