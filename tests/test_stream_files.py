"""Files of event streams: layouts as published, other files refused, bad lines counted."""

import zipfile

import ibis
import pandas as pd
import pytest
from stream_rows import NAMES, line, write

from jkrel.streams import files, layouts

STREAMS = ["gdelt1", "gdelt2", "icews", "polecat"]
ICEWS = (
    "Event ID\tEvent Date\tSource Name\tSource Sectors\tSource Country\tEvent Text\tCAMEO Code\t"
    "Intensity\tTarget Name\tTarget Sectors\tTarget Country\tStory ID\tSentence Number\tPublisher\t"
    "City\tDistrict\tProvince\tCountry\tLatitude\tLongitude"
)
POLECAT = (
    "Event ID\tEvent Date\tEvent Type\tEvent Mode\tIntensity\tQuad Code\tContexts\tActor Name\t"
    "Actor Country\tActor COW\tPrimary Actor Sector\tActor Sectors\tActor Title\tActor Name Raw\t"
    "Wikipedia Actor ID\tRecipient Name\tRecipient Country\tRecipient COW\t"
    "Primary Recipient Sector\tRecipient Sectors\tRecipient Title\tRecipient Name Raw\t"
    "Wikipedia Recipient ID\tPlacename\tCity\tDistrict\tProvince\tCountry\tLatitude\tLongitude\t"
    "GeoNames ID\tRaw Placename\tFeature Type\tSource\tPublication Date\tStory People\t"
    "Story Organizations\tStory Locations\tLanguage\tVersion"
)

# Layouts


@pytest.mark.parametrize(("code", "number"), [("gdelt1", 58), ("gdelt2", 61), ("icews", 20)])
def test_layouts_have_the_published_number_of_columns(code, number):
    """GDELT 1.0 has 58 columns, GDELT 2.0 has 61, ICEWS 20."""
    assert len(layouts.stream(code).names) == number


@pytest.mark.parametrize(("code", "header"), [("icews", ICEWS), ("polecat", POLECAT)])
def test_headers_are_the_published_ones(code, header):
    """ICEWS and POLECAT name their columns, in this order."""
    assert layouts.stream(code).names == header.split("\t")


@pytest.mark.parametrize(
    ("code", "name", "place"),
    [
        *(("gdelt2", name, place) for name, place in (
            ("GlobalEventID", 1), ("Day", 2), ("Actor1Code", 6), ("Actor1CountryCode", 8),
            ("Actor2Code", 16), ("Actor2CountryCode", 18), ("EventCode", 27), ("QuadClass", 30),
            ("GoldsteinScale", 31), ("DATEADDED", 60), ("SOURCEURL", 61))),
        *(("gdelt1", name, place) for name, place in (
            ("EventCode", 27), ("QuadClass", 30), ("DATEADDED", 57), ("SOURCEURL", 58))),
    ],
)  # fmt: skip
def test_columns_without_header_stand_where_the_codebook_has_them(code, name, place):
    """GDELT files have no header, so that the place of a column is all there is."""
    assert layouts.stream(code).names[place - 1] == name


@pytest.mark.parametrize("code", STREAMS)
def test_each_column_names_its_document(code):
    """Every column has a place, a type, a description and a source; places run from one."""
    columns = layouts.stream(code).columns
    assert [int(column["position"]) for column in columns] == list(range(1, len(columns) + 1))
    assert all(column["description"] and column["source"] for column in columns)
    assert {column["type"] for column in columns} <= {"string", "integer", "number", "date"}


@pytest.mark.parametrize("code", STREAMS)
def test_roles_are_known_and_given_once(code):
    """No two columns have one role, and each role is one that the measures know."""
    roles = [c["role"] for c in layouts.stream(code).columns if c["role"]]
    assert len(set(roles)) == len(roles)
    assert set(roles) <= set(files.ROLES)


def test_an_unknown_stream_is_named():
    """A stream that is not there is an error that names those that are."""
    with pytest.raises(KeyError, match="no stream 'gdelt3'; there are: gdelt1, gdelt2"):
        layouts.stream("gdelt3")


# Survey


@pytest.mark.parametrize("code", STREAMS)
def test_a_sound_file_passes(code, tmp_path):
    """A file of the layout has no line to skip; the header is no line."""
    write(tmp_path, code, [line(code), line(code)])
    (row,) = layouts.survey(tmp_path, code).to_dict("records")
    assert (row["lines"], row["skipped"]) == (2, 0)


def test_bad_lines_are_counted_and_left_out(tmp_path):
    """A line of another width is skipped: counted by the survey, not in the table."""
    lines = [line("gdelt2", GlobalEventID=str(n)) for n in range(300)]
    lines[7], lines[200] = "cut\toff", lines[200] + "\ttoo much"
    path = write(tmp_path, "gdelt2", lines)
    (row,) = layouts.survey(path, "gdelt2").to_dict("records")
    assert (row["lines"], row["skipped"], row["first_skipped"]) == (300, 2, 8)
    assert row["difference"] == "2 columns, where GDELT 2.0 has 61"
    table = files.open_duckdb(path, "gdelt2")
    kept = set(table.event_id.execute())
    assert kept == {str(n) for n in range(300)} - {"7", "200"}


@pytest.mark.parametrize(
    ("code", "other", "message"),
    [
        ("gdelt2", "gdelt1", "line 1: 58 columns, where GDELT 2.0 has 61; 58 is GDELT 1.0"),
        ("gdelt1", "gdelt2", "line 1: 61 columns, where GDELT 1.0 has 58; 61 is GDELT 2.0"),
        ("icews", "polecat", "line 1: 40 columns, where ICEWS has 20; 40 is POLECAT; missing: "),
        ("icews", "gdelt2", "line 1: 61 columns, where ICEWS has 20; 61 is GDELT 2.0"),
        ("polecat", "icews", "line 1: 20 columns, where POLECAT has 40; 20 is ICEWS; missing: "),
    ],
)
def test_a_file_of_another_layout_is_refused(code, other, message, tmp_path):
    """The error names file, line and difference."""
    path = write(tmp_path, other, [line(other)])
    with pytest.raises(ValueError) as error:
        layouts.survey(path, code)
    assert str(error.value).startswith(f"{path} {message}")


@pytest.mark.parametrize("opened", ["open_duckdb", "unpack"])
def test_no_reader_opens_a_file_of_another_layout(opened, tmp_path):
    """Read as it is, such a file would give an empty table and no word of it."""
    write(tmp_path, "gdelt1", [line("gdelt1")] * 3)
    given = [tmp_path / "scratch"] if opened == "unpack" else []
    with pytest.raises(ValueError, match="line 1: 58 columns, where GDELT 2.0 has 61"):
        getattr(files, opened)(tmp_path, "gdelt2", *given)


def test_the_older_files_of_gdelt_1_are_refused(tmp_path):
    """Before April 2013 there was no SOURCEURL: 57 columns, another layout."""
    path = write(tmp_path, "gdelt1", [line("gdelt1").rpartition("\t")[0]])
    with pytest.raises(ValueError, match=r"line 1: 57 columns, where GDELT 1.0 has 58; so in 1 of"):
        layouts.survey(path, "gdelt1")


def test_a_renamed_column_is_refused(tmp_path):
    """With a header the names count, and not only their number."""
    header = ICEWS.replace("CAMEO Code", "Code")
    path = write(tmp_path, "icews", [line("icews")], header=header)
    with pytest.raises(ValueError, match="line 1: column 7 is 'Code', not 'CAMEO Code'"):
        layouts.survey(path, "icews")


def test_a_missing_and_a_strange_column_are_both_named(tmp_path):
    """Where the number differs, the error says what is missing and what is not of the layout."""
    header = POLECAT + "\tHeadline"
    path = write(tmp_path, "polecat", [line("polecat") + "\t"], header=header)
    with pytest.raises(ValueError, match="41 columns.*not in the layout: Headline"):
        layouts.survey(path, "polecat")


def test_either_name_of_a_column_is_taken(tmp_path):
    """Some files of POLECAT have Event Intensity for Intensity."""
    header = POLECAT.replace("\tIntensity", "\tEvent Intensity")
    path = write(tmp_path, "polecat", [line("polecat")], header=header)
    assert layouts.survey(path, "polecat")["skipped"].sum() == 0
    assert list(files.open_duckdb(path, "polecat").score.execute()) == ["2.5"]


def test_every_refused_file_is_named(tmp_path):
    """All files are read before the error is raised."""
    for name in ("a.csv", "b.csv"):
        write(tmp_path, "gdelt1", [line("gdelt1")], name)
    write(tmp_path, "gdelt2", [line("gdelt2")])
    with pytest.raises(ValueError) as error:
        layouts.survey(tmp_path, "gdelt2")
    assert [text.split(" line")[0] for text in str(error.value).splitlines()] == [
        str(tmp_path / "a.csv"), str(tmp_path / "b.csv")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"caf\xe9\n", "line 2: is not UTF-8"),
        (b"\r\n", "line 2: the line ends differ from the first line's"),
    ],
)
def test_what_engines_would_read_differently_is_refused(raw, message, tmp_path):
    """Another encoding, and mixed line ends, are errors that name the line."""
    path = tmp_path / "x.csv"
    body = line("gdelt2").encode()
    path.write_bytes(body + b"\n" + body + raw)
    with pytest.raises(ValueError, match=message):
        layouts.survey(path, "gdelt2")


def test_an_empty_file_is_refused(tmp_path):
    """A file without rows is an error: a download that broke off."""
    path = write(tmp_path, "icews", [])
    with pytest.raises(ValueError, match="has no rows"):
        layouts.survey(path, "icews")


def test_an_empty_folder_is_refused(tmp_path):
    """A folder without files of a stream is an error, not an empty stream."""
    with pytest.raises(FileNotFoundError, match="no file of gdelt2"):
        layouts.files(tmp_path, "gdelt2")
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        layouts.files(tmp_path / "none", "gdelt2")


# Tables


@pytest.mark.parametrize("code", STREAMS)
def test_codes_stay_strings(code, tmp_path):
    """Nothing is guessed: every column is a string, and 010 stays 010."""
    column = {"icews": "CAMEO_Code", "polecat": "Event_Type"}.get(code, "EventCode")
    table = files.open_duckdb(write(tmp_path, code, [line(code, **{column: "010"})]), code)
    assert set(table.schema().types) == {ibis.dtype("string")}
    assert list(table.code.execute()) == ["010"]


def test_quotes_are_plain_signs(tmp_path):
    """A quotation mark that opens and never closes swallows no line."""
    lines = [line("gdelt2", Actor1Name='"OPEN'), line("gdelt2", GlobalEventID="2")]
    table = files.open_duckdb(write(tmp_path, "gdelt2", lines), "gdelt2")
    assert sorted(table.event_id.execute()) == ["1", "2"]


def test_text_zip_and_parquet_are_one_table(tmp_path):
    """A folder may hold all three; what they hold is read the same."""
    for number, name in enumerate(("a.CSV", "b.CSV", "c.CSV")):
        write(tmp_path, "gdelt2", [line("gdelt2", GlobalEventID=str(number))], name)
    with zipfile.ZipFile(tmp_path / "b.CSV.zip", "w") as archive:
        archive.write(tmp_path / "b.CSV", "b.CSV")
    (tmp_path / "b.CSV").unlink()
    files.unpack(tmp_path / "c.CSV", "gdelt2", tmp_path)
    (tmp_path / "c.CSV").unlink()
    assert layouts.survey(tmp_path, "gdelt2")["lines"].tolist() == [1, 1]
    table = files.open_duckdb(tmp_path, "gdelt2", scratch=tmp_path / "scratch")
    assert sorted(table.event_id.execute()) == ["0", "1", "2"]
    assert set(table.code.execute()) == {"040"}
    assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["b.CSV.parquet"]


def test_a_folder_of_zips_needs_nothing_else(tmp_path):
    """As a download comes: the copies that DuckDB needs go to a temporary folder."""
    with zipfile.ZipFile(tmp_path / "a.CSV.zip", "w") as archive:
        archive.writestr("a.CSV", line("gdelt2", GlobalEventID="7") + "\n")
    table = files.open_duckdb(tmp_path, "gdelt2")
    assert table.event_id.execute().tolist() == ["7"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.CSV.zip"]


def test_a_parquet_file_of_other_columns_is_refused(tmp_path):
    """Columns of Parquet go by their names; those missing are named."""
    pd.DataFrame({"GlobalEventID": [1], "Day": [20240105]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="is no GDELT 2.0; missing columns: Actor1Code, "):
        layouts.survey(tmp_path, "gdelt2")


def test_parquet_with_the_names_of_bigquery_is_read(tmp_path):
    """An export of BigQuery has other names for some columns, and numbers for some strings."""
    cells = dict(zip(layouts.stream("gdelt2").names, line("gdelt2").split("\t"), strict=True))
    cells |= {"GLOBALEVENTID": 7, "SQLDATE": 20240105, "QuadClass": 1, "GoldsteinScale": 1.0}
    del cells["GlobalEventID"], cells["Day"]
    pd.DataFrame([cells]).to_parquet(tmp_path / "a.parquet")
    (row,) = files.open_duckdb(tmp_path, "gdelt2").execute().to_dict("records")
    assert (row["event_id"], row["day"], row["quad"]) == ("7", "20240105", "1")


# Coverage and cost


@pytest.mark.parametrize(
    ("code", "name", "days"),
    [
        ("gdelt1", "20240131.export.CSV", ["2024-01-31"]),
        ("gdelt2", "20240131234500.export.CSV", ["2024-01-31"]),
        ("gdelt2", "20240131234500.translation.export.CSV", ["2024-01-31"]),
        ("icews", "events.2024.20240103150522.tab", ["2024-01-01", "2024-01-02", "2024-01-03"]),
        ("icews", "20240105-icews-events.tab", ["2024-01-05"]),
    ],
)
def test_names_of_files_tell_their_days(code, name, days, tmp_path):
    """A file of a year counts for its days up to the one on which it was written."""
    write(tmp_path, code, [line(code)], name)
    assert list(files.file_days(tmp_path, code)["day"].dt.strftime("%Y-%m-%d")) == days


def test_a_day_of_gdelt_2_is_whole_with_96_files(tmp_path):
    """GDELT 2.0 has a file every quarter of an hour; with fewer the day is covered in part."""
    for hour in range(24):
        for minute in (0, 15, 30, 45):
            write(tmp_path, "gdelt2", ["x"], f"20240105{hour:02}{minute:02}00.export.CSV")
    write(tmp_path, "gdelt2", ["x"], "20240106000000.export.CSV")
    days = files.file_days(tmp_path, "gdelt2")
    assert days["files"].tolist() == [96, 1]
    assert days["whole"].tolist() == [True, False]


def test_a_name_without_a_day_is_refused(tmp_path):
    """Coverage is never guessed from the rows."""
    write(tmp_path, "gdelt2", [line("gdelt2")], "events.csv")
    with pytest.raises(ValueError, match="events.csv: its name, for GDELT 2.0, tells no day"):
        files.file_days(tmp_path, "gdelt2")


def test_text_is_read_in_full_and_parquet_by_column(tmp_path):
    """Bytes to be read: all of a text file, the needed columns of a Parquet file."""
    lines = [line("gdelt2", GlobalEventID=str(n), Actor1Name=f"name {n}" * 9) for n in range(500)]
    path = write(tmp_path, "gdelt2", lines)
    assert files.bytes_to_read(path, "gdelt2") == path.stat().st_size
    (packed,) = files.unpack(path, "gdelt2", tmp_path / "packed")
    assert 0 < files.bytes_to_read(packed, "gdelt2") < packed.stat().st_size


def test_what_is_unpacked_already_is_taken_as_it_is(tmp_path):
    """A second call makes no file anew, and a Parquet file is passed on from where it lies."""
    path = write(tmp_path, "gdelt2", [line("gdelt2")])
    (packed,) = files.unpack(path, "gdelt2", tmp_path / "packed")
    made = packed.stat().st_mtime_ns
    assert files.unpack(path, "gdelt2", tmp_path / "packed") == [packed]
    assert packed.stat().st_mtime_ns == made
    assert files.unpack(packed, "gdelt2", tmp_path / "other") == [packed]
    assert list((tmp_path / "other").iterdir()) == []


def test_a_zip_counts_as_unpacked(tmp_path):
    """What has to be read of a ZIP is its content."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.CSV", (line("gdelt2") + "\n") * 99)
    assert files.bytes_to_read(tmp_path, "gdelt2") == 99 * (len(line("gdelt2")) + 1)


def test_file_names_of_the_examples_tell_their_stream():
    """The names that these tests give to files are of the forms that the table knows."""
    assert set(NAMES) == {row["code"] for row in layouts.rows("streams")}
