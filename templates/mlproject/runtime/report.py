"""The run report: what each step printed, showed and drew, in order, on a page that reads like the notebook."""

from __future__ import annotations

import base64
import functools
import html
import inspect
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from string import Template
from types import CodeType, FunctionType
from typing import Any, ParamSpec, TextIO, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

Bundle = Mapping[str, str | bytes]
"""One shown value in its forms, by MIME type. Pictures are bytes or base64."""

PICTURES = {"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}
RICHEST_FIRST = ("text/html", "text/markdown", *PICTURES, "text/latex", "text/plain")

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' data: file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>$title</title>
<style>
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #222; }
h2.step { margin-top: 2.5rem; border-bottom: 1px solid #ddd; }
pre { overflow-x: auto; background: #f6f6f6; padding: .5rem .75rem; font: 13px/1.4 ui-monospace, monospace; }
pre.stderr { background: #fdf3e1; }
pre.error { background: #fbe3e3; }
.prose { white-space: pre-wrap; }
.shown { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: 13px; }
th, td { padding: .25rem .6rem; text-align: right; }
tbody tr:nth-child(odd) { background: #f6f6f6; }
img { max-width: 100%; }
</style>
</head>
<body>
<h1>$title</h1>
$body
</body>
</html>
""")

ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
OVERWRITTEN = re.compile(
    r"^[^\n]*\r(?=[^\r\n])", re.MULTILINE
)  # what a progress bar wrote before it went back to the margin
DOCSTRING_SECTION = re.compile(r"^(?:Args|Parameters|Returns|Raises|Yields):\s*$", re.MULTILINE)


class Inert(HTMLParser):
    """Rewrites HTML that a library made so that nothing in it runs: scripts, handlers of events, ways into other pages."""

    DROPPED = frozenset({"script", "iframe", "object", "embed", "base", "meta", "link", "form"})
    ADDRESSES = frozenset({"href", "src", "action", "formaction", "xlink:href", "data"})
    HARMLESS = re.compile(r"\s*(?:https?:|mailto:|data:image/|[^:]*$)", re.IGNORECASE)

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]], end: str = "") -> None:
        """Writes a tag, without what would run."""
        self.script = tag == "script" and not end
        if tag not in self.DROPPED:
            kept = [
                f" {name}" if value is None else f' {name}="{html.escape(value)}"'
                for name, value in attrs
                if self.allowed(name, value or "")
            ]
            self.pieces.append(f"<{tag}{''.join(kept)}{end}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Writes a tag that has no end."""
        self.handle_starttag(tag, attrs, " /")

    def handle_endtag(self, tag: str) -> None:
        """Writes the end of a tag."""
        self.script = False
        if tag not in self.DROPPED:
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Writes text."""
        if not self.script:
            self.pieces.append(data)

    def handle_entityref(self, name: str) -> None:
        """Writes a character that has a name."""
        self.pieces.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Writes a character that has a number."""
        self.pieces.append(f"&#{name};")

    def allowed(self, name: str, value: str) -> bool:
        """Whether an attribute runs nothing."""
        named = (
            re.fullmatch(r"[a-z][\w:.-]*", name) is not None
            and not name.startswith("on")
            and name != "srcdoc"
        )
        return named and (name not in self.ADDRESSES or self.HARMLESS.match(value) is not None)

    @classmethod
    def rewritten(cls, text: str) -> str:
        """The text without what would run."""
        parser = cls()
        parser.feed(text)
        parser.close()
        return "".join(parser.pieces)


@dataclass
class Section:
    """The output that one step showed: pairs of a kind and the pieces of its content, in order.

    The kind is ``stdout``, ``stderr`` or ``error`` for text, ``html`` for anything else.
    """

    title: str
    prose: str = ""
    items: list[tuple[str, list[str]]] = field(default_factory=list)

    def write(self, kind: str, text: str) -> None:
        """Adds text, to the text before it where that is of the same kind."""
        if not self.items or self.items[-1][0] != kind:
            self.items.append((kind, []))
        self.items[-1][1].append(text)

    def page(self) -> str:
        """The section as HTML."""
        parts = [f'<h2 class="step">{html.escape(self.title)}</h2>'] if self.title else []
        if self.prose:
            parts.append(f'<div class="prose">{html.escape(self.prose)}</div>')
        for kind, pieces in self.items:
            if kind == "html":
                parts += [f'<div class="shown">{piece}</div>' for piece in pieces]
            else:
                text = OVERWRITTEN.sub("", ESCAPE_SEQUENCE.sub("", "".join(pieces)))
                parts.append(f'<pre class="{kind}">{html.escape(text)}</pre>')
        return "\n".join(parts)


class Report:
    """The report of what a run showed, section by section.

    Args:
        outputs: folder for ``report.html``; pictures go to ``figures`` in it.
        title: heading of the page.
        stdout: where plain text of shown values is printed.
        private: whether the page's owner alone may read it.
    """

    def __init__(self, outputs: Path, title: str, stdout: TextIO, private: bool = False) -> None:
        self.outputs, self.title, self.stdout, self.private = outputs, title, stdout, private
        self.sections = [Section(title="")]
        self.pictures = 0
        self.files: set[str] = set()
        for old in (outputs / "figures").glob("*-*"):
            if re.fullmatch(r"figure-\d+\.(?:png|jpg|svg)|interactive-\d+\.(?:html|png)", old.name):
                old.unlink()

    @property
    def section(self) -> Section:
        """The section that is being written."""
        return self.sections[-1]

    def show(self, bundle: Bundle) -> None:
        """Adds a shown value in its richest form; its picture is saved in any case."""
        plain = str(bundle.get("text/plain", ""))
        picture = next(
            (self.save_picture(mime, bundle[mime], plain) for mime in PICTURES if mime in bundle),
            "",
        )
        mime = next((mime for mime in RICHEST_FIRST if mime in bundle), None)
        if mime == "text/html":
            self.section.write("html", Inert.rewritten(str(bundle[mime])))
        elif mime in PICTURES:
            self.section.write("html", picture)
        elif mime == "text/plain":
            self.section.write("stdout", f"{plain}\n")
        elif mime:
            self.section.write("html", f'<div class="prose">{html.escape(str(bundle[mime]))}</div>')

    def save_picture(self, mime: str, content: str | bytes, description: str = "") -> str:
        """Writes the next picture to ``figures`` and gives the HTML element that shows it."""
        self.pictures += 1
        path = self.outputs / "figures" / f"figure-{self.pictures:02d}{PICTURES[mime]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode() if mime == "image/svg+xml" else base64.b64decode(content)
        path.write_bytes(content)
        alternative = html.escape(description or f"Figure {self.pictures}")
        return f'<img src="figures/{path.name}" alt="{alternative}">'

    def save(self) -> None:
        """Writes ``report.html``."""
        self.outputs.mkdir(parents=True, exist_ok=True)
        body = "\n".join(section.page() for section in self.sections)
        page = PAGE.substitute(title=html.escape(self.title), body=body)
        if self.private:
            (self.outputs / "report.html").touch(0o600)
        (self.outputs / "report.html").write_text(page, encoding="utf-8", errors="replace")


class Tee:
    """A text stream that also hands to the report what is written to it."""

    def __init__(self, stream: TextIO, report: Report, kind: str) -> None:
        self.stream, self.report, self.kind = stream, report, kind

    def write(self, text: str) -> int:
        """Writes the text to both, at once: what other programs write comes in its place.

        Returns:
            The number of characters.
        """
        self.report.section.write(self.kind, text)
        count = self.stream.write(text)
        self.stream.flush()
        return count

    def isatty(self) -> bool:
        """No: as in a notebook, so that progress bars and colours come out the same."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_report: ContextVar[Report | None] = ContextVar("report", default=None)
_captured: ContextVar[list[Bundle] | None] = ContextVar("captured", default=None)


@contextmanager
def recording(outputs: Path, title: str = "Run report", private: bool = False) -> Iterator[Report]:
    """Records what is printed and shown inside, and writes the page at the end, also when the run fails.

    Args:
        outputs: folder for the page.
        title: its heading.
        private: what is shown may tell secrets: its owner alone may read the page.
    """
    stdout, stderr = sys.stdout, sys.stderr
    report = Report(outputs, title, stdout, private)
    token = _report.set(report)
    sys.stdout = cast(TextIO, Tee(stdout, report, "stdout"))
    sys.stderr = cast(TextIO, Tee(stderr, report, "stderr"))
    try:
        yield report
    except BaseException:
        report.section.write("error", traceback.format_exc())
        raise
    finally:
        _report.reset(token)
        sys.stdout, sys.stderr = stdout, stderr
        report.save()


@contextmanager
def capturing() -> Iterator[list[Bundle]]:
    """Collects what is shown inside, instead of showing it."""
    shown: list[Bundle] = []
    token = _captured.set(shown)
    try:
        yield shown
    finally:
        _captured.reset(token)


@functools.singledispatch
def drawn(value: object) -> Bundle | None:
    """The forms of what a notebook draws, such as a figure; None of any other value.

    Modules that draw register how, by type.
    """
    return None


def publish(bundle: Bundle) -> None:
    """Shows a value: its plain text on standard output, its richest form in the report."""
    captured, report = _captured.get(), _report.get()
    if captured is not None:
        captured.append(bundle)
        return
    if "text/plain" in bundle:
        print(bundle["text/plain"], file=report.stdout if report else sys.stdout, flush=True)
    if report:
        report.show(bundle)


def beside(name: str, content: Callable[[], str | bytes]) -> str:
    """Writes a file beside the page, once a run; a ``#`` in its name stands for the next number.

    Returns:
        Where it is from the page.
    """
    report = _report.get()
    if report is None or name in report.files:
        return name
    number = 1 + sum(other.startswith(f"{name}:") for other in report.files)
    report.files.add(f"{name}:{number}" if "#" in name else name)
    place = name.replace("#", f"{number:02d}")
    path = report.outputs / place
    path.parent.mkdir(parents=True, exist_ok=True)
    made = content()
    path.write_bytes(made.encode() if isinstance(made, str) else made)
    return place


def clear() -> None:
    """Takes back what the current step has shown so far; what is printed already stays on standard output."""
    if report := _report.get():
        report.section.items.clear()


def _without_prefix(code: CodeType, prefix: str) -> CodeType:
    """Code that gives what it makes other qualified names."""

    def renamed(part: Any) -> Any:
        if isinstance(part, CodeType):
            return _without_prefix(part, prefix)
        return part.removeprefix(prefix) if isinstance(part, str) else part

    return code.replace(
        co_consts=tuple(map(renamed, code.co_consts)),
        co_qualname=code.co_qualname.removeprefix(prefix),
    )


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a function as a step of the run: logs its begin and end, and opens a section in the report.

    Functions and classes that it makes go by their own names, without that of the step.
    """
    made = cast(FunctionType, function)
    made.__code__ = _without_prefix(made.__code__, f"{made.__qualname__}.<locals>.")
    logger = logging.getLogger(function.__module__)
    title, _, prose = (inspect.getdoc(function) or function.__name__).partition("\n")
    prose = DOCSTRING_SECTION.split(prose, maxsplit=1)[0].strip()

    @contextmanager
    def section() -> Iterator[None]:
        if report := _report.get():
            report.sections.append(Section(title, prose))
        logger.info("%s begins", function.__name__)
        begin = time.perf_counter()
        yield
        logger.info("%s ends after %.3f s", function.__name__, time.perf_counter() - begin)

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
            with section():
                return await function(*args, **kwargs)

        return cast(Callable[P, R], awaited)

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        with section():
            return function(*args, **kwargs)

    return called
