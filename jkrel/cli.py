"""The command ``jkrel``: check, run, cite, verify."""

import argparse
import os
import sys
from pathlib import Path

import jkrel

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit code: 0 done, 1 problems found, 2 wrong use."""
    got = _parser().parse_args(arguments)
    try:
        return got.verb(got)
    except (KeyError, ValueError, OSError) as error:
        if hasattr(error, "problems"):
            print(error, file=sys.stderr)
            return 1
        print(f"jkrel: {error.args[0] if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jkrel", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    check = verbs.add_parser("check", help="list every problem of the data at once")
    check.add_argument("directory", nargs="?", help="folder with datapackage.json")
    check.set_defaults(verb=_check)
    run = verbs.add_parser("run", help="execute notebooks; figures and tables go to build/")
    run.add_argument("notebooks", nargs="*", help="paths or names; all of notebooks/ if none")
    run.add_argument("--jobs", type=_positive, default=min(2, os.cpu_count() or 1), metavar="N")
    run.add_argument("--inplace", action="store_true", help="also update the notebooks themselves")
    run.add_argument("--build", type=Path, default=BUILD, metavar="DIR", help="where results go")
    run.set_defaults(verb=_run)
    cited = verbs.add_parser("cite", help="cite an event, or the dataset")
    cited.add_argument("event_id", nargs="?", metavar="EVENT_ID")
    cited.add_argument("--dataset", action="store_true")
    cited.set_defaults(verb=_cite)
    verify = verbs.add_parser("verify", help="compare coded entries with your copy of an article")
    verify.add_argument("article", type=Path, metavar="ARTICLE", help="text, HTML or PDF")
    verify.add_argument("--source", help="such as cc24-3; found by itself if left out")
    verify.add_argument("--title", help="words of the heading, if the file has several")
    verify.set_defaults(verb=_verify)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _check(got: argparse.Namespace) -> int:
    from jkrel import check
    from jkrel.reading import counted, describe

    found = check.problems(got.directory)
    if len(found):
        print("\n".join(describe(problem) for problem in found.to_dict("records")))
        print(counted(found))
        return 1
    rows, held = check.count(jkrel.load(got.directory))
    print(f"{rows:,} rows, {held:,} rules: all hold")
    return 0


def _run(got: argparse.Namespace) -> int:
    # jsonschema would compile a grammar for web addresses, 0.7 s, that notebooks have no use for.
    sys.modules.setdefault("rfc3987_syntax", None)
    from jkrel import publish

    paths = [_notebook(name) for name in got.notebooks] or sorted(NOTEBOOKS.glob("*.ipynb"))
    if not paths:
        raise ValueError(f"{NOTEBOOKS}: no notebook there")
    results = publish.run(paths, got.build, got.jobs, got.inplace)
    for result in results:
        print(f"{result.path.name}: {result.error or f'{len(result.files)} files'}")
    print(f"See {got.build / 'index.html'}")
    return int(any(result.error for result in results))


def _notebook(name: str) -> Path:
    for path in (Path(name), NOTEBOOKS / name, NOTEBOOKS / f"{name}.ipynb"):
        if path.is_file():
            return path.resolve()
    raise ValueError(f"{name}: no such notebook, here or in {NOTEBOOKS}")


def _cite(got: argparse.Namespace) -> int:
    if got.dataset == bool(got.event_id):
        raise ValueError("cite takes an event id, or --dataset")
    from jkrel import cite

    data = jkrel.load()
    print(cite.cite_dataset(data) if got.dataset else cite.cite_event(data, got.event_id))
    return 0


def _verify(got: argparse.Namespace) -> int:
    from jkrel import chronology, copies

    data = jkrel.load()
    text = copies.read_file(got.article)
    found = chronology.read(text, "copy", got.title)
    for problem in found.problems.itertuples():
        place = f"{got.article} line {problem.line}"
        print(f"{place}: {problem.reason}: {_shortened(problem.text)!r}", file=sys.stderr)
    source = got.source or _recognise(found.entries, data)
    told = data.event_sources[data.event_sources["source_id"].eq(source)].dropna(
        subset=["entry_sha256"]
    )
    if told.empty:
        raise ValueError(f"no coded passages of {source!r}; articles: {', '.join(_articles(data))}")
    compared = chronology.verify(text, told, got.title)
    for row in compared[compared["status"].ne("same")].itertuples():
        print(f"{row.locator} {row.status}")
    counts = compared["status"].value_counts()
    print(f"{source}: " + ", ".join(f"{number} {status}" for status, number in counts.items()))
    return int(compared["status"].ne("same").any())


def _articles(data) -> list[str]:
    return list(data.sources.loc[data.sources["kind"].eq("article"), "source_id"])


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _recognise(entries, data) -> str:
    """Find the article whose entries bear the dates of these."""
    printed = data.event_sources.dropna(subset=["entry_sha256", "date_stated"])
    dates = entries["date_start"].dropna()
    shared = printed[printed["date_stated"].isin(dates)].groupby("source_id").size()
    if shared.empty:
        raise ValueError("no coded article has entries of these days; name one with --source")
    return shared.idxmax()


if __name__ == "__main__":
    sys.exit(main())
