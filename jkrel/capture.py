"""Inside a kernel started by ``jkrel run``: tables shown are saved too, figures drawn faster."""


def tables() -> None:
    """Add the CSV of each DataFrame shown to its output, unrounded, for ``jkrel run`` to save."""
    import gc
    import sys

    gc.disable()  # a kernel lives for seconds, and is not worth tidying up
    import pandas as pd
    from IPython import get_ipython
    from IPython.core.formatters import BaseFormatter
    from traitlets import ObjectName, Unicode

    class TableFormatter(BaseFormatter):
        format_type = Unicode("text/csv")
        print_method = ObjectName("_repr_csv_")

    def after_imports(_):
        if "matplotlib.pyplot" in sys.modules:
            # What was imported is never garbage; statsmodels' corrections collect each time.
            gc.freeze()
            sys.modules["matplotlib"].rcParams["figure.hooks"].append(f"{__name__}:lay_out_once")
            shell.events.unregister("post_run_cell", after_imports)

    shell = get_ipython()
    shell.events.register("post_run_cell", after_imports)
    # Figures keep the width they were given: the default crops and pads them.
    shell.config.InlineBackend.print_figure_kwargs = {"bbox_inches": None}
    formatter = TableFormatter(parent=shell.display_formatter)
    formatter.for_type(pd.DataFrame, lambda frame: frame.to_csv())
    shell.display_formatter.formatters["text/csv"] = formatter


def lay_out_once(figure) -> None:
    """Lay a figure out when it is first printed, and no more: each format would do it again."""
    import matplotlib

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
