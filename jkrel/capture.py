"""Inside a kernel started by ``jkrel run``: let every table shown also be saved as CSV."""


def tables() -> None:
    """Add the CSV of each DataFrame shown to its output, unrounded, for ``jkrel run`` to save."""
    import pandas as pd
    from IPython import get_ipython
    from IPython.core.formatters import BaseFormatter
    from traitlets import ObjectName, Unicode

    class TableFormatter(BaseFormatter):
        format_type = Unicode("text/csv")
        print_method = ObjectName("_repr_csv_")

    shell = get_ipython()
    # Figures keep the width they were given: the default crops and pads them.
    shell.config.InlineBackend.print_figure_kwargs = {"bbox_inches": None}
    formatter = TableFormatter(parent=shell.display_formatter)
    formatter.for_type(pd.DataFrame, lambda frame: frame.to_csv())
    shell.display_formatter.formatters["text/csv"] = formatter
