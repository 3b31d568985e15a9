"""Coded events of Japan–South Korea relations: load them, and follow every number back."""

from importlib import import_module

__version__ = "0.4.0"
__all__ = ["DataError", "Dataset", "load"]


def __getattr__(name: str):
    """Import what is asked for when it is asked for: ``jkrel run`` itself needs no pandas."""
    if name not in __all__:
        raise AttributeError(f"module 'jkrel' has no attribute {name!r}")
    return getattr(import_module("jkrel.data"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
