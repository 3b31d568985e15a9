"""JupyterLab as a reader has it: each notebook opened and run in a browser that nobody sees.

``python tests/lab.py`` runs all notebooks, prints a table of what was shown, and writes it to
``benchmarks/results/jupyterlab.csv``. The notebooks themselves stay as they are: a copy is run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
from browser import opened

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
RESULTS = ROOT / "benchmarks" / "results" / "jupyterlab.csv"
OWN = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
OWN += ["JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"]
"""Folders that JupyterLab would share with its user; here they are empty and temporary."""
COMPLAINTS = {"error", "stderr"}
START, RUN = 120, 900
"""Seconds to wait for JupyterLab to start, and for one notebook to run."""
READY = "window.jupyterapp?.shell.currentWidget?.sessionContext?.isReady"
EXECUTE = """() => {
  window.ran = false;
  window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.ran = true; });
}"""
OUTPUTS = """() => {
  const {content, sessionContext} = window.jupyterapp.shell.currentWidget;
  const code = content.widgets.filter(cell => cell.model.type === 'code');
  return {
    kernel: sessionContext.session.kernel.status,
    counts: code.map(cell => cell.model.executionCount),
    outputs: code.flatMap(cell => cell.model.outputs.toJSON()),
    dialogs: [...document.querySelectorAll('.jp-Dialog')].map(node => node.innerText),
  };
}"""
FIGURES = """async () => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  let shown = 0;
  for (const [index, cell] of notebook.widgets.entries()) {
    if (cell.model.type !== 'code') continue;
    const kinds = cell.model.outputs.toJSON().map(output => Object.keys(output.data ?? {}));
    if (!kinds.flat().includes('image/png')) continue;
    await notebook.scrollToItem(index);
    const pictures = [...cell.node.querySelectorAll('.jp-RenderedImage img')];
    await Promise.all(pictures.map(picture => picture.decode()));
    shown += pictures.filter(picture => picture.isConnected && picture.offsetHeight > 50).length;
  }
  return shown;
}"""
"""Pictures are counted where they are seen: decoded, in the page, and not of no height."""
CLOSE = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"


@dataclass(frozen=True)
class Server:
    """A JupyterLab that runs: its address, with a slash at the end, and the token it asks for."""

    url: str
    token: str
    folder: Path


@contextmanager
def served() -> Iterator[Server]:
    """Start JupyterLab as ``make lab`` does, over a copy of the notebooks, and stop it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in (NOTEBOOKS, ROOT / "data"):
            shutil.copytree(part, folder / part.name)
        own = {variable: str(folder / variable) for variable in OWN}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        options = ["--no-browser", "--ServerApp.port=0", "--LabApp.expose_app_in_browser=True"]
        options += ["--allow-root"] * (os.name == "posix" and os.geteuid() == 0)
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyter", "lab", *options],
                cwd=folder / "notebooks",
                env=os.environ | own | {"PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )
        try:
            yield _started(process, folder)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _started(process: subprocess.Popen, folder: Path) -> Server:
    """Wait until the server has written down its address and token."""
    end = time.monotonic() + START
    while process.poll() is None and time.monotonic() < end:
        for file in (folder / "JUPYTER_RUNTIME_DIR").glob("jpserver-*.json"):
            text = file.read_text(encoding="utf-8")
            if text.endswith("}"):
                known = json.loads(text)
                return Server(known["url"], known["token"], folder / "notebooks")
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{(folder / 'log').read_text()}")


def run(browser, server: Server, name: str, picture: Path | None = None) -> dict:
    """Open one notebook, run all its cells, and tell what is shown then.

    The result has: notebook, cells (code cells, run in order), figures (pictures seen),
    committed (figures in the committed outputs), errors (also what went to stderr), dialogs.
    """
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(RUN * 1000)
    page.goto(f"{server.url}lab/tree/{name}.ipynb?token={server.token}&reset")
    page.wait_for_function(READY, timeout=START * 1000)
    page.evaluate(EXECUTE)
    page.wait_for_function("window.ran")
    found = page.evaluate(OUTPUTS)
    figures = page.evaluate(FIGURES)
    if picture:
        page.screenshot(path=picture)
    page.evaluate(CLOSE)
    page.close()
    ran = found["kernel"] == "idle" and found["counts"] == [*range(1, len(found["counts"]) + 1)]
    errors = [o for o in found["outputs"] if {o["output_type"], o.get("name")} & COMPLAINTS]
    return {
        "notebook": name, "cells": len(found["counts"]) if ran else 0, "figures": figures,
        "committed": committed(name), "errors": len(errors), "dialogs": " ".join(found["dialogs"]),
    }  # fmt: skip


def committed(name: str) -> int:
    """Count the figures in the committed outputs of a notebook."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return sum("image/png" in output.get("data", {}) for output in outputs)


def code_cells(name: str) -> int:
    """Count the code cells of a notebook."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return sum(cell.cell_type == "code" for cell in cells)


def is_whole(row: dict) -> bool:
    """Whether every cell ran, every figure was seen, and nothing complained."""
    whole = row["cells"] == code_cells(row["notebook"]) and row["figures"] == row["committed"]
    return whole and row["errors"] == 0 and row["dialogs"] == ""


def main() -> int:
    """Run from the command line."""
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    rows = []
    with served() as server, opened() as browser:
        for name in names:
            rows.append(run(browser, server, name))
            print(" ".join(f"{key}={value}" for key, value in rows[-1].items()), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_csv(RESULTS, index=False, lineterminator="\n")
    return int(not all(map(is_whole, rows)))


if __name__ == "__main__":
    sys.exit(main())
