"""A coordination file says what is generated; templates say how, and which lines are for which element."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from small_generation import generation, project

from nbmde.engine import m2t, models
from nbmde.engine.m2t import GenerationError

EACH = """
[[file]]
for = "Secret"
path = "{{ element.name }}.txt"
template = "secret.j2"
"""


@pytest.fixture(scope="module")
def registry() -> models.Registry:
    return models.Registry()


def test_one_file_for_each_element_in_the_order_of_paths(tmp_path: Path, registry: models.Registry) -> None:
    small = generation(tmp_path, EACH, secret__j2="{{ element.found }} of {{ project.name }} {{ root.name }}\n")
    files = small.run(project(registry, "b", "a"), registry)
    assert list(files) == ["a.txt", "b.txt"]
    assert files["a.txt"].content == b"a\nfound of p p\n"


def test_rules_have_conditions_and_layouts(tmp_path: Path, registry: models.Registry) -> None:
    rules = EACH + "when = \"element.name != 'a'\"\n"
    small = generation(
        tmp_path,
        rules + '[[file]]\nfor = "Project"\npath = "basic"\ntemplate = "secret.j2"\nlayouts = ["basic"]\n'
        '[[file]]\nfor = "Project"\npath = "mlops"\ntemplate = "secret.j2"\nlayouts = ["mlops"]\nexecutable = true\n',
        secret__j2="x",
    )
    files = small.run(project(registry, "a", "b"), registry)
    assert list(files) == ["b.txt", "mlops"]
    assert files["mlops"].executable


def test_queries_are_filters_and_private_functions_are_not(tmp_path: Path, registry: models.Registry) -> None:
    queries = "def loud(element):\n    return _upper(element.name)\n\ndef _upper(text):\n    return text.upper()\n"
    small = generation(tmp_path, EACH, queries, secret__j2="{{ element | loud }}")
    assert small.run(project(registry, "a"), registry)["a.txt"].content == b"A"
    small = generation(tmp_path, EACH, queries, secret__j2="{{ element.name | _upper }}")
    with pytest.raises(GenerationError, match="_upper"):
        small.run(project(registry, "a"), registry)


def test_files_are_included_and_found_in_subfolders(tmp_path: Path, registry: models.Registry) -> None:
    small = generation(tmp_path, 'include = ["more.toml"]\n', more__toml=EACH, secret__j2="x")
    assert list(small.run(project(registry, "a"), registry)) == ["a.txt"]


def test_an_extension_adds_files_and_replaces_templates(tmp_path: Path, registry: models.Registry) -> None:
    home = tmp_path / "templates" / "mlproject"
    (home / "packaging").mkdir(parents=True)
    (home / "generation.toml").write_text(
        '[[file]]\nfor = "Project"\npath = "Makefile"\ntemplate = "Makefile.j2"\n', encoding="utf-8"
    )
    (home / "Makefile.j2").write_text("train:\n\tpython {{ project.package | identifier }}\n", encoding="utf-8")
    (home / "packaging" / "setup.py.j2").write_text("import setuptools\n", encoding="utf-8")
    m = registry["mlproject"]
    bare = m.Project(name="p", package="p", packages=[m.Package(name="")])
    plain = m2t.find("mlproject").run(bare, registry)
    files = m2t.find("mlproject", (tmp_path,)).run(bare, registry)
    assert set(files) - set(plain) == {"Makefile"}
    assert files["Makefile"].content == b"train:\n\tpython p\n"
    assert {path for path in plain if plain[path] != files[path]} == {"setup.py"}


def test_copied_files_are_the_same_byte_by_byte(tmp_path: Path, registry: models.Registry) -> None:
    content = bytes(range(256)) * 10
    notebook = registry["notebook"]
    asset = notebook.Asset(path="x", content=base64.b64encode(zlib.compress(content)).decode())
    m = registry["mlproject"]
    root = m.Project(name="p", package="p", dataFiles=[m.DataFile(name="x", path="data/x.bin", asset=asset)])
    copy = '[[copy]]\nfor = "DataFile"\npath = "{{ element.path }}"\ncontent = "element.asset.content"\n'
    assert generation(tmp_path, copy).run(root, registry)["data/x.bin"].content == content
    asset.content = "not base64"
    with pytest.raises(GenerationError, match="DataFile 'x'"):
        generation(tmp_path, copy).run(root, registry)


def test_regions_are_lines_of_their_elements(tmp_path: Path, registry: models.Registry) -> None:
    template = (
        "top\n{% for secret in project.secrets %}\n{% region secret %}\n\n{{ secret.found }}\n{% endregion %}\n"
        "{% endfor %}\n{% region project %}{% endregion %}\nend\n"
    )
    one = '[[file]]\nfor = "Project"\npath = "x"\ntemplate = "all.j2"\n'
    root = project(registry, "a", "b")
    file = generation(tmp_path, one, all__j2=template).run(root, registry)["x"]
    assert file.content == b"top\n\na\nfound\n\nb\nfound\nend\n"
    found = [(r.first_line, r.last_line, r.template, r.element) for r in file.regions if not r.template_line]
    assert found == [(3, 4, "all.j2", root.secrets[0]), (6, 7, "all.j2", root.secrets[1])]


def test_regions_nest_and_survive_whatever_the_text_holds(tmp_path: Path, registry: models.Registry) -> None:
    inner = "{% region project.secrets[0] %}\n{{ project.title }}\n{% endregion %}\n"
    template = f"{{% region project %}}\n{inner}x\n{{% endregion %}}"
    one = '[[file]]\nfor = "Project"\npath = "x"\ntemplate = "all.j2"\n'
    root = project(registry, "a")
    root.title = "\ufdd00\ufdd1 \ufdd1 \ufdd2{% region %}"
    file = generation(tmp_path, one, all__j2=template).run(root, registry)["x"]
    assert file.content.decode() == f"{root.title}\nx\n"
    assert [(r.first_line, r.last_line, r.element) for r in file.regions if not r.template_line] == [
        (1, 2, root),
        (1, 1, root.secrets[0]),
    ]


def test_regions_move_with_formatted_lines(tmp_path: Path, registry: models.Registry) -> None:
    function = "{% region s %}\ndef {{ s.name }}(): return {'x':1}\n{% endregion %}\n"
    template = f"{{% for s in project.secrets %}}\n{function}{{% endfor %}}\n"
    one = '[[file]]\nfor = "Project"\npath = "x.py"\ntemplate = "all.j2"\nformat = "python"\n'
    file = generation(tmp_path, one, all__j2=template).run(project(registry, "a", "b"), registry)["x.py"]
    lines = file.content.decode().splitlines()
    assert [lines[r.first_line - 1] for r in file.regions if not r.template_line] == ["def a():", "def b():"]
    assert [r.last_line - r.first_line for r in file.regions if not r.template_line] == [1, 1]


def test_the_trace_holds_all_regions(tmp_path: Path, registry: models.Registry) -> None:
    small = generation(tmp_path, EACH, secret__j2="{% region element %}x{% endregion %}\n")
    root = project(registry, "b", "a")
    trace = small.trace(small.run(root, registry), registry)
    assert trace.transformation == "small"
    assert [(r.file, r.firstLine, r.lastLine, r.template, r.element) for r in trace.regions if not r.templateLine] == [
        ("a.txt", 1, 1, "secret.j2", root.secrets[1]),
        ("b.txt", 1, 1, "secret.j2", root.secrets[0]),
    ]


def test_text_of_the_model_is_never_a_template(tmp_path: Path, registry: models.Registry) -> None:
    root = project(registry, "a")
    root.secrets[0].found = "{{ 1 + 1 }} {% endregion %} {# #}"
    small = generation(tmp_path, EACH, secret__j2="{% region element %}{{ element.found }}{% endregion %}")
    assert small.run(root, registry)["a.txt"].content.decode() == root.secrets[0].found


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("x\n{{ element.nothing }}", r"secret\.j2, line 2: .*nothing.*Secret 'a'"),
        ("x\n\n{% if %}", r"secret\.j2, line 3: .*Secret 'a'"),
        ("x\n{{ 1 / 0 }}", r"secret\.j2, line 2: ZeroDivisionError.*Secret 'a'"),
        ("{% region 1 %}x{% endregion %}", "region is for an element"),
        ("{% include 'missing.j2' %}", r"missing\.j2"),
    ],
)
def test_a_failing_template_names_itself_line_and_element(
    tmp_path: Path, registry: models.Registry, template: str, reason: str
) -> None:
    with pytest.raises(GenerationError, match=reason):
        generation(tmp_path, EACH, secret__j2=template).run(project(registry, "a"), registry)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "c:/x", ".nbmde/manifest.json", "a//b", "x\ny"])
def test_no_path_of_the_model_leads_out_of_the_project(tmp_path: Path, registry: models.Registry, name: str) -> None:
    rules = EACH.replace(".txt", "")
    with pytest.raises(GenerationError, match=r"no path inside|hidden part"):
        generation(tmp_path, rules, secret__j2="x").run(project(registry, name), registry)


@pytest.mark.parametrize(
    "name",
    [
        *(".git/hooks/pre-commit", "x/.GIT/config", ".envrc", ".vscode/tasks.json", "a/.b"),
        *("CON", "aux.csv", "a/com1.txt", "x.", "x ", "a./b", "a:b", "what?", 'a"b'),
    ],
)
def test_no_path_of_the_model_is_obeyed_by_other_programs_or_lost_on_other_systems(
    tmp_path: Path, registry: models.Registry, name: str
) -> None:
    with pytest.raises(GenerationError, match=r"version control|hidden part|no name of a file on Windows"):
        generation(tmp_path, EACH.replace(".txt", ""), secret__j2="x").run(project(registry, name), registry)


@pytest.mark.parametrize("names", [("src/a", "SRC/b"), ("a", "A"), ("caf\u00e9", "cafe\u0301")])
def test_paths_that_some_systems_take_for_one_are_refused(
    tmp_path: Path, registry: models.Registry, names: tuple[str, str]
) -> None:
    with pytest.raises(GenerationError, match="one on some systems"):
        generation(tmp_path, EACH, secret__j2="x").run(project(registry, *names), registry)


def test_hidden_files_that_the_coordination_file_names_are_generated(tmp_path: Path, registry: models.Registry) -> None:
    rules = EACH.replace('path = "', 'path = ".github/')
    assert ".github/a.txt" in generation(tmp_path, rules, secret__j2="x").run(project(registry, "a"), registry)


def test_two_elements_with_one_path_are_refused(tmp_path: Path, registry: models.Registry) -> None:
    with pytest.raises(GenerationError, match=r"'a\.txt' is generated twice"):
        generation(tmp_path, EACH, secret__j2="x").run(project(registry, "a", "a"), registry)


def test_a_file_that_is_a_folder_as_well_is_refused(tmp_path: Path, registry: models.Registry) -> None:
    rules = EACH.replace(".txt", "")
    with pytest.raises(GenerationError, match=r"file.* and a folder"):
        generation(tmp_path, rules, secret__j2="x").run(project(registry, "a", "a/b"), registry)


@pytest.mark.parametrize(
    ("format", "text"),
    [("python", "x = 1\ny = ="), ("toml", "x = 1\ny ="), ("yaml", "x: 1\ny: ]"), ("json", '{\n"x"}')],
)
def test_a_file_that_is_not_what_it_should_be_names_element_file_and_line(
    tmp_path: Path, registry: models.Registry, format: str, text: str
) -> None:
    template = f"{{% region project.secrets[0] %}}\n{text}\n{{% endregion %}}\n"
    rules = f'[[file]]\nfor = "Project"\npath = "x"\ntemplate = "x.j2"\nformat = "{format}"\n'
    with pytest.raises(GenerationError, match=r"^x(, line 2)?: .*Secret 'a'|^x(, line 2)?: .*Project 'p'") as error:
        generation(tmp_path, rules, x__j2=template).run(project(registry, "a"), registry)
    assert format == "toml" or "Secret 'a'" in str(error.value)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("[[file]\n", "not a readable coordination file"),
        ('[[file]]\nfor = "Secret"\npath = "x"\n', "no 'template'"),
        (EACH + "colour = 1\n", "unknown key 'colour'"),
        (EACH + 'format = "pdf"\n', "unknown format 'pdf'"),
        (EACH.replace("Secret", "Nothing"), "no class 'Nothing'"),
        ('include = ["missing.toml"]\n', "missing.toml"),
        ("[colours]\n", "unknown table 'colours'"),
        (EACH + 'when = "element.nothing.at"\n', "nothing"),
        (EACH + 'when = "element.nothing"\n', "nothing"),
    ],
)
def test_a_malformed_coordination_file_is_refused(
    tmp_path: Path, registry: models.Registry, rules: str, reason: str
) -> None:
    with pytest.raises(GenerationError, match=reason):
        generation(tmp_path, rules, secret__j2="x").run(project(registry, "a"), registry)


def test_an_unknown_generation_names_the_known_ones() -> None:
    with pytest.raises(GenerationError, match=r"'nothing'.*mlproject"):
        m2t.find("nothing")
