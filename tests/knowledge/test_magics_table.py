"""Every magic of the installed IPython has a row in magics.toml, and every row is well-formed."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

import pytest
from IPython.core.alias import default_aliases
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magics import ExecutionMagics, ScriptMagics

COLUMNS = {"line", "cell", "reason", "runs", "binds", "command", "if_first", "options"}


@pytest.fixture(scope="module")
def installed() -> dict[str, set[str]]:
    """Names of line and cell magics of a kernel: IPython's own and ipykernel's."""
    from ipykernel.zmqshell import KernelMagics

    shell = InteractiveShell()
    listed = shell.magics_manager.lsmagic()
    names = {kind: set(listed[kind]) for kind in ("line", "cell")}
    for kind in ("line", "cell"):
        names[kind] |= set(KernelMagics.magics[kind])
    return names


def test_every_magic_of_ipython_has_a_treatment(magics: dict[str, Any], installed: dict[str, set[str]]) -> None:
    rows = magics["magics"]
    assert len(installed["line"]) > 80
    assert len(installed["cell"]) > 20
    for kind in ("line", "cell"):
        missing = {name for name in installed[kind] if kind not in rows.get(name, {})}
        assert missing == set(), f"no treatment of these {kind} magics"


def test_rows_have_known_columns_and_declared_treatments(magics: dict[str, Any]) -> None:
    used = set()
    for name, row in magics["magics"].items():
        assert re.fullmatch(r"!!?|(databricks\.)?[A-Za-z_][\w-]*", name), name
        assert row.keys() <= COLUMNS, name
        treatments = {row[kind] for kind in ("line", "cell", "if_first") if kind in row}
        assert row.keys() & {"line", "cell"}, name
        assert treatments <= magics["treatments"].keys(), name
        used |= treatments
    assert used == magics["treatments"].keys()


def test_what_is_dropped_or_refused_says_why(magics: dict[str, Any]) -> None:
    for name, row in magics["magics"].items():
        silent = {row.get("line"), row.get("cell")} & {"drop", "refuse", "store"}
        assert bool(silent) == ("reason" in row), name
        if "refuse" in silent:
            assert ": " in row["reason"], f"{name}: no remedy"


def test_timing_says_how_often_its_body_runs_and_whether_names_stay(magics: dict[str, Any]) -> None:
    for name, row in magics["magics"].items():
        timing = "timing" in (row.get("line"), row.get("cell"))
        assert timing == ("runs" in row) == ("binds" in row), name
        assert row.get("runs", "once") in ("once", "many"), name
        assert isinstance(row.get("binds", True), bool), name
    assert magics["magics"]["time"]["binds"]
    assert not magics["magics"]["timeit"]["binds"]


OPTIONS = {  # of magics of other packages, as these give them to IPython's parse_options
    "lprun": "rsf:m:D:T:u:z",
    "mprun": "rf:T:c",
    "snakeviz": "t",
}


def test_options_that_are_left_out_have_values_where_they_have_some(magics: dict[str, Any]) -> None:
    source = inspect.getsource(ExecutionMagics.prun)
    [own] = re.findall(r"parse_options\(\s*parameter_s,\s*['\"]([\w:]+)", source)
    known = {**OPTIONS, "prun": own}
    rows = {name: row["options"] for name, row in magics["magics"].items() if "options" in row}
    assert set(rows) == set(known)
    for name, options in rows.items():
        assert set(re.findall(r"\w:?", options)) <= set(re.findall(r"\w:?", known[name])), name


def test_time_binds_names_and_timeit_does_not(magics: dict[str, Any]) -> None:
    for name in ("time", "timeit"):
        shell = InteractiveShell()
        options = "-n1 -r1 " if name == "timeit" else ""
        shell.run_cell(f"%{name} {options}bound = 1", store_history=False, silent=True)
        assert ("bound" in shell.user_ns) == magics["magics"][name]["binds"], name


@pytest.mark.skipif(sys.platform != "linux", reason="the aliases of IPython differ between systems")
def test_aliases_stand_for_the_commands_of_ipython(magics: dict[str, Any]) -> None:
    for name, command in default_aliases():
        assert magics["magics"][name]["line"] == "shell"
        assert magics["magics"][name]["command"] == command


def test_scripts_of_other_interpreters_are_fed_to_them(magics: dict[str, Any]) -> None:
    for name in ScriptMagics().script_magics:
        row = magics["magics"][name]
        assert row["cell"] in ("shell", "python"), name
        assert row["cell"] == "python" or row["command"] == name, name


def test_extensions_that_bring_refused_magics_are_not_harmless(magics: dict[str, Any]) -> None:
    refused = {name.lower() for name, row in magics["magics"].items() if "refuse" in (row.get("line"), row.get("cell"))}
    assert not refused & {name.lower() for name in magics["harmless_extensions"]}
    assert all(isinstance(effect, str) and effect for effect in magics["harmless_extensions"].values())


@pytest.mark.parametrize(
    ("treatment", "names"),
    [
        ("directory", {"cd", "popd", "pushd", "pwd"}),
        ("environment", {"env", "set_env"}),
        ("extension", {"load_ext", "reload_ext"}),
        ("requirement", {"conda", "mamba", "micromamba", "pip", "uv"}),
        ("run", {"run"}),
        ("config", {"config", "pprint", "precision"}),
        ("silent", {"magic", "man", "pdef", "pdoc", "pfile", "pinfo", "pinfo2", "psearch", "psource"}),
        (
            "refuse",
            {
                *("alias", "alias_magic", "bookmark", "code_wrap", "ed", "edit", "macro", "pastebin", "rerun", "reset"),
                *("reset_selective", "who_ls", "xdel"),
            },
        ),
    ],
)
def test_magics_of_ipython_are_treated_by_what_they_do(
    magics: dict[str, Any], installed: dict[str, set[str]], treatment: str, names: set[str]
) -> None:
    rows = magics["magics"]
    found = {name for name in installed["line"] if rows[name]["line"] == treatment}
    others = {"conda", "mamba", "micromamba", "pip", "uv"} - installed["line"]  # as IPython's version has them
    assert found == {name for name in names - others if name in installed["line"]}
    assert found


def test_what_is_measured_often_is_what_runs_often(magics: dict[str, Any]) -> None:
    rows = magics["magics"]
    assert {name for name, row in rows.items() if row.get("runs") == "many"} == {"memit", "timeit"}
    assert {name for name, row in rows.items() if row.get("binds") is False} == {"timeit"}
    assert {name for name, row in rows.items() if "if_first" in row} == {"reset", "reset_selective", "who_ls"}
