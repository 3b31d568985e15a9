"""Inside a kernel started by ``jkrel run``: tables saved, figures described and drawn faster."""

COLUMN = 89 / 25.4
"""Width of one column of a journal, in inches."""
drawn = {"figures": 0, "narrow": frozenset()}
"""Figures made so far, and the numbers of those that are to fit one column."""


def start(narrow=()) -> None:
    """Add the CSV of each DataFrame shown to its output, and to each figure a text that tells it.

    Parameters
    ----------
    narrow : iterable of int
        Numbers of the figures that are drawn for one column of a journal, counted from 1.
    """
    import gc
    import sys

    gc.disable()  # a kernel lives for seconds, and is not worth tidying up
    import pandas as pd
    from IPython import get_ipython
    from IPython.core.formatters import BaseFormatter
    from traitlets import ObjectName, Unicode

    from jkrel.publish import alternative

    class TableFormatter(BaseFormatter):
        format_type = Unicode("text/csv")
        print_method = ObjectName("_repr_csv_")

    class FigureFormatter(BaseFormatter):
        format_type = Unicode(alternative.MIME)
        print_method = ObjectName("_repr_alternative_")

    def after_imports(_):
        if "matplotlib.pyplot" in sys.modules:
            # What was imported is never garbage; statsmodels' corrections collect each time.
            gc.freeze()
            # Text in figures stays text, in letters that can be read back and edited.
            texts = {"svg.fonttype": "none", "pdf.fonttype": 42}
            sys.modules["matplotlib"].rcParams.update(texts)
            sys.modules["matplotlib"].rcParams["figure.hooks"].append(f"{__name__}:lay_out_once")
            shell.events.unregister("post_run_cell", after_imports)

    shell = get_ipython()
    shell.events.register("post_run_cell", after_imports)
    # Figures keep the width they were given: the default crops and pads them.
    shell.config.InlineBackend.print_figure_kwargs = {"bbox_inches": None}
    tables = TableFormatter(parent=shell.display_formatter)
    tables.for_type(pd.DataFrame, lambda frame: frame.to_csv())
    for formatter in (tables, FigureFormatter(parent=shell.display_formatter)):
        shell.display_formatter.formatters[formatter.format_type] = formatter
    drawn["narrow"] = frozenset(narrow)


def lay_out_once(figure) -> None:
    """Lay a figure out when it is first printed, and no more: each format would do it again."""
    import matplotlib
    from IPython import get_ipython

    from jkrel.publish import alternative

    drawn["figures"] += 1
    if drawn["figures"] in drawn["narrow"]:
        figure.set_figwidth(COLUMN)
    # Only now: choosing its formats, the inline backend forgets all that was known of figures.
    formatters = get_ipython().display_formatter.formatters
    formatters[alternative.MIME].for_type(matplotlib.figure.Figure, alternative.describe)
    canvas = figure.canvas
    printed = canvas.print_figure

    def print_figure(*arguments, **options):
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
            with matplotlib.rc_context({"figure.constrained_layout.use": False}):
                figure.set_layout_engine(None)
        return printed(*arguments, **options)

    canvas.print_figure = print_figure
