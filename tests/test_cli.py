"""The command: what each verb prints, and its exit code: 0 done, 1 problems, 2 wrong use."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from jkrel import chronology, cite, cli
from jkrel.publish import execution

ARTICLE = """# A Made-up Article

Ministers met twice before the summer, and called it a *beginning*.

## CHRONOLOGY OF MADE-UP RELATIONS

Sept. 1, 2022: Officials meet in [Hawaii](https://example.org/hawaii).

Sept. 2, 2022: A ministry protests.

Sept. 7, 2022: Envoys meet in Tokyo.
"""
TAKEN = "taken as cc24-3 (3 of 3 days agree)\n"
BODY = "Ministers met twice before the summer, and called it a beginning."


@pytest.fixture(autouse=True)
def shipped(monkeypatch):
    """The shipped data, wherever the tests are run."""
    monkeypatch.delenv("JKREL_DATA", raising=False)


@pytest.fixture
def article(tmp_path):
    """A reader's own copy."""
    path = tmp_path / "copy.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


@pytest.fixture
def coded(folder, monkeypatch):
    """A data folder whose events are told by the made-up article, and which is the one loaded."""
    entries = chronology.entries(ARTICLE, "cc24-3")
    hashes = dict(zip(entries["entry_id"], entries["sha256"], strict=True))
    texts = dict(zip(entries["entry_id"], entries["text"], strict=True))
    empty = dict.fromkeys(folder.rows("event_sources")[0], "")
    told = {"source_id": "cc24-3", "series": "chronology"}
    places = {f"cc24-3-00{number}": f"2022-09-0{day}" for number, day in ((1, 1), (2, 2), (3, 7))}
    rows = [
        empty
        | told
        | {
            "event_id": event["event_id"],
            "locator": place,
            "entry_sha256": hashes[place],
            "entry_words": str(len(texts[place].split())),
            "date_stated": day,
        }
        for event, (place, day) in zip(folder.rows("events"), places.items(), strict=False)
    ]
    body = {"locator": "cc24-3-p01", "entry_sha256": chronology.sha256(BODY)}
    rows.append(rows[0] | body | {"entry_words": str(len(BODY.split())), "date_stated": ""})
    folder.write("event_sources", rows)
    monkeypatch.setenv("JKREL_DATA", str(folder.path))
    return folder


def run(capsys, *arguments):
    """Run a verb; return the exit code and what was printed as output and as error."""
    try:
        code = cli.main(list(map(str, arguments)))
    except SystemExit as stop:
        code = stop.code
    return code, *capsys.readouterr()


# check


def test_the_shipped_data_hold_every_rule():
    """`python -m jkrel check` ends with 0 and says how much it looked at."""
    command = [sys.executable, "-m", "jkrel", "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().endswith("rules: all hold")


def test_check_lists_every_problem_of_a_broken_copy(capsys, folder):
    """Two slips give two lines, each with file, row and column, and exit code 1."""
    folder.change("events", "cc24-3-001a", {"valence": "2"})
    folder.change("coverage", "chronology-cc24-3", {"start": "2022-09-31"})
    code, out, _ = run(capsys, "check", folder.path)
    *problems, count = out.strip().splitlines()
    assert (code, count) == (1, "2 problems")
    (row,) = folder.lines("events", "cc24-3-001a")
    assert problems[0].startswith(f"events.csv row {row} valence: [")
    assert "'2022-09-31'" in problems[1]


def test_check_goes_on_to_the_rules_between_tables(capsys, folder):
    """Cells that can be read, but contradict another column, are problems too."""
    folder.change("events", "cc24-3-001a", {"date_end": "2022-08-31"})
    code, out, _ = run(capsys, "check", folder.path)
    assert code == 1
    assert "date_end: [days in order] '2022-08-31' is earlier than date_start" in out


def test_check_of_a_folder_that_is_not_there_is_wrong_use(capsys, tmp_path):
    """Exit code 2, the folder named on standard error, nothing on standard output."""
    code, out, error = run(capsys, "check", tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert "nowhere" in error and "data package" in error


def test_check_takes_the_folder_of_the_environment(capsys, folder, monkeypatch):
    """Without a folder given, JKREL_DATA says where the data are."""
    folder.change("events", "cc24-3-001a", {"valence": "2"})
    monkeypatch.setenv("JKREL_DATA", str(folder.path))
    assert run(capsys, "check")[0] == 1


@pytest.mark.parametrize(
    "verb", "check run cite verify export receipts site paper propose review merge".split()
)
def test_verbs_that_read_the_data_take_their_folder_after_data(capsys, verb):
    """One option for all, told in their help; `diff` alone takes folders by themselves."""
    with pytest.raises(SystemExit):
        cli.main([verb, "--help"])
    assert "--data DIR" in capsys.readouterr().out


def test_the_folder_after_data_is_that_of_all_that_a_verb_does(capsys, folder, monkeypatch):
    """It wins over JKREL_DATA, which is as before once the verb has ended."""
    folder.change("events", "cc24-3-001a", {"valence": "2"})
    monkeypatch.setenv("JKREL_DATA", str(folder.path / "nowhere"))
    for words in (["check"], ["cite", "--dataset"], ["cite", "cc24-3-002a"]):
        code, out, error = run(capsys, *words, "--data", folder.path)
        assert code == 1 and "events.csv" in out + error
        assert os.environ["JKREL_DATA"] == str(folder.path / "nowhere")
    monkeypatch.delenv("JKREL_DATA")
    assert run(capsys, "check", "--data", folder.path)[0] == 1
    assert "JKREL_DATA" not in os.environ


def test_proposals_follow_the_patterns_of_the_folder_after_data(capsys, folder, tmp_path):
    """Words that a folder of data adds to its patterns are found with it, and only with it."""
    row = ",".join(["act-9999", "frobnicates", "criticism", "head", "9", "", "", "", "", "", ""])
    with (folder.path / "patterns" / "acts.csv").open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")
    article = tmp_path / "kites.txt"
    article.write_text("May 1, 2031: South Korea frobnicates Japan.\n", encoding="utf-8")
    found = []
    for number, words in enumerate([[], ["--data", folder.path]]):
        out = tmp_path / f"{number}.csv"
        assert run(capsys, "propose", article, "--source", "kites", "-o", out, *words)[0] == 0
        found.append(pd.read_csv(out, keep_default_na=False)["event_type"].iloc[0])
    assert found[0] != "criticism" and found[1] == "criticism"


def test_check_takes_one_folder(capsys, folder):
    """By itself or after --data, and not both."""
    code, _, error = run(capsys, "check", folder.path, "--data", folder.path)
    assert (code, "once" in error) == (2, True)


# run


@pytest.fixture
def recorded(monkeypatch):
    """Take down how notebooks would be run, and say that a notebook called bad fails."""
    calls = []

    def pretend(paths, build, jobs, inplace, data):
        calls.append({"paths": paths, "build": build, "jobs": jobs, "inplace": inplace})
        return [
            execution.Result(path, error="cell 1 (1 / 0): ZeroDivisionError: division by zero")
            if path.stem == "bad"
            else execution.Result(path, files=(path, path))
            for path in paths
        ]

    monkeypatch.setattr(execution, "run", pretend)
    return calls


def notebook(folder, name):
    path = folder / f"{name}.ipynb"
    path.write_text("{}", encoding="utf-8")
    return path


def test_run_takes_notebooks_by_path(capsys, recorded, tmp_path):
    """The options arrive, and each notebook is reported with the number of its files."""
    path, build = notebook(tmp_path, "good"), tmp_path / "build"
    code, out, _ = run(capsys, "run", path, "--jobs", 3, "--inplace", "--build", build)
    assert code == 0
    assert recorded == [{"paths": [path], "build": build, "jobs": 3, "inplace": True}]
    assert out.splitlines() == ["good.ipynb: 2 files", f"See {build / 'index.html'}"]


@pytest.mark.parametrize("name", ["02_second", "02_second.ipynb"])
def test_run_takes_notebooks_by_name(capsys, recorded, tmp_path, monkeypatch, name):
    """A name with or without its ending stands for the one in notebooks/."""
    monkeypatch.setattr(cli, "NOTEBOOKS", tmp_path)
    path = notebook(tmp_path, "02_second")
    assert run(capsys, "run", name)[0] == 0
    assert recorded[0]["paths"] == [path]


def test_run_without_a_name_takes_all_in_order(capsys, recorded, tmp_path, monkeypatch):
    """All notebooks of the folder, sorted by name, and not in place unless asked for."""
    monkeypatch.setattr(cli, "NOTEBOOKS", tmp_path)
    paths = [notebook(tmp_path, name) for name in ("02_b", "01_a", "10_c")]
    assert run(capsys, "run")[0] == 0
    assert recorded[0]["paths"] == sorted(paths)
    assert recorded[0]["inplace"] is False


def test_run_ends_with_1_when_a_notebook_fails(capsys, recorded, tmp_path):
    """The failing notebook, cell and error are named, and the others reported as ever."""
    paths = [notebook(tmp_path, name) for name in ("bad", "good")]
    code, out, _ = run(capsys, "run", *paths)
    assert code == 1
    assert out.splitlines()[:2] == [
        "bad.ipynb: cell 1 (1 / 0): ZeroDivisionError: division by zero",
        "good.ipynb: 2 files",
    ]


def test_run_of_an_unknown_notebook_is_wrong_use(capsys, recorded):
    """Exit code 2, and nothing is run."""
    code, _, error = run(capsys, "run", "99_nothing")
    assert code == 2
    assert "99_nothing: no such notebook" in error
    assert recorded == []


def test_run_in_an_empty_folder_is_wrong_use(capsys, recorded, tmp_path, monkeypatch):
    """No notebook at all is an error that names the folder."""
    monkeypatch.setattr(cli, "NOTEBOOKS", tmp_path)
    code, _, error = run(capsys, "run")
    assert code == 2
    assert str(tmp_path) in error


def with_parameter(folder):
    """A notebook with one parameter."""
    cell = nbformat.v4.new_code_cell("TOP = 8  # shown", metadata={"tags": ["parameters"]})
    path = folder / "01_made_up.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_run_sets_parameters(capsys, monkeypatch, tmp_path):
    """Values arrive by the names that the notebook is asked by, and are no texts."""
    given = []

    def pretend(paths, build, jobs, inplace, data, parameters):
        given.append(parameters)
        return [execution.Result(path) for path in paths]

    monkeypatch.setattr(execution, "run", pretend)
    assert run(capsys, "run", with_parameter(tmp_path), "--set", "top=3")[0] == 0
    assert given == [{"top": 3}]


def test_run_lists_the_parameters_when_one_is_unknown(capsys, recorded, tmp_path):
    """Exit code 2, each parameter with its comment, and nothing is run."""
    code, _, error = run(capsys, "run", with_parameter(tmp_path), "--set", "tops=3")
    assert (code, recorded) == (2, [])
    assert "no parameter tops" in error and "TOP = 8  # shown" in error


@pytest.mark.parametrize("more", [["--inplace"], None])
def test_run_sets_parameters_of_named_notebooks_only_and_never_in_place(
    capsys, recorded, tmp_path, more
):
    """Notebooks keep the values they are committed with."""
    names = [with_parameter(tmp_path), *more] if more else []
    code, _, error = run(capsys, "run", *names, "--set", "TOP=3")
    assert (code, recorded) == (2, [])
    assert "--set" in error


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_run_needs_at_least_one_job(capsys, recorded, jobs):
    """A number of jobs under 1 is wrong use."""
    assert run(capsys, "run", "--jobs", jobs)[0] == 2
    assert recorded == []


# cite


def test_cite_prints_the_citation_of_an_event(capsys, dataset):
    """As the library gives it."""
    code, out, _ = run(capsys, "cite", "cc24-3-009a")
    assert (code, out) == (0, cite.cite_event(dataset, "cc24-3-009a") + "\n")


def test_cite_takes_an_id_whatever_its_case(capsys, dataset):
    """Copied from a heading in capitals, it is the same id."""
    assert run(capsys, "cite", "CC24-3-009A")[1] == cite.cite_event(dataset, "cc24-3-009a") + "\n"


def test_cite_lists_the_events_of_an_entry(capsys):
    """Each in a line with its id, day and summary; a passage of the body may retell some."""
    code, out, _ = run(capsys, "cite", "CC24-3-005")
    assert code == 0
    assert [line[: len("Event cc24-3-005a")] for line in out.splitlines()] == [
        "Event cc24-3-005a",
        "Event cc24-3-005b",
    ]
    assert "Event cc24-3-046b (" in run(capsys, "cite", "cc24-3-p05")[1]


def test_cite_prints_the_citation_of_the_dataset(capsys, dataset):
    """With the hash of the data."""
    code, out, _ = run(capsys, "cite", "--dataset")
    assert (code, out) == (0, cite.cite_dataset(dataset) + "\n")


@pytest.mark.parametrize("arguments", [[], ["cc24-3-009a", "--dataset"]])
def test_cite_takes_an_event_or_the_dataset(capsys, arguments):
    """Neither or both is wrong use."""
    code, out, error = run(capsys, "cite", *arguments)
    assert (code, out) == (2, "")
    assert error == "jkrel: cite takes an event id, or --dataset\n"


def test_cite_of_an_unknown_event_is_wrong_use(capsys):
    """The message is a sentence, without quotes around it."""
    code, _, error = run(capsys, "cite", "cc24-3-999a")
    assert code == 2
    assert error.startswith("jkrel: no event 'cc24-3-999a' in events.csv")


def test_data_that_cannot_be_loaded_are_problems(capsys, folder, monkeypatch):
    """Exit code 1, with every problem on standard error."""
    folder.change("events", "cc24-3-001a", {"valence": "2"})
    monkeypatch.setenv("JKREL_DATA", str(folder.path))
    code, out, error = run(capsys, "cite", "--dataset")
    assert (code, out) == (1, "")
    assert "events.csv" in error and "valence" in error


# verify


def test_verify_finds_the_same_words(capsys, coded, article):
    """All four passages stand in the copy; the article is recognised by its dates."""
    code, out, _ = run(capsys, "verify", article)
    assert (code, out) == (0, f"{TAKEN}cc24-3: 4 same\n")


def test_verify_is_blind_to_layout(capsys, coded, article):
    """Line breaks, curly quotes, emphasis and links do not count as words."""
    text = ARTICLE.replace("A ministry protests.", "**A ministry\nprotests.**")
    article.write_text(text.replace("Envoys", "[Envoys](https://example.org)"), encoding="utf-8")
    assert run(capsys, "verify", article)[:2] == (0, f"{TAKEN}cc24-3: 4 same\n")


def test_verify_names_what_differs_and_what_is_missing(capsys, coded, article):
    """Another word in the second entry, no third entry, and a body without the passage."""
    text = ARTICLE.replace("protests", "complains").replace("Ministers met", "Ministers meet")
    article.write_text(text[: text.index("Sept. 7")], encoding="utf-8")
    code, out, _ = run(capsys, "verify", article)
    taken, *lines, counts = out.splitlines()
    assert code == 1
    assert taken == "taken as cc24-3 (2 of 2 days agree)"
    assert sorted(lines) == [
        "cc24-3-002 differs",
        "cc24-3-003 missing",
        "cc24-3-p01 missing",
    ]
    assert sorted(counts.removeprefix("cc24-3: ").split(", ")) == [
        "1 differs",
        "1 same",
        "2 missing",
    ]


def test_verify_takes_the_source_that_is_named(capsys, coded, article):
    """A source without coded passages is wrong use, and the articles are listed."""
    assert run(capsys, "verify", article, "--source", "cc24-3")[0] == 0
    code, _, error = run(capsys, "verify", article, "--source", "cc26-1")
    assert code == 2
    assert "no coded passages of 'cc26-1'" in error and "cc24-3, cc26-1" in error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("May 5, 1999: A day that nobody coded.", "name one with --source"),
        ("No chronology at all.", "no chronology found"),
    ],
)
def test_verify_of_another_text_is_wrong_use(capsys, coded, article, text, message):
    """A text that is none of the articles is an error that says why."""
    article.write_text(text, encoding="utf-8")
    code, _, error = run(capsys, "verify", article)
    assert code == 2
    assert message in error


def test_verify_tells_what_it_did_not_understand(capsys, coded, article):
    """Problems of the copy go to standard error, each with its line, and the rest is compared."""
    text = ARTICLE.replace("Sept. 2, 2022:", "Sept. 31, 2022:")
    article.write_text(text, encoding="utf-8")
    code, out, error = run(capsys, "verify", article)
    taken = "taken as cc24-3 (2 of 2 days agree)\n"
    assert (code, out) == (1, f"{taken}cc24-3-002 differs\ncc24-3: 3 same, 1 differs\n")
    assert error == f"{article} line 9: no such day: 'Sept. 31, 2022:'\n"


def test_verify_takes_the_title_that_is_named(capsys, coded, article):
    """A file of two chronologies is an error that lists them, until one is named."""
    other = "\n## CHRONOLOGY OF OTHER RELATIONS\n\nMay 5, 2022: Kites fly.\n"
    article.write_text(ARTICLE + other, encoding="utf-8")
    code, _, error = run(capsys, "verify", article)
    assert code == 2
    assert "2 chronologies" in error and "OTHER RELATIONS" in error
    assert run(capsys, "verify", article, "--title", "made-up")[:2] == (
        0,
        f"{TAKEN}cc24-3: 4 same\n",
    )


def more_days(number):
    """Dated entries of days that nobody coded."""
    return "".join(f"\nMay {day}, 1999: Kite {day} flies.\n" for day in range(1, number + 1))


def test_verify_recognises_an_article_by_half_of_its_days(capsys, coded, article):
    """Three days of six are enough; what the text has beyond the article is listed."""
    article.write_text(ARTICLE + more_days(3), encoding="utf-8")
    code, out, _ = run(capsys, "verify", article)
    assert (code, out.splitlines()) == (
        0,
        [
            "taken as cc24-3 (3 of 6 days agree)",
            "entry 004 of the text is not coded: 'May 1, 1999: Kite 1 flies.'",
            "entry 005 of the text is not coded: 'May 2, 1999: Kite 2 flies.'",
            "entry 006 of the text is not coded: 'May 3, 1999: Kite 3 flies.'",
            "cc24-3: 4 same, 3 not coded",
        ],
    )


def test_verify_does_not_guess_from_few_days(capsys, coded, article):
    """Three days of seven may be chance: candidates are listed, and one may be named."""
    article.write_text(ARTICLE + more_days(4), encoding="utf-8")
    code, out, error = run(capsys, "verify", article)
    assert (code, out) == (2, "")
    assert "of 7 in the text, coded articles have cc24-3 3 (fewer than half)" in error
    assert "name one with --source" in error
    code, out, _ = run(capsys, "verify", article, "--source", "cc24-3")
    assert code == 0 and out.endswith("cc24-3: 4 same, 4 not coded\n")


def test_verify_does_not_choose_between_articles_with_as_many_days(capsys, coded, article):
    """Two articles that tell the same days are both listed."""
    rows = coded.rows("event_sources")
    spare = coded.rows("events")[len(rows) :]
    others = [
        row | {"source_id": "cc26-1", "event_id": event["event_id"]}
        for row, event in zip(rows, spare, strict=False)
    ]
    coded.write("event_sources", rows + others)
    code, _, error = run(capsys, "verify", article)
    assert code == 2
    assert "cc24-3 3, cc26-1 3 (several articles have the most)" in error


def test_verify_lists_an_entry_put_in_between(capsys, coded, article):
    """All coded entries stand in the copy, with other numbers; only the new one is surplus."""
    second = "Sept. 2, 2022: A ministry protests."
    text = ARTICLE.replace(second, f"Sept. 1, 2022: Kites fly.\n\n{second}")
    article.write_text(text, encoding="utf-8")
    code, out, _ = run(capsys, "verify", article)
    surplus = "entry 002 of the text is not coded: 'Sept. 1, 2022: Kites fly.'\n"
    assert (code, out) == (0, f"{TAKEN}{surplus}cc24-3: 4 same, 1 not coded\n")


def test_verify_reads_web_pages(capsys, coded, tmp_path):
    """A saved page is a copy as good as a text."""
    lines = ARTICLE.replace("[Hawaii](https://example.org/hawaii)", "<a href=h>Hawaii</a>")
    page = tmp_path / "copy.html"
    page.write_text("".join(f"<p>{line}</p>" for line in lines.split("\n\n")), encoding="utf-8")
    assert run(capsys, "verify", page)[:2] == (0, f"{TAKEN}cc24-3: 4 same\n")


def test_verify_of_an_article_nobody_coded_is_wrong_use(capsys, coded, article):
    """No day of its entries is one of those coded; the way out is said."""
    article.write_text(ARTICLE.replace(", 2022", ", 1999"), encoding="utf-8")
    code, _, error = run(capsys, "verify", article)
    assert code == 2 and "name one with --source" in error


def test_verify_of_a_file_that_is_not_there_is_wrong_use(capsys, coded):
    """The missing file is named."""
    code, _, error = run(capsys, "verify", Path("nowhere.txt"))
    assert code == 2
    assert "nowhere.txt" in error


# The command itself


@pytest.mark.parametrize("arguments", [[], ["forget"], ["check", "a", "b"]])
def test_unknown_verbs_and_arguments_are_wrong_use(capsys, arguments):
    """Exit code 2, with the usage on standard error."""
    code, _, error = run(capsys, *arguments)
    assert code == 2
    assert error.startswith("usage: jkrel")


def test_help_names_every_verb(capsys):
    """Exit code 0, and one line per verb."""
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(f"\n    {verb}" in out for verb in ("check", "run", "cite", "verify"))


# A new issue


NEW = """CHRONOLOGY OF JAPAN-KOREA RELATIONS

May 6, 2031: The foreign ministers of Japan and South Korea meet in Fukuoka.

May 9, 2031: Vice ministers of Japan and South Korea meet in Busan.
"""
ARTICLE_CELLS = ["author=A", "title=T", "journal=J", "volume=1", "number=1"]
ARTICLE_CELLS += ["date_published=2031-06", "publisher=P"]
WINDOW = ["start=2031-05-01", "end=2031-05-31", "completeness=complete", "reason=Made up."]


@pytest.fixture
def proposed(tmp_path, capsys):
    """The file that the verb writes for a made-up article, before anybody edits it."""
    text, path = tmp_path / "new.txt", tmp_path / "proposed.csv"
    text.write_text(NEW, encoding="utf-8")
    code, out, _ = run(capsys, "propose", str(text), "--source", "made9-9", "-o", str(path))
    assert (code, "2 rows for 2 entries" in out) == (0, True)
    return path


def summed(path):
    """Write what a person has to write."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows["summary"] = "Made-up talks number " + rows["event_id"].str[-1:] + "."
    rows.to_csv(path, index=False, lineterminator="\n")


def test_an_unedited_proposal_is_not_ready(proposed, folder, capsys):
    """Exit code 1, and the missing summaries named with their rows."""
    code, out, _ = run(capsys, "review", str(proposed), "--data", str(folder.path))
    assert code == 1
    assert "proposed.csv summary: [required] is empty; write" in out
    assert "(in 2 rows: 2, 3)" in out


def test_a_reviewed_proposal_is_merged_and_taken_out_again(proposed, folder, capsys):
    """Exit code 0 each time; in between the events stand in the data."""
    summed(proposed)
    place = ["--data", str(folder.path)]
    assert run(capsys, "review", str(proposed), *place)[0] == 0
    cells = ["--article", *ARTICLE_CELLS, "--window", *WINDOW]
    code, out, _ = run(capsys, "merge", str(proposed), *place, *cells)
    assert (code, "Added 2 events of made9-9" in out) == (0, True)
    assert run(capsys, "merge", str(proposed), *place, *cells)[0] == 1
    code, out, _ = run(capsys, "merge", *place, "--remove", "made9-9")
    assert (code, "Took out made9-9" in out) == (0, True)
    assert run(capsys, "merge", *place, "--recover")[0] == 0


def test_a_possible_duplicate_is_settled_in_the_file_as_it_is_proposed(proposed, folder, capsys):
    """The column same_as is there, empty; the message says what to write into it."""
    summed(proposed)
    rows = pd.read_csv(proposed, dtype=str, keep_default_na=False)
    assert set(rows["same_as"]) == {""}
    same = ["date_start", "date_end", "actors", "event_type", "format"]
    folder.change("events", "cc24-3-009a", dict(rows.loc[0, same]))
    place = ["--data", str(folder.path)]
    code, out, _ = run(capsys, "review", proposed, *place)
    assert code == 1 and "'cc24-3-009a' may be the same event; write its id into" in out
    rows.loc[0, "same_as"] = "none"
    rows.to_csv(proposed, index=False, lineterminator="\n")
    code, out, _ = run(capsys, "review", proposed, *place)
    assert (code, "cc24-3-009a" in out) == (0, False)


def test_a_file_edited_under_another_name_is_compared_with_the_copy_that_is_named(
    article, folder, tmp_path, capsys
):
    """Propose says what its second file is for; review asks for it where it finds none."""
    path, edited = tmp_path / "proposed.csv", tmp_path / "edited.csv"
    _, out, _ = run(capsys, "propose", article, "--source", "made9-9", "-o", path)
    first = tmp_path / "proposed.first.csv"
    assert f"{first}: the same untouched, for review to compare with" in out
    path.rename(edited)
    summed(edited)
    given = ["review", edited, "--data", folder.path]
    assert "Not compared: no edited.first.csv beside it; name the" in run(capsys, *given)[1]
    assert "summaries written" in run(capsys, *given, "--first", first)[1]
    code, _, error = run(capsys, *given, "--first", tmp_path / "none.csv")
    assert (code, error) == (2, f"jkrel: {tmp_path / 'none.csv'}: no such file\n")


def test_review_and_merge_take_the_folder_of_the_environment(
    proposed, folder, capsys, monkeypatch, tmp_path
):
    """JKREL_DATA says where events are added and taken out, and the folder is named each time."""
    summed(proposed)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JKREL_DATA", os.path.relpath(folder.path))
    # Whatever fails here, the shipped data are not what is written to.
    monkeypatch.setattr("jkrel.data.DEFAULT", tmp_path / "nowhere")
    monkeypatch.setattr(cli, "ROOT", tmp_path / "nowhere")
    assert run(capsys, "review", proposed)[0] == 0
    cells = ["--article", *ARTICLE_CELLS, "--window", *WINDOW]
    code, out, _ = run(capsys, "merge", proposed, *cells)
    assert code == 0 and out.startswith("Added 2 events of made9-9.\nRows: ")
    assert out.endswith(f", to {folder.path.resolve()}\n")
    assert "made9-9-001a" in {row["event_id"] for row in folder.rows("events")}
    assert run(capsys, "merge", "--recover") == (0, "", "")
    code, out, _ = run(capsys, "merge", "--remove", "made9-9")
    assert code == 0
    assert out == f"Took out made9-9 with 2 events, from {folder.path.resolve()}\n"


def test_a_proposal_is_never_written_over(proposed, tmp_path, capsys):
    """A file that may hold a person's work stays, exit code 2."""
    text = str(tmp_path / "new.txt")
    code, _, error = run(capsys, "propose", text, "--source", "made9-9", "-o", str(proposed))
    assert (code, "is there already" in error) == (2, True)


def test_verbs_that_need_a_file_say_so(folder, capsys):
    """Without a proposal there is nothing to review or to merge."""
    code, _, error = run(capsys, "review", "--data", str(folder.path))
    assert (code, "name the file" in error) == (2, True)


@pytest.mark.parametrize("source", ["CC 99", "9-9", "cc99-9-"])
def test_a_source_is_proposed_under_an_id(article, tmp_path, capsys, source):
    """What is no id of a source is refused, with an example of one."""
    path = tmp_path / "proposed.csv"
    code, _, error = run(capsys, "propose", article, "--source", source, "-o", path)
    assert code == 2 and f"{source!r} is no id of a source" in error
    assert not path.exists()


def test_an_entry_without_a_day_is_proposed_without_one(article, tmp_path, capsys):
    """The cells are empty, and the message says so; nothing is told of progress where none is."""
    path = tmp_path / "proposed.csv"
    article.write_text(ARTICLE.replace("Sept. 7", "Sept. 31"), encoding="utf-8")
    code, _, error = run(capsys, "propose", article, "--source", "made9-9", "-o", path)
    told = "no such day; proposed without a day, write it: 'Sept. 31, 2022:'"
    assert (code, error) == (0, f"{article} line 11: {told}\n")
    rows = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("entry_id")
    dates = ["date_start", "date_end", "date_precision"]
    assert set(rows.loc["made9-9-003", dates]) == {""}


def test_proposing_a_source_of_the_data_says_that_it_cannot_be_merged(article, tmp_path, capsys):
    """It is proposed all the same: a reader may want to compare."""
    path = tmp_path / "proposed.csv"
    code, _, error = run(capsys, "propose", article, "--source", "cc24-3", "-o", path)
    assert code == 0 and "cc24-3 is in the data already, so that merge will refuse it" in error
    assert path.is_file()


def test_a_field_of_an_article_is_given_with_its_value(proposed, folder, capsys):
    """What has no equals sign is wrong use."""
    place = ["--data", str(folder.path)]
    code, _, error = run(capsys, "merge", proposed, *place, "--article", "title")
    assert code == 2 and "'title' is not of the form field=value" in error


def test_recovering_alone_merges_nothing(folder, capsys):
    """Without an interruption there is nothing to do, and nothing is said."""
    assert run(capsys, "merge", "--recover", "--data", folder.path) == (0, "", "")


def test_an_interrupted_merge_is_named_when_loading(folder, capsys):
    """No half-merged data are ever loaded; the message names the way out."""
    (folder.path / ".merge-1").mkdir()
    code, _, error = run(capsys, "check", str(folder.path))
    assert (code, "jkrel merge --recover" in error) == (2, True)
