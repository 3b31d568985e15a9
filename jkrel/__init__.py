"""Coded events of Japan–South Korea relations: load them, and follow every number back."""

from jkrel.data import Dataset, load
from jkrel.reading import DataError

__all__ = ["DataError", "Dataset", "load"]
__version__ = "0.2.0"
