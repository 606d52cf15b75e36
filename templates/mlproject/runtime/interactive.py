"""Saves plotly figures as pages, and as pictures where kaleido is installed; the run report leads there."""

from __future__ import annotations

import importlib.util
import logging
from typing import Any

import plotly.io
from plotly.basedatatypes import BaseFigure
from plotly.io.base_renderers import ExternalRenderer
from plotly.offline import get_plotlyjs

from runtime.report import beside, drawn, publish

SCRIPT = "plotly.min.js"
PAGES, IMAGES = "figures/interactive-#.html", "figures/interactive-#.png"

logger = logging.getLogger(__name__)


class ReportRenderer(ExternalRenderer):  # type: ignore[misc, unused-ignore]
    """Takes the place of the browser."""

    def render(self, fig_dict: dict[str, Any]) -> None:
        """Shows a figure, as ``figure.show()`` does in a notebook."""
        publish({"text/html": to_html(fig_dict)})


def use() -> None:
    """Makes ``figure.show()`` write to the report."""
    plotly.io.renderers["report"] = ReportRenderer()
    plotly.io.renderers.default = "report"


@drawn.register
def _forms(figure: BaseFigure) -> dict[str, str | bytes]:
    return {"text/html": to_html(figure)}


def to_html(figure: Any) -> str:
    """A figure's picture, where there is one, and the way to its page: the report itself runs no scripts."""
    beside(SCRIPT, get_plotlyjs)
    page = beside(
        PAGES, lambda: plotly.io.to_html(figure, include_plotlyjs=f"../{SCRIPT}", validate=False)
    )
    picture = ""
    if importlib.util.find_spec("kaleido"):
        try:
            picture = beside(IMAGES, lambda: plotly.io.to_image(figure, "png", validate=False))
        except Exception as error:  # kaleido may want a browser that is not there
            logger.warning("no picture of a plotly figure: %s", error)
    shown = f'<img src="{picture}" alt="{page}">' if picture else "Interactive figure"
    return f'<a href="{page}">{shown}</a>'
