"""A matplotlib backend that saves figures where a notebook shows them.

Size, resolution and cropping are those of a notebook's inline figures, so that the pictures are the same.
"""

from __future__ import annotations

import io
from typing import Any, ClassVar

import matplotlib
import matplotlib.pyplot as plt
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from runtime.report import drawn, publish

MIME_TYPES = {
    "png": "image/png",
    "retina": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
}


class FigureManager(FigureManagerBase):
    """Shows all open figures when asked to, and closes them.

    Attributes:
        formats: of pictures.
        waiting: a figure was made in interactive mode since figures were shown last.
    """

    formats: ClassVar[tuple[str, ...]] = ("png",)
    waiting: ClassVar[bool] = False

    def __init__(self, canvas: FigureCanvasAgg, num: int | str) -> None:
        super().__init__(canvas, num)
        FigureManager.waiting = FigureManager.waiting or matplotlib.is_interactive()

    @classmethod
    def show_all(cls) -> None:
        """Shows the open figures in the order in which they were made, then closes them."""
        try:
            for manager in Gcf.get_all_fig_managers():
                publish(render(manager.canvas.figure, plain=False))
        finally:
            Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """The Agg canvas, with the manager above."""

    manager_class = FigureManager


def use() -> None:
    """Makes this the backend, in interactive mode as in a notebook: without drawing at each change."""
    matplotlib.interactive(True)
    plt.switch_backend(f"module://{__name__}")
    plt.uninstall_repl_displayhook()


def new_figure_manager_given_figure(num: int | str, figure: Figure) -> FigureManager:
    """The manager of a figure."""
    return FigureManager(FigureCanvas(figure), num)


def new_figure_manager(
    num: int | str, *args: Any, FigureClass: type[Figure] = Figure, **options: Any
) -> FigureManager:
    """A new figure with its manager."""
    return new_figure_manager_given_figure(num, FigureClass(*args, **options))


def draw_if_interactive() -> None:
    """Nothing: as in a notebook, a figure is drawn when it is shown, not at each change."""


def show(close: bool | None = None, block: bool | None = None) -> None:
    """Show all figures, as ``plt.show()`` does, whatever its arguments."""
    FigureManager.show_all()


show.__annotations__.clear()  # pyplot takes over the signature, and shows it: that of a notebook's backend has no types


def set_formats(*formats: str) -> None:
    """Chooses the picture formats: png, retina (png at twice the resolution), jpeg or svg."""
    unknown = set(formats) - set(MIME_TYPES)
    if unknown or not formats:
        raise ValueError(
            f"picture formats are {', '.join(MIME_TYPES)}; not {', '.join(sorted(unknown)) or 'none'}"
        )
    FigureManager.formats = formats


def show_figures() -> None:
    """Shows and closes the open figures, at the end of a cell.

    Figures made with interactive mode off wait for ``plt.show()``. As in a notebook, they are drawn once before they
    are shown: automatic layouts come nearer to their final state with each drawing.
    """
    if matplotlib.is_interactive():
        Gcf.draw_all()
    if FigureManager.waiting:
        FigureManager.waiting = False
        FigureManager.show_all()


@drawn.register
def render(figure: Figure, plain: bool = True) -> dict[str, str | bytes]:
    """A figure as pictures by MIME type, with its description unless ``plain`` is false; no picture if it is empty."""
    bundle: dict[str, str | bytes] = {"text/plain": repr(figure)} if plain else {}
    if figure.axes or figure.lines:
        for picture in FigureManager.formats:
            stream = io.BytesIO()
            figure.canvas.print_figure(
                stream,
                format="png" if picture == "retina" else picture,
                facecolor=figure.get_facecolor(),
                edgecolor=figure.get_edgecolor(),
                dpi=figure.dpi * 2 if picture == "retina" else figure.dpi,
                bbox_inches="tight",
            )
            content = stream.getvalue()
            bundle[MIME_TYPES[picture]] = content.decode() if picture == "svg" else content
    return bundle
