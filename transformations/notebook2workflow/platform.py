"""From what a kernel accepts (magics, shell lines, help) to plain Python statements.

What each magic means is data: ``transformations/knowledge/magics.toml``. Functions of the generated project's runtime
(`RUNTIME`) take the place of what the platform did.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbmde.analysis.cells import SourceStatement, indent, statements
from nbmde.analysis.program import Unit, fresh
from nbmde.analysis.rewrite import Edit, Places, apply
from nbmde.errors import NbmdeError
from nbmde.inject import python_source

RUNTIME = (
    "display",
    "display_markup",
    "run_command",
    "command_output",
    "timed",
    "timeit",
    "write_file",
    "set_environment",
    "change_directory",
    "captured",
)
_PIP = re.compile(
    r"^\s*(?:(?:sudo|python\d?|\{?sys\.executable\}?)\s+(?:-m\s+)?)?(pip\d?|conda|mamba|uv\s+pip)\s+(install|uninstall|list|freeze|show)\b(.*)",
    re.S,
)
_MARKUP = {
    "display_html": "text/html",
    "display_markdown": "text/markdown",
    "display_latex": "text/latex",
    "display_javascript": "application/javascript",
    "display_svg": "image/svg+xml",
}


@dataclass
class Platform:
    """Translates cells; collects requirements and remarks on the way.

    Args:
        magics: rows of ``magics.toml``: name -> {line, cell, reason}.
        identifiers: every name that the notebook uses, so that runtime names do not clash with them.
        file: the notebook, for messages.
    """

    magics: Mapping[str, Mapping[str, Any]]
    identifiers: set[str]
    file: str
    harmless: Mapping[str, Any] = field(default_factory=dict)  # extensions that change nothing that is computed
    requirements: list[str] = field(default_factory=list)
    remarks: list[tuple[int, int, str]] = field(default_factory=list)  # cell, line, message
    used: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.alias = {name: fresh(name, self.identifiers) if name != "display" else name for name in RUNTIME}

    def runtime(self, name: str) -> str:
        """The name by which the statements call a function of the runtime."""
        self.used.setdefault(name)
        return self.alias[name]

    # -- cells ---------------------------------------------------------------------------------------------------
    def units(self, source: str, cell: int) -> list[Unit]:
        """The statements of a cell as plain Python.

        Raises:
            NbmdeError: for a magic that is not supported, or code that is not Python.
        """
        stripped = source.lstrip("\n")
        match = (
            re.match(r"\s*%%(!|\w+)[ \t]*([^\n]*)\n?(.*)", stripped, re.S)
            if stripped.lstrip().startswith("%%")
            else None
        )
        if match is None:
            return self.plain(source, cell)
        name, line, body = match[1], match[2].strip(), match[3]
        treatment = self.treatment(name, "cell", cell, 1)
        units: list[Unit]
        if treatment in _MARKUP:
            units = [self.unit(f"{self.runtime('display_markup')}({_MARKUP[treatment]!r}, {_literal(body)})", cell)]
        elif (handler := getattr(self, f"cell_{treatment}", None)) is not None:
            units = handler(name, line, body, cell)
        else:
            raise self.refuse(cell, 1, f"%%{name} is not supported")
        if units:
            units[-1].ends_cell = True
        return units

    def plain(self, source: str, cell: int, offset: int = 0) -> list[Unit]:
        """The statements of a cell or of the body of a cell magic."""
        try:
            text = python_source(source)
            found = statements(text)
        except SyntaxError as error:
            raise NbmdeError(
                f"this is not Python: {error.msg}",
                file=self.file,
                cell=cell,
                line=(error.lineno or 1) + offset,
                remedy="correct the cell or remove it",
            ) from None
        units: list[Unit] = []
        for statement in found:
            units += self.statement(statement, cell, offset)
        if units and found:
            last = found[-1]
            if isinstance(last.node, ast.Expr) and not last.silenced and units[-1].nodes and _is_value(units[-1]):
                units[-1].echo = not self.is_platform(last.node.value)
            units[-1].ends_cell = True
        return units

    def is_platform(self, node: ast.expr) -> bool:
        """Is this expression a command of the platform, which shows no value of its own?"""
        call = _platform_call(node)
        return call is not None and call[0] != "getoutput"

    def statement(self, statement: SourceStatement, cell: int, offset: int) -> list[Unit]:
        """One statement with its platform calls replaced; none where nothing is left."""
        line = statement.first_line + offset
        calls = [(part, found) for part in ast.walk(statement.node) if (found := _platform_call(part)) is not None]
        if not calls:
            unit = Unit(statement.text, [statement.node], cell, line, statement.last_line + offset)
            unit.nodes = ast.parse(statement.text).body
            return [unit]
        if (
            len(calls) == 1
            and isinstance(statement.node, (ast.Expr, ast.Assign))
            and statement.node.value is calls[0][0]
        ):
            method, arguments = calls[0][1]
            if method == "run_line_magic" and self.magics.get(arguments[0], {}).get("line") == "timing":
                return self.line_timing(arguments[0], arguments[1], statement, cell, line)
        tree = ast.parse(statement.text)
        places = Places(statement.text)
        edits: list[Edit] = []
        for part in ast.walk(tree):
            found = _platform_call(part)
            if found is not None and isinstance(part, ast.Call):
                replacement = self.command(found[0], found[1], cell, line + part.lineno - 1)
                if replacement is None and isinstance(statement.node, ast.Expr):
                    return self._only_comments(statement, cell, line)
                edits.append(places.replace(part, replacement or "None"))
        return [self.unit(apply(statement.text, edits), cell, line, statement.last_line + offset)]

    def _only_comments(self, statement: SourceStatement, cell: int, line: int) -> list[Unit]:
        return []

    def unit(self, text: str, cell: int, line: int = 1, last_line: int = 1) -> Unit:
        """A statement of the given text."""
        return Unit(text, ast.parse(text).body, cell, line, last_line)

    # -- commands ------------------------------------------------------------------------------------------------
    def command(self, method: str, arguments: list[str], cell: int, line: int) -> str | None:
        """The Python expression for a call of the platform; None where it concerns the platform only."""
        if method in ("system", "getoutput"):
            return self.shell(method, arguments[0], cell, line)
        if method == "run_cell_magic":
            raise self.refuse(cell, line, f"%%{arguments[0]} inside a statement is not supported")
        if method != "run_line_magic":
            return None  # help and set_next_input
        name, argument = arguments[0], arguments[1] if len(arguments) > 1 else ""
        treatment = self.treatment(name, "line", cell, line)
        handler: Callable[[str, str, int, int], str | None] | None = getattr(self, f"line_{treatment}", None)
        if handler is None:
            raise self.refuse(cell, line, f"%{name} is not supported")
        return handler(name, argument, cell, line)

    def treatment(self, name: str, place: str, cell: int, line: int) -> str:
        """What is done about a magic."""
        row = self.magics.get(name, {})
        treatment = row.get(place)
        sign = "%" if place == "line" else "%%"
        if treatment is None:
            raise self.refuse(cell, line, f"{sign}{name} is not known")
        if treatment == "refuse":
            raise self.refuse(cell, line, f"{sign}{name} is not supported: {row.get('reason', 'it is no Python')}")
        return str(treatment)

    def refuse(self, cell: int, line: int, reason: str) -> NbmdeError:
        """The refusal of something at a place of this notebook."""
        return NbmdeError(
            reason, file=self.file, cell=cell, line=line, remedy="replace it by plain Python or remove it"
        )

    def shell(self, method: str, command: str, cell: int, line: int) -> str | None:
        match = _PIP.match(command)
        if match:
            if match[2] == "install":
                self.requirements += _requirements(match[3])
            self.remarks.append(
                (cell, line, f"`{match[1]} {match[2]}` is left out: requirements.txt says what is installed")
            )
            return None if method == "system" else "[]"
        function = self.runtime("run_command" if method == "system" else "command_output")
        return f"{function}({self.expanded(command)})"

    def expanded(self, command: str) -> str:
        """A command as a literal; with the values of ``{name}`` and ``$name`` as IPython fills them in."""

        def braces(match: re.Match[str]) -> str | None:
            try:
                names = {
                    part.id for part in ast.walk(ast.parse(match[1].strip(), mode="eval")) if isinstance(part, ast.Name)
                }
            except SyntaxError:
                return None
            return "{" + match[1].strip() + "}" if names and names <= self.identifiers else None

        pieces: list[str] = []
        dynamic = False
        position = 0
        for match in re.finditer(r"\{\{|\}\}|\{([^{}]+)\}|\$\$|\$([A-Za-z_][\w.]*)", command):
            pieces.append(_f_escape(command[position : match.start()]))
            position = match.end()
            filled = None
            if match[0] in ("{{", "}}"):
                filled = match[0]
            elif match[0] == "$$":
                filled = "$"
            elif match[1]:
                filled = braces(match)
                dynamic |= filled is not None
            elif match[2] and match[2].split(".")[0] in self.identifiers:
                filled = "{" + match[2] + "}"
                dynamic = True
            pieces.append(filled if filled is not None else _f_escape(match[0]))
        if not dynamic:
            return _literal(command)
        pieces.append(_f_escape(command[position:]))
        body = "".join(pieces).replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("\n", "\\n")
        return f'f"""{body}"""' if '"' in body else f'f"{body}"'

    # -- line magics, by treatment -------------------------------------------------------------------------------
    def line_drop(self, name: str, argument: str, cell: int, line: int) -> str | None:
        return None

    line_matplotlib = line_config = line_drop

    def line_extension(self, name: str, argument: str, cell: int, line: int) -> str | None:
        extension = argument.strip()
        if extension not in self.harmless:
            raise self.refuse(cell, line, f"the extension {extension} is not known")
        return None

    def line_requirement(self, name: str, argument: str, cell: int, line: int) -> str | None:
        return self.shell("system", f"{name} {argument}", cell, line)

    def line_directory(self, name: str, argument: str, cell: int, line: int) -> str | None:
        if name not in ("cd",):
            return None
        folder = self.expanded(argument.strip().strip("\"'") or "~")
        return f"{self.runtime('change_directory')}({folder})"

    def line_environment(self, name: str, argument: str, cell: int, line: int) -> str | None:
        variable, separator, value = argument.partition("=") if "=" in argument else argument.partition(" ")
        if not separator:
            raise self.refuse(cell, line, f"%{name} {argument} shows the environment, which differs from run to run")
        return f"{self.runtime('set_environment')}({variable.strip()!r}, {self.expanded(value.strip())})"

    def line_shell(self, name: str, argument: str, cell: int, line: int) -> str | None:
        return self.shell("getoutput" if name in ("sx", "!") else "system", argument, cell, line)

    def line_display_markup(self, name: str, argument: str, cell: int, line: int) -> str | None:
        return f"{self.runtime('display_markup')}({_MARKUP.get(name, 'text/plain')!r}, {_literal(argument)})"

    def line_timing(self, name: str, code: str, statement: SourceStatement, cell: int, line: int) -> list[Unit]:
        if name == "timeit":
            options, code = _options(code)
            return [self.unit(self._timeit(code, options, cell, line), cell, line, line)]
        target = ""
        if isinstance(statement.node, ast.Assign):
            target = "".join(ast.unparse(part) + " = " for part in statement.node.targets)
        return self.timed_units(target + code, cell, line)

    def _timeit(self, code: str, options: Mapping[str, str], cell: int, line: int) -> str:
        try:
            body = ast.parse(code).body
        except SyntaxError:
            raise self.refuse(cell, line, "the argument of %timeit is not Python") from None
        if len(body) != 1 or not isinstance(body[0], (ast.Expr, ast.Assign)):
            raise self.refuse(cell, line, "%timeit of a statement is not supported")
        number = "".join(
            f", {keyword}={int(options[key])}" for key, keyword in (("n", "number"), ("r", "repeat")) if key in options
        )
        return f"{self.runtime('timeit')}(lambda: {ast.unparse(body[0].value)}{number})"

    # -- cell magics, by treatment -------------------------------------------------------------------------------
    def cell_drop(self, name: str, line: str, body: str, cell: int) -> list[Unit]:
        return []

    def cell_timing(self, name: str, line: str, body: str, cell: int) -> list[Unit]:
        if name == "timeit":
            _, setup = _options(line)
            units = self.plain(setup, cell) if setup.strip() else []
            code = "\n".join(unit.text for unit in self.plain(body, cell, 1))
            timed = f"def timed_code():\n{indent(code)}\n\n{self.runtime('timeit')}(timed_code)"
            return [*units, self.unit(timed, cell)]
        return self.timed_units(body, cell, 2)

    def timed_units(self, code: str, cell: int, line: int) -> list[Unit]:
        """Statements inside ``with timed():``; the value of the last expression is shown behind the times."""
        inner = self.plain(code, cell, line - 1)
        if not inner:
            return []
        echo = inner[-1].echo
        texts = [unit.text for unit in inner]
        result = fresh("timed_result", self.identifiers)
        if echo:
            node = inner[-1].nodes[-1]
            assert isinstance(node, ast.Expr)
            start, end = Places(texts[-1]).span(node.value)
            texts[-1] = texts[-1][:start] + f"{result} = (" + texts[-1][start:end] + ")" + texts[-1][end:]
        timed = self.unit(
            f"with {self.runtime('timed')}():\n{indent(chr(10).join(texts))}", cell, inner[0].line, inner[-1].last_line
        )
        timed.timed = timed.ends_cell = True
        if not echo:
            return [timed]
        timed.ends_cell = False
        shown = self.unit(result, cell, inner[-1].line, inner[-1].last_line)
        shown.echo = shown.ends_cell = True
        return [timed, shown]

    def cell_capture(self, name: str, line: str, body: str, cell: int) -> list[Unit]:
        inner = self.plain(body, cell, 1)
        words = [word for word in line.split() if not word.startswith("-")]
        target = f" as {words[0]}" if words else ""
        code = indent("\n".join(unit.text for unit in inner) or "pass")
        return [
            self.unit(
                f"with {self.runtime('captured')}(){target}:\n{code}",
                cell,
                2,
                max([2, *(unit.last_line for unit in inner)]),
            )
        ]

    def cell_writefile(self, name: str, line: str, body: str, cell: int) -> list[Unit]:
        words = shlex.split(line)
        append = any(word in ("-a", "--append") for word in words)
        path = [word for word in words if not word.startswith("-")]
        if not path:
            raise self.refuse(cell, 1, f"%%{name} names no file")
        more = ", append=True" if append else ""
        return [self.unit(f"{self.runtime('write_file')}({self.expanded(path[0])}, {_literal(body)}{more})", cell)]

    def cell_shell(self, name: str, line: str, body: str, cell: int) -> list[Unit]:
        program = {"!": "sh", "sx": "sh", "system": "sh", "script": line}.get(name, f"{name} {line}".strip())
        command = body if program in ("sh", "bash") else f"{program} <<'END'\n{body}\nEND"
        return [self.unit(f"{self.runtime('run_command')}({_literal(command)})", cell)]


def _platform_call(node: ast.AST) -> tuple[str, list[str]] | None:
    """Method and literal arguments of a ``get_ipython().method(...)`` call."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "get_ipython"
    ):
        method = "run_line_magic" if node.func.attr == "magic" else node.func.attr
        arguments = [str(argument.value) if isinstance(argument, ast.Constant) else "" for argument in node.args]
        if node.func.attr == "magic" and arguments:
            arguments = [*arguments[0].lstrip("%").split(" ", 1), ""][:2]
        if method in ("run_line_magic", "run_cell_magic", "system", "getoutput", "set_next_input", "show_usage"):
            return method, arguments
    return None


def _is_value(unit: Unit) -> bool:
    return len(unit.nodes) == 1 and isinstance(unit.nodes[0], ast.Expr)


def _literal(text: str) -> str:
    """A Python literal that a person can read: over several lines where the text has several."""
    if "\n" in text.strip("\n") and text.isprintable() is False and all(c.isprintable() or c in "\n\t" for c in text):
        body = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        if body.endswith('"'):
            body = body[:-1] + '\\"'
        return f'"""\\\n{body}"""'
    return json.dumps(text, ensure_ascii=False) if text.isprintable() and "\\" not in text else repr(text)


def _f_escape(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _options(code: str) -> tuple[dict[str, str], str]:
    options: dict[str, str] = {}
    while match := re.match(r"\s*-(\w)\s*(\d*)\s*", code):
        options[match[1]] = match[2] or "1"
        code = code[match.end() :]
    return options, code


def _requirements(arguments: str) -> list[str]:
    try:
        words = shlex.split(arguments.split("#")[0].split(";")[0].split("&&")[0])
    except ValueError:
        return []
    return [word for word in words if re.match(r"^[A-Za-z0-9][\w.\-]*(\[[\w,\- ]+\])?([=<>!~]=?[\w.*,<>=!]+)?$", word)]


def identifiers(sources: Iterable[str]) -> set[str]:
    """Every word in the sources that could be a name."""
    return {word for source in sources for word in re.findall(r"(?<![\w.])[^\W\d]\w*", source)}
