"""Days of January 2024 and windows made of them, to work examples by hand."""

import pandas as pd

from jkrel import coverage


def days(*numbers):
    """Days of January 2024 by their number; 0 is the day before."""
    return pd.DatetimeIndex([pd.Timestamp(2023, 12, 31) + pd.Timedelta(days=n) for n in numbers])


def window(*lengths, apart=100):
    """Windows of these lengths, the first from 1 January 2024, starting `apart` days apart."""
    starts = days(*(1 + apart * place for place in range(len(lengths))))
    ends = starts + pd.to_timedelta([length - 1 for length in lengths], unit="D")
    return coverage.with_days(pd.DataFrame({"start": starts, "end": ends}))


def span(first, last):
    """One window of January 2024."""
    (start,), (end,) = days(first), days(last)
    return coverage.with_days(pd.DataFrame({"start": [start], "end": [end]}))
