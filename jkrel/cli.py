"""The command ``jkrel``: its verbs, and what each takes."""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import jkrel

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"
MOST = 30
"""Differences of a table that are listed one by one; more are counted."""
ARTICLE = "author, title, date_published (2031-09), publisher; journal, volume, pages if any"
WINDOW = "reason (a sentence with its full stop); start, end, completeness, unless as proposed"
PEOPLE = "CSV with the columns of data/participants.csv, for the new events"
DISPUTES = "CSV with the columns of data/disputes.csv; see data/examples/made_up_disputes.csv"


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit code: 0 done, 1 problems found, 2 wrong use."""
    got = _parser().parse_args(arguments)
    try:
        with _place(got):
            return got.verb(got)
    except BrokenPipeError:
        return 0
    except FileNotFoundError as error:
        print(f"jkrel: {error.filename or error}: no such file", file=sys.stderr)
        return 2
    except (KeyError, ValueError, OSError) as error:
        if hasattr(error, "problems"):
            print(error, file=sys.stderr)
            return 1
        print(f"jkrel: {error.args[0] if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 2


@contextmanager
def _place(got: argparse.Namespace) -> Iterator[None]:
    """Have everything that a verb does, kernels of notebooks too, read the folder of --data."""
    before = os.environ.get("JKREL_DATA")
    if folder := getattr(got, "data", None):
        os.environ["JKREL_DATA"] = str(folder.resolve())
    try:
        yield
    finally:
        os.environ.pop("JKREL_DATA", None)
        os.environ.update({"JKREL_DATA": before} if before is not None else {})


def _add_data(*verbs: argparse.ArgumentParser) -> None:
    """Add the option that all verbs share which read the data, or write them."""
    folder = "data folder, with datapackage.json; that of JKREL_DATA, else data/, if none"
    for verb in verbs:
        verb.add_argument("--data", type=Path, metavar="DIR", help=folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jkrel", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    check = verbs.add_parser("check", help="list every problem of the data at once")
    check.add_argument("directory", nargs="?", metavar="DIR", help="the same as --data DIR")
    check.set_defaults(verb=_check)
    _add_run(verbs)
    _add_writing(verbs)
    cited = verbs.add_parser("cite", help="cite an event, or the dataset")
    either = "of an event, or of an entry, whose events are listed"
    cited.add_argument("event_id", nargs="?", metavar="EVENT_ID", help=either)
    cited.add_argument("--dataset", action="store_true")
    cited.set_defaults(verb=_cite)
    _add_verify(verbs)
    _add_export(verbs)
    _add_diff(verbs)
    receipts = verbs.add_parser("receipts", help="follow every number of notebooks to its rows")
    receipts.add_argument("notebooks", nargs="*", help="paths or names; all of notebooks/ if none")
    _add_jobs(receipts)
    receipts.set_defaults(verb=_receipts)
    site = verbs.add_parser("site", help="build the site from the executed notebooks and the data")
    site.add_argument("--build", type=Path, default=BUILD, metavar="DIR", help="where site/ goes")
    site.set_defaults(verb=_site)
    _add_data(check, cited, receipts, site)
    _add_issue(verbs)
    return parser


def _add_diff(verbs) -> None:
    """Add the verb that compares two states of the data."""
    diff = verbs.add_parser("diff", help="rows and numbers that differ, and the reasons")
    diff.add_argument("old", help="data folder, or revision of this repository")
    diff.add_argument("new", nargs="?", default=str(ROOT / "data"), help="the same; data/ if none")
    strict = "fail where a recoded or removed row has no reason"
    diff.add_argument("--strict", action="store_true", help=strict)
    listed = f"list every difference, also in tables with more than {MOST}"
    diff.add_argument("--all", action="store_true", help=listed)
    diff.set_defaults(verb=_diff)


def _add_verify(verbs) -> None:
    """Add the verb that compares with a copy of an article, or with numbers computed again."""
    verify = verbs.add_parser("verify", help="compare coded entries with your copy of an article")
    verify.add_argument("article", nargs="?", type=Path, metavar="ARTICLE", help="text, HTML, PDF")
    verify.add_argument("--source", help="such as cc24-3; found by itself if left out")
    verify.add_argument("--title", help="words of the heading, if the file has several")
    recomputed = "recompute every number of the notebooks, and list those that differ"
    verify.add_argument("--receipts", action="store_true", help=recomputed)
    _add_jobs(verify)
    verify.set_defaults(verb=_verify)
    _add_data(verify)


def _add_export(verbs) -> None:
    export = verbs.add_parser("export", help="write the tables as files for other tools")
    formats = "parquet, sqlite, stata, excel, plover or csv"
    export.add_argument("--to", required=True, metavar="FORMAT", help=formats)
    export.add_argument("directory", type=Path, metavar="DIR", help="folder to make")
    export.add_argument("--force", action="store_true", help="replace an earlier export there")
    _add_data(export)
    export.set_defaults(verb=_export)


def _add_jobs(verb) -> None:
    """Add the options of verbs that run notebooks."""
    verb.add_argument("--jobs", type=_positive, default=min(2, os.cpu_count() or 1), metavar="N")
    verb.add_argument("--build", type=Path, default=BUILD, metavar="DIR", help="where results go")


def _add_run(verbs) -> None:
    """Add the verb that executes notebooks."""
    run = verbs.add_parser("run", help="execute notebooks; figures and tables go to build/")
    run.add_argument("notebooks", nargs="*", help="paths or names; all of notebooks/ if none")
    run.add_argument("--inplace", action="store_true", help="also update the notebooks themselves")
    _add_jobs(run)
    run.add_argument(
        "--set",
        action="append",
        type=_cell,
        default=[],
        metavar="NAME=VALUE",
        help="another value of a parameter, for results under a name of their own",
    )
    run.set_defaults(verb=_run)
    _add_data(run)


def _add_writing(verbs) -> None:
    """Add the verbs that begin a notebook, and make a manuscript of some."""
    new = verbs.add_parser("new", help="begin a notebook from the template")
    new.add_argument("name", metavar="NAME", help="such as trade_disputes, or 12_trade_disputes")
    new.set_defaults(verb=_new)
    paper = verbs.add_parser("paper", help="write a manuscript: Word, LaTeX, Markdown, PDF")
    paper.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="in the order of sections")
    paper.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    paper.add_argument("--outline", type=Path, metavar="FILE", help="see paper/manuscript.yml")
    paper.add_argument("--receipts", type=Path, metavar="FILE", help="receipts of the numbers")
    paper.add_argument("--force", action="store_true", help="replace what is there")
    paper.set_defaults(verb=_paper)
    _add_data(paper)


def _add_issue(verbs) -> None:
    """Add the verbs that take a new issue of a chronology into the data."""
    propose = verbs.add_parser("propose", help="propose the events of an article, to be edited")
    propose.add_argument("article", type=Path, metavar="ARTICLE", help="text, HTML or PDF")
    propose.add_argument("--source", required=True, help="id of the article, such as cc99-9")
    propose.add_argument("--title", help="words of the heading, if the file has several")
    propose.add_argument("-o", "--output", type=Path, default=Path("proposed.csv"))
    propose.set_defaults(verb=_propose)
    _add_data(propose)
    for name, verb, text in (
        ("review", _review, "check an edited proposal, and show what was changed"),
        ("merge", _merge, "add a reviewed proposal to the data, all or nothing"),
    ):
        given = verbs.add_parser(name, help=text)
        given.add_argument("proposed", type=Path, nargs="?", metavar="PROPOSED.csv")
        for option, fields in (("--article", ARTICLE), ("--window", WINDOW)):
            form = {"nargs": "+", "type": _cell, "default": [], "metavar": "FIELD=VALUE"}
            given.add_argument(option, help=fields, **form)
        for option, fields in (("--participants", PEOPLE), ("--disputes", DISPUTES)):
            given.add_argument(option, type=Path, metavar="FILE", help=fields)
        untouched = "the untouched copy that propose wrote; PROPOSED.first.csv if none"
        given.add_argument("--first", type=Path, metavar="FILE", help=untouched)
        _add_data(given)
        given.set_defaults(verb=verb)
    given.add_argument(
        "--join",
        action="store_true",
        help="rows whose column same_as names an event become a further telling of it",
    )
    given.add_argument("--remove", metavar="SOURCE", help="take a merged article out again")
    given.add_argument("--recover", action="store_true", help="settle an interrupted merge")


def _cell(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form field=value")
    return name, value


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _check(got: argparse.Namespace) -> int:
    from jkrel import check
    from jkrel.reading import counted, describe

    if got.directory and got.data:
        raise ValueError("check takes a folder once: by itself, or after --data")
    got.directory = got.directory or got.data
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
    from jkrel.publish import execution

    data = Path(os.environ.get("JKREL_DATA") or ROOT / "data").resolve()
    if os.environ.get("JKREL_DATA"):  # Kernels start in the folder of the notebook.
        os.environ["JKREL_DATA"] = str(data)
    paths = _notebooks(got.notebooks)
    other = {"parameters": _parameters(got, paths)} if got.set else {}
    results = execution.run(paths, got.build, got.jobs, got.inplace, data, **other)
    for result in results:
        left_out = result.left_out and f"does not apply to these data, as {result.left_out}"
        print(f"{result.path.name}: {result.error or left_out or f'{len(result.files)} files'}")
    print(f"See {got.build / 'index.html'}")
    return int(any(result.error for result in results))


def _notebooks(names: list[str]) -> list[Path]:
    paths = [_notebook(name) for name in names] or sorted(NOTEBOOKS.glob("*.ipynb"))
    if not paths:
        raise ValueError(f"{NOTEBOOKS}: no notebook there")
    return paths


def _parameters(got: argparse.Namespace, paths: list[Path]) -> dict:
    """Return the values that --set gives; each notebook must have them all."""
    import nbformat

    from jkrel import parameters

    if not got.notebooks:
        raise ValueError("--set needs the name of a notebook, whose parameters it sets")
    if got.inplace:
        raise ValueError("--set and --inplace exclude each other: notebooks keep their own values")
    given = {name: parameters.value(text) for name, text in got.set}
    for path in paths:
        parameters.named(nbformat.read(path, as_version=4), given, path.stem)
    return given


def _new(got: argparse.Namespace) -> int:
    from jkrel.publish import template

    path = template.begin(got.name, NOTEBOOKS)
    print(f"{path}: write the question first; `jkrel run {path.stem} --inplace` runs it")
    return 0


def _paper(got: argparse.Namespace) -> int:
    from jkrel.publish import paper

    paths = [_notebook(name) for name in got.notebooks]
    for path in paper.build(paths, got.output, got.outline, got.force, got.receipts):
        if path.parent == got.output:
            print(path)
    return 0


def _notebook(name: str) -> Path:
    for path in (Path(name), NOTEBOOKS / name, NOTEBOOKS / f"{name}.ipynb"):
        if path.is_file():
            return path.resolve()
    raise ValueError(f"{name}: no such notebook, here or in {NOTEBOOKS}")


def _site(got: argparse.Namespace) -> int:
    from jkrel.publish import site
    from jkrel.receipts import collection

    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    found = collection.collect(paths, jobs=min(2, os.cpu_count() or 1))
    collection.save(found, got.build)
    failed = site.build(jkrel.load(), paths, got.build / "site", found)
    if not failed:
        print(f"See {got.build / 'site' / 'index.html'}")
    return int(bool(failed))


def _cite(got: argparse.Namespace) -> int:
    if got.dataset == bool(got.event_id):
        raise ValueError("cite takes an event id, or --dataset")
    from jkrel import cite

    data = jkrel.load()
    print(cite.cite_dataset(data) if got.dataset else cite.cite_id(data, got.event_id))
    return 0


def _receipts(got: argparse.Namespace) -> int:
    from jkrel.receipts import collection

    made = collection.collect(_notebooks(got.notebooks), got.jobs)
    for path in collection.save(made, got.build):
        print(path)
    shares = made.shares()
    print("\n".join(f"{row.Index}: {row.numbers} ({row.share:.1%})" for row in shares.itertuples()))
    print(f"{len(made.numbers):,} numbers, each with its cell and rows")
    return 0


def _verify_receipts(got: argparse.Namespace) -> int:
    from jkrel.receipts import collection

    paths = _notebooks([])
    made = collection.collect(paths, got.jobs)
    found = collection.verify(made, paths, got.build)
    for row in found.itertuples():
        change = f"{row.field} {row.old or 'nothing'!r} is now {row.new or 'nothing'!r}"
        print(f"{row.notebook} cell {row.cell}: {change} ({row.words}; {row.id}; {row.against})")
    print(f"{len(made.numbers):,} numbers recomputed, {len(found):,} differences")
    return int(len(found) > 0)


def _verify(got: argparse.Namespace) -> int:
    if got.receipts == bool(got.article):
        raise ValueError("verify takes your copy of an article, or --receipts")
    if got.receipts:
        return _verify_receipts(got)
    from jkrel import chronology
    from jkrel.chronology import copies, recognition

    data = jkrel.load()
    text = copies.read_file(got.article)
    entries = _reported(chronology.read(text, "copy", got.title), got.article)
    source = got.source or _recognised(entries, data)
    told = data.event_sources[data.event_sources["source_id"].eq(source)].dropna(
        subset=["entry_sha256"]
    )
    if told.empty:
        raise ValueError(f"no coded passages of {source!r}; articles: {', '.join(_articles(data))}")
    compared = chronology.verify(text, told, got.title)
    for row in compared[compared["status"].ne("same")].itertuples():
        print(f"{row.locator} {row.status}")
    more = recognition.surplus(entries, told)
    for row in more.itertuples():
        number = row.entry_id.rpartition("-")[2]
        print(f"entry {number} of the text is not coded: {_shortened(row.text)!r}")
    counts = compared["status"].value_counts()
    counted = [f"{number} {status}" for status, number in counts.items()]
    print(f"{source}: " + ", ".join(counted + [f"{len(more)} not coded"] * (len(more) > 0)))
    return int(compared["status"].ne("same").any())


def _export(got: argparse.Namespace) -> int:
    from jkrel import export

    done = export.export(jkrel.load(got.data), got.to, got.directory, got.force)
    for old, new in done.renamed.items():
        print(f"{old}: its name there is {new}")
    print(f"{got.directory}: {len(done.files)} files")
    return 0


def _diff(got: argparse.Namespace) -> int:
    from jkrel import diff

    with diff.folder(got.old) as old, diff.folder(got.new) as new:
        found = diff.rows(old, new)
        moved = _moved(old.parent / diff.NOTEBOOKS, new.parent / diff.NOTEBOOKS)
    for line in diff.lines(found, None if got.all else MOST):
        print(line)
    open_ = diff.unexplained(found)
    print(diff.counted(found))
    if moved is not None:
        print(moved.drop(columns="cell").to_string(index=False) if len(moved) else "")
        counts = moved["what"].value_counts()
        numbers, figures = (counts.get(what, 0) for what in ("number", "figure"))
        print(f"{numbers:,} numbers and {figures:,} figures of notebooks moved")
    return int(got.strict and len(open_) > 0)


def _moved(old: Path, new: Path):
    """List what moved in notebooks, or nothing where one side has none or both are the same."""
    from jkrel import moves

    if old.resolve() == new.resolve() or not (old.is_dir() and new.is_dir()):
        return None
    return moves.moved(old, new)


def _propose(got: argparse.Namespace) -> int:
    from jkrel import chronology, propose
    from jkrel.chronology import copies
    from jkrel.propose import patterns

    if not re.fullmatch("[a-z][a-z0-9]*(-[0-9]+)*", got.source):
        raise ValueError(f"{got.source!r} is no id of a source; take letters and numbers: cc99-9")
    data = jkrel.load()
    own = data.codebook.directory / patterns.DIRECTORY.name
    if got.source in set(data.sources["source_id"]):
        note = "is in the data already, so that merge will refuse it: propose under another id"
        print(f"{got.source} {note}", file=sys.stderr)
    found = chronology.stream(copies.line_reader(got.article), got.source, got.title)
    undated = "; proposed without a day, write it"
    entries = (_reported(piece, got.article, undated) for piece in found)
    print(propose.save(entries, got.output, own if own.is_dir() else patterns.DIRECTORY))
    return 0


def _reported(found, article: Path, undated: str = ""):
    """The entries of a chronology, once its problems are told above the progress of the rest."""
    from tqdm import tqdm

    for problem in found.problems.itertuples():
        reason = problem.reason + undated * (problem.level == "error")
        told = f"{article} line {problem.line}: {reason}: {_shortened(problem.text)!r}"
        tqdm.write(told, file=sys.stderr)
    return found.entries


def _review(got: argparse.Namespace) -> int:
    from jkrel import report, review

    source, window = dict(got.article) or None, dict(got.window) or None
    people, disputes = got.participants, got.disputes
    files = {"participants": people, "disputes": disputes, "first": got.first}
    found = review.review(_proposed(got), jkrel.load(got.data), source, window, **files)
    words = report.file_words(got.proposed, **files, data=got.data)
    print(replace(found, files=words))
    return int(bool(len(found.problems) + len(found.conflicts)))


def _merge(got: argparse.Namespace) -> int:
    from jkrel import merge
    from jkrel.data import folder

    place = folder(got.data)
    for line in merge.recover(place):
        print(line)
    if got.recover:
        return 0
    if got.remove:
        print(f"{merge.remove(got.remove, place)}, from {place.resolve()}")
        return 0
    duplicates = "join" if got.join else "refuse"
    files = got.participants, got.disputes, duplicates, got.first
    done = merge.merge(_proposed(got), place, dict(got.article), dict(got.window), *files)
    print(f"{done}, to {place.resolve()}")
    return 0


def _proposed(got: argparse.Namespace) -> Path:
    if got.proposed is None:
        raise ValueError("name the file that `jkrel propose` wrote")
    return got.proposed


def _articles(data) -> list[str]:
    return list(data.sources.loc[data.sources["kind"].eq("article"), "source_id"])


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _recognised(entries, data) -> str:
    """The article that the text is a copy of, told with the days by which it is known."""
    from jkrel.chronology import recognition

    source, shared, days = recognition.recognise(entries, data.event_sources)
    print(f"taken as {source} ({shared} of {days} days agree)")
    return source
