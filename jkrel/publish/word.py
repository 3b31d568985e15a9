"""The look of a Word manuscript: page, type, tables with three rules, figures as vectors."""

import re
from pathlib import Path

NARROWER = 16.5
"""Millimetres by which a figure of two columns stands out of the text on each side."""
TEXT = 150
"""Width of the text in millimetres."""
TYPE = "Times New Roman"
SIZES = {"Title": 18, "Heading 1": 14, "Heading 2": 12, "Heading 3": 11}
SVG = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
SVG_ID = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"


def finish(path: Path, figures: Path) -> None:
    """Give a Word file that pandoc wrote the look of a manuscript.

    Parameters
    ----------
    path : Path
        Changed in place.
    figures : Path
        Folder with an SVG beside each PNG that the file shows, under the same name.
    """
    import docx

    document = docx.Document(str(path))
    _page(document)
    _type(document)
    for table in document.tables:
        _rules(table)
    pictures = sorted(figures.glob("figure-*.svg"), key=lambda file: int(file.stem.split("-")[1]))
    for shape, picture in zip(document.inline_shapes, pictures, strict=True):
        _vector(document, shape, picture)
    document.save(str(path))


def _page(document) -> None:
    from docx.shared import Mm

    for section in document.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm((210 - TEXT) / 2)
        section.top_margin = section.bottom_margin = Mm(28)


def _type(document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for style in document.styles:
        if style.type not in (1, 2) or not hasattr(style, "font"):  # paragraphs and characters
            continue
        code = "Verbatim" in style.name or "Code" in style.name
        style.font.name = "Courier New" if code else TYPE
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        style.font.color.rgb = RGBColor(0, 0, 0)
        if style.name in SIZES:
            style.font.size = Pt(SIZES[style.name])
    for name in ("Normal", "Body Text", "First Paragraph", "Bibliography", "Abstract"):
        if name in document.styles:
            document.styles[name].font.size = Pt(11)
    for name in ("Caption", "Table Caption", "Image Caption", "Compact"):
        if name in document.styles:
            document.styles[name].font.size, document.styles[name].font.italic = Pt(9), False


def _rules(table) -> None:
    """Draw a rule above a table, below its head and at its end, and no other."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Pt

    table.autofit = True
    _borders(table._tbl.tblPr, "w:tblBorders", {"top": 8, "bottom": 8})
    head = table.rows[0]
    head._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for cell in head.cells:
        _borders(cell._tc.get_or_add_tcPr(), "w:tcBorders", {"bottom": 4})
    for run in (r for row in table.rows for c in row.cells for p in c.paragraphs for r in p.runs):
        run.font.size = Pt(8.5)


def _borders(holder, tag: str, widths: dict[str, int]) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn

    for old in holder.findall(qn(tag)):
        holder.remove(old)
    sides = [
        f'<w:{side} w:val="single" w:sz="{width}" w:space="0" w:color="000000"/>'
        for side, width in widths.items()
    ]
    holder.append(parse_xml(f"<{tag} {nsdecls('w')}>{''.join(sides)}</{tag}>"))


def _vector(document, shape, picture: Path) -> None:
    """Give a figure its true size and its vectors; let a wide one stand out of the text."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.shared import Mm, Pt

    width, height = re.search(
        r'width="([\d.]+)pt" height="([\d.]+)pt"', picture.read_text()
    ).groups()
    shape.width, shape.height = Pt(float(width)), Pt(float(height))
    name = PackURI(f"/word/media/{picture.name}")
    part = Part(name, "image/svg+xml", picture.read_bytes(), document.part.package)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    link = document.part.relate_to(part, kind)
    blip = shape._inline.find(f".//{qn('a:blip')}")
    extension = (
        f'<a:extLst {nsdecls("a", "r")}><a:ext uri="{SVG_ID}">'
        f'<asvg:svgBlip xmlns:asvg="{SVG}" r:embed="{link}"/></a:ext></a:extLst>'
    )
    blip.append(parse_xml(extension))
    if shape.width > Mm(TEXT):
        paragraph = shape._inline.getparent().getparent().getparent()
        indent = f'<w:ind {nsdecls("w")} w:left="{{0}}" w:right="{{0}}" w:firstLine="0"/>'
        twips = round(-NARROWER / 25.4 * 1440)
        paragraph.get_or_add_pPr().append(parse_xml(indent.format(twips)))
