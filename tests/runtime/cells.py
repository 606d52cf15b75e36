"""Cells of a notebook that show values in every way, and the code that stands for them in a generated project.

Where the two differ the cell is a pair.
"""

SETUP = """\
import contextlib, io, os, sys
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
from IPython.display import HTML, Image, Latex, Markdown
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
rng = np.random.default_rng(0)
df = pd.DataFrame(rng.normal(size=(100, 4)), columns=list('abcd'))
wide = pd.DataFrame(rng.normal(size=(3, 40)))
texts = pd.DataFrame({'text': ['x' * 90] * 3, 'n': range(3)})"""

CELLS: dict[str, str | tuple[str, str]] = {
    "frame": "df",
    "head": "df.head()",
    "wide frame": "wide",
    "wide frame printed": "print(wide)",
    "frame of long text": "texts",
    "series": "df['a'].head(70)",
    "describe": "df.describe()",
    "info": "df.info()",
    "columns": "df.columns",
    "index of dates": "pd.date_range('2020-01-01', periods=400, freq='h')",
    "group": "df.groupby('a')",
    "categories in one line": "pd.cut(df.a, 9), pd.cut(df.a, 9)",
    "categories in one line, printed": "print(pd.cut(df.a, 9).head(2))",
    "pandas scalars": "pd.Categorical(list('aab')), pd.Timestamp('2020'), pd.NA",
    "long array": "np.arange(2000).reshape(20, 100)",
    "array": "rng.normal(size=(3, 30))",
    "numpy scalar": "np.float64(0.3)",
    "nested dictionary": "{'a': [1, 2, {'b': (1,)}], 'long': list(range(60)), 'set': {3, 1, 2}}",
    "list of dictionaries": "[{'model': 'baseline', 'accuracy': 0.75, 'f1': 0.0, 'auc': 0.5, 'more': None}] * 2",
    "string": "'a string\\n with \\'quotes\"'",
    "float": "0.1 + 0.2",
    "set": "{3, 1, 2}",
    "long list": "list(range(1200))",
    "numbers": "1e100, 12345678901234567890, 1 + 2j, True, ...",
    "bytes": "b'bytes'",
    "class": "LogisticRegression",
    "built-in function": "print",
    "nothing": "None",
    "estimator": "LogisticRegression(C=3).fit(df[['a']], df.b > 0)",
    "pipeline": "make_pipeline(StandardScaler(), LogisticRegression())",
    "styled frame": "df.head(3).style.background_gradient()",
    "html": "HTML('<b>bold</b>')",
    "latex": "Latex('$x$')",
    "display": "display(df.head(2), 'text', None)\ndisplay(Markdown('# title'))\n3",
    "display of a redirected cell": "with contextlib.redirect_stdout(io.StringIO()) as stream:\n    print(1)\n"
    "    display(2)\nstream.getvalue()",
    "terminal": "sys.stdout.isatty()",
    "lines": "plt.plot([1, 2, 3])",
    "histogram": "plt.hist(df.a)",
    "figure as value": "figure, axes = plt.subplots(figsize=(4, 3))\naxes.scatter(df.a, df.b)\nfigure",
    "layout that moves with each drawing": "figure, axes = plt.subplots(2, 2, sharey=True, layout='constrained')\n"
    "figure.suptitle('a title')\nfor axis in axes.flat:\n"
    "    axis.hist(df.a * 1000, bins=11)\n    axis.tick_params(axis='x', rotation=40)\nfigure.colorbar(\n"
    "    axes[0, 0].scatter(df.a, df.b, c=df.c), ax=axes)\n1",
    "tight layout": "figure, axes = plt.subplots(1, 2, sharey=True, tight_layout=True)\n"
    "axes[0].hist(df.a * 1e4, bins=11)\naxes[1].hist(df.b, bins=11)\naxes[0].set_ylabel('long label')\n2",
    "displayed figure": "figure, axes = plt.subplots(figsize=(3, 2))\nplt.close()\ndisplay(figure, 2)",
    "two figures": "plt.hist(df.a)\nplt.show()\nprint('between')\nplt.hist(df.b)\nplt.show()",
    "figures open at the end": "plt.figure()\nplt.plot([1])\nplt.figure()\nplt.plot([2]);",
    "empty figure": "plt.figure()",
    "closed figure": "figure = plt.figure(figsize=(2, 2))\nplt.plot([3, 1])\nplt.close()\nfigure",
    "subplots": "figure, axes = plt.subplots(2, 2)\naxes[0][0].imshow(df.corr())\nplt.tight_layout()",
    "plot of pandas": "df.plot();",
    "transparent": "plt.figure(facecolor='none')\nplt.plot([3, 1])\nplt.show()",
    "style": "plt.style.use('ggplot')\nplt.rcParams['figure.dpi'] = 72\ndf.plot()",
    "not interactive": "plt.ioff()\nplt.plot([1]);",
    "still not shown": "5",
    "shown at last": "plt.show()\nplt.ion();",
    "retina": (
        "%config InlineBackend.figure_format = 'retina'\nplt.plot([1, 3])\nplt.show()",
        "set_formats('retina')\nplt.plot([1, 3])\nplt.show()",
    ),
    "plotly figure": "px.line(x=[1, 2], y=[3, 4])",
    "plotly figure that is shown": "px.line(x=[1, 2], y=[3, 4]).show()",
    "image": "Image(data=open(picture, 'rb').read())",
    "environment": ("%env NBMDE_X=a b", "set_environment('NBMDE_X', 'a b')"),
    "command": ("!printf 'one\\ntwo\\n'; echo $NBMDE_X", "run_command(\"printf 'one\\ntwo\\n'; echo $NBMDE_X\")"),
    "command for a terminal": ("!ls -C --color=never /usr", "run_command('ls -C --color=never /usr')"),
    "failing command": ("!echo gone >&2; exit 3", "run_command('echo gone >&2; exit 3')"),
    "output of a command": ("lines = !printf 'a\\nb\\n'\nlines", "show(command_output(\"printf 'a\\nb\\n'\"))"),
    "written file": (
        "%%writefile written.txt\nsome text\n",
        "write_file('written.txt', 'some text\\n')",
    ),
    "directory": ("%cd /usr", "change_directory('/usr')"),
    "no directory": ("%cd /no/such/directory", "change_directory('/no/such/directory')"),
    "captured": (
        "%%capture kept\nprint('quiet')\ndisplay(3)\nplt.plot([1])\nplt.show()",
        "with captured() as kept:\n    print('quiet')\n    display(3)\n    plt.plot([1])\n    plt.show()",
    ),
    "captured, then shown": "kept.show()",
    "captured text": "kept.stdout",
    "html cell": ("%%html\n<p>text", "display_markup('text/html', '<p>text')"),
    "markdown cell": ("%%markdown\n# text", "display_markup('text/markdown', '# text')"),
    "latex cell": ("%%latex\n$x$", "display_markup('text/latex', '$x$')"),
    "javascript cell": ("%%javascript\n1", "display_markup('application/javascript', '1')"),
    "one form of a value": (
        "from IPython.display import display_html, display_png, display_pretty\n"
        "display_html(df.head(2))\ndisplay_pretty(df.head(2))\ndisplay_png(Image(picture))\n"
        "display_html('<p>', raw=True)",
        "display_html(df.head(2))\ndisplay_pretty(df.head(2))\ndisplay_png(Image(picture))\n"
        "display_html('<p>', raw=True)",
    ),
    "timed": (
        "%%time\nprint('work')",
        "with timed():\n    print('work')",
    ),
}
