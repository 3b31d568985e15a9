"""Lines of the four layouts, written by hand for tests; no line is copied from a download."""

from jkrel.streams.layouts import stream

CELLS = {
    "gdelt2": {
        "GlobalEventID": "1", "Day": "20240105", "Actor1Code": "JPNGOV", "Actor1CountryCode": "JPN",
        "Actor2Code": "KORGOV", "Actor2CountryCode": "KOR", "EventCode": "040", "QuadClass": "1",
        "GoldsteinScale": "1.0", "SOURCEURL": "https://example.org/a",
    },
    "icews": {
        "Event ID": "1", "Event Date": "2024-01-05", "Source Name": "Government (Japan)",
        "Source Country": "Japan", "CAMEO Code": "040", "Intensity": "1.0",
        "Target Name": "Government (South Korea)", "Target Country": "South Korea", "Story ID": "9",
    },
    "polecat": {
        "Event ID": "20240105-1_CONSULT", "Event Date": "2024-01-05", "Event Type": "CONSULT",
        "Intensity": "2.5", "Quad Code": "VERBAL COOPERATION", "Actor Name": "Japan",
        "Actor Country": "JPN", "Recipient Name": "South Korea", "Recipient Country": "KOR",
    },
}  # fmt: skip
CELLS["gdelt1"] = CELLS["gdelt2"]
NAMES = {
    "gdelt1": "20240105.export.CSV",
    "gdelt2": "20240105000000.export.CSV",
    "icews": "events.2024.20240601000000.tab",
    "polecat": "ngecEvents.DV.2024.txt",
}


def line(code, **cells):
    """One line of a stream, a meeting of two governments unless cells say otherwise."""
    cells = {name.replace("_", " ") if code in ("icews", "polecat") else name: cell
             for name, cell in cells.items()}  # fmt: skip
    unknown = set(cells) - set(stream(code).names)
    assert not unknown, f"no such columns: {unknown}"
    full = CELLS[code] | cells
    return "\t".join(full.get(name, "") for name in stream(code).names)


def write(folder, code, lines, name=None, header=None):
    """Write a file of a stream, with its header if it has one."""
    if header is None and stream(code).header:
        header = "\t".join(stream(code).names)
    path = folder / (name or NAMES[code])
    path.write_text("".join(f"{text}\n" for text in [*([header] if header else []), *lines]),
                    encoding="utf-8", newline="")  # fmt: skip
    return path
