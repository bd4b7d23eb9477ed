"""A spreadsheet that is sent while it is written: the zip archive and its sheets grow row by row.

Nothing waits for the last row: there is no file in between, memory holds one piece of one sheet, and who
waits sees bytes arrive. Every text is a cell of the type text, which no program calculates.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from data.pipe import Pipe

SHEET_ROWS = 1_048_576  # of the format, the head included
LONGEST_CELL = 32_767

_PIECE_CHARACTERS = 1 << 17
_EPOCH = date(1899, 12, 30).toordinal()  # day 0 of the format
_DAY_S = 86_400
_LEVEL = 1  # quick: a file is often made while somebody waits
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Looks of cells, by their place in `cellXfs` below.
PLAIN, MOMENT, DURATION, BOLD = range(4)

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    "</fills>"
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '<border><left/><right/><top/><bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Title and width of a column, in characters."""

    title: str
    width: int


Cell = str | None  # made by the functions below: what follows the cell's place; None: an empty one


def workbook(
    heads: Sequence[Head], blocks: Iterable[Iterable[Sequence[Cell]]], *, rows_a_sheet: int = SHEET_ROWS
) -> Iterator[bytes]:
    """The bytes of the file. blocks: rows of cells; a further sheet begins where one is full."""
    pipe, letters = Pipe(), [_letters(place) for place in range(len(heads))]
    rows = (row for block in blocks for row in block)
    following, sheets = next(rows, None), 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        while following is not None or not sheets:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                head = [text_cell(head.title, BOLD) for head in heads]
                waiting, size = [_sheet_begin(heads, chosen=sheets == 1), _row(letters, 1, head)], 0
                written = 1
                for number in range(2, rows_a_sheet + 1):
                    if following is None:
                        break
                    waiting.append(_row(letters, number, following))
                    size += len(waiting[-1])
                    following = next(rows, None)
                    if size >= _PIECE_CHARACTERS:
                        sheet.write("".join(waiting).encode())
                        waiting, size = [], 0
                        yield from pipe.taken()
                    written = number
                sheet.write(("".join(waiting) + _sheet_end(letters, written)).encode())
            yield from pipe.taken()
        for name, text in _frame(sheets).items():
            archive.writestr(name, text)
    yield from pipe.taken()


def text_cell(text: str, look: int = PLAIN) -> str:
    """The text must have no control characters."""
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f' s="{look}" t="inlineStr"><is><t{space}>{escape(text[:LONGEST_CELL])}</t></is></c>'


def number_cell(value: float, look: int = PLAIN) -> str:
    return f' s="{look}"><v>{value!r}</v></c>'


def flag_cell(value: Any) -> str:
    return f' t="b"><v>{int(bool(value))}</v></c>'


def moment_cell(local: datetime) -> str:
    """A local time, to the second."""
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return number_cell(local.toordinal() - _EPOCH + seconds / _DAY_S, MOMENT)


def duration_cell(seconds: float) -> str:
    return number_cell(round(seconds) / _DAY_S, DURATION)


def _row(letters: Sequence[str], number: int, cells: Sequence[Cell]) -> str:
    made = [f'<c r="{letter}{number}"{cell}' for letter, cell in zip(letters, cells, strict=True) if cell is not None]
    return f'<row r="{number}">{"".join(made)}</row>'


def _letters(place: int) -> str:
    """A, B … Z, AA: the name of a column."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _sheet_begin(heads: Sequence[Head], *, chosen: bool) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{head.width}" customWidth="1"/>'
        for place, head in enumerate(heads, 1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"'
        f"{' tabSelected=' + quoteattr('1') if chosen else ''}>"
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )


def _sheet_end(letters: Sequence[str], rows: int) -> str:
    """With the arrows in the head by which people sort and filter."""
    return f'</sheetData><autoFilter ref="A1:{letters[-1]}{rows}"/></worksheet>'


def _frame(sheets: int) -> dict[str, str]:
    """The parts around the sheets: written last, for only then it is known how many there are."""
    numbers = range(1, sheets + 1)
    listed = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for n in numbers
    )
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
            f'<Relationship Id="rId{sheets + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>{overrides}'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/></Types>'
        ),
    }
