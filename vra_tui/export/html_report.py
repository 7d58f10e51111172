"""The report as one page of HTML that needs nothing beside it: no script, no picture, no address."""

from collections.abc import Sequence
from html import escape

from vra_tui.export.report import ReportSection
from vra_tui.export.svg_figures import svg
from vra_tui.text import printable

#: What a browser may load for this page: nothing. Its own style sheet is all that it obeys.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

#: White paper first, also for programs that know nothing of a reader's wish for a dark page.
_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; }
h3 { font-size: .95rem; margin: 1.2rem 0 .3rem; font-weight: 600; }
h3, th, footer { color: #5c6670; }
p { margin: .2rem 0; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #d5dae0;
  vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 0 0 1rem; } svg { display: block; width: 100%; height: auto; }
svg text { font-family: system-ui, sans-serif; }
footer { margin-top: 2.5rem; font-size: .85rem; }
@media screen and (prefers-color-scheme: dark) {
  body { color: #d8dde3; background: #14181d; } h3, th, footer { color: #98a2ad; }
  th, td { border-color: #343b43; } svg text { fill: #d8dde3; } svg .axis { stroke: #343b43; }
  svg .series-1 { fill: #6aaee6; } svg .series-3 { fill: #6c747d; } svg .series-4 { fill: #5fc093; } }
@page { margin: 18mm 16mm; }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; } h2, h3 { break-after: avoid; }
  section > p { break-after: avoid; } figure, tr { break-inside: avoid; } .wide { overflow: visible; } }
"""


def as_html(title: str, parts: Sequence[ReportSection], made_by: str) -> str:
    """Sections as a page; all text is escaped. ``made_by``: which program and version, for the foot."""
    name = escape(printable(title))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
        + "".join(map(_section, parts))
        + f"<footer>{escape(printable(made_by))}. Times are UTC.</footer>\n</body>\n</html>\n"
    )


def _section(part: ReportSection) -> str:
    text = f"<section>\n<h2>{escape(part.title)}</h2>\n"
    text += "".join(f"<p>{escape(printable(line))}</p>\n" for line in part.lines)
    if part.rows:
        text += _table(part)
    for figure in part.figures:
        title = escape(printable(figure.title))
        text += f"<figure>\n<h3>{title}</h3>\n{svg(figure)}\n</figure>\n"
    return text + "</section>\n"


def _table(part: ReportSection) -> str:
    numbers = part.number_columns()
    head = "".join(_cell("th", cell, at in numbers) for at, cell in enumerate(part.header))
    body = "".join(
        "<tr>" + "".join(_cell("td", cell, at in numbers) for at, cell in enumerate(row)) + "</tr>\n"
        for row in part.rows
    )
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n'
    )


def _cell(kind: str, text: str, is_number: bool) -> str:
    how = ' class="number"' if is_number else ""
    return f"<{kind}{how}>{escape(printable(text))}</{kind}>"
