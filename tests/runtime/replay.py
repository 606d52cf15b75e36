"""Runs cells as a generated project runs them: no kernel, the runtime modules of the package.

    python replay.py CELLS.json FOLDER

For each cell, in FOLDER: a folder with its number, `text` (what went to standard output) and its pictures.
"""

import ast
import contextlib
import io
import json
import sys
from pathlib import Path

from penguins.utils import frontend, report
from penguins.utils.display import clear_output, display, display_markup, show, update_display  # noqa: F401
from penguins.utils.figures import set_formats, show_figures
from penguins.utils.forms import display_html, display_png, display_pretty
from penguins.utils.notebook import captured, change_directory, set_environment, timed, write_file
from penguins.utils.shell import command_output, run_command

frontend.use()
namespace: dict[str, object] = {
    function.__name__: function
    for function in (
        captured,
        change_directory,
        command_output,
        display,
        display_html,
        display_markup,
        display_png,
        display_pretty,
        run_command,
        set_environment,
        set_formats,
        show,
        timed,
        write_file,
    )
}
namespace["__name__"] = "__main__"
for number, source in enumerate(json.loads(Path(sys.argv[1]).read_text())):
    tree, last = ast.parse(source), None
    if isinstance(tree.body[-1], ast.Expr) and not source.endswith(";"):
        last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    folder, text = Path(sys.argv[2], str(number)), io.StringIO(newline="")
    with contextlib.redirect_stdout(text), report.recording(folder):
        exec(compile(tree, "cell", "exec"), namespace)
        if last:
            show(eval(compile(last, "cell", "eval"), namespace))
        show_figures()
    folder.mkdir(exist_ok=True)
    (folder / "text").write_text(text.getvalue(), newline="")
