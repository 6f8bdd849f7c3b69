"""A report as one HTML file that needs nothing else: no network, no script; it prints, and it reads on a phone."""

from __future__ import annotations

import base64

from detente.evaluation.blocks import Block, Paragraph, Picture, Report, Section, Table
from detente.evaluation.marked import marked_html, visible

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1b1f24; font: 16px/1.55 system-ui, "Noto Sans", "Segoe UI", Roboto, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-top: .6rem; border-top: 1px solid #d5dae0; }
p { margin: .6rem 0; max-width: 46rem; overflow-wrap: anywhere; }
p.key { font-size: 1.15rem; font-weight: 600; }
p.caution { border-left: 4px solid #b45309; background: #fff7ed; padding: .5rem .8rem; }
nav ol { columns: 15rem auto; padding-left: 1.3rem; margin: .5rem 0 0; }
nav a { color: #0b57a4; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; }
caption { text-align: left; padding-bottom: .3rem; color: #4a5360; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #e3e7ec; text-align: right; vertical-align: top; }
th { border-bottom: 2px solid #aab2bd; font-weight: 600; }
th:first-child, td:first-child, .prose { text-align: left; }
td.prose:last-child { min-width: 16rem; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
figure img { max-width: min(100%, 36rem); height: auto; }
figcaption { color: #4a5360; font-size: .9rem; max-width: 46rem; }
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { break-after: avoid; }
  figure, tr, p { break-inside: avoid; }
  .wide { overflow: visible; }
  table { font-size: 8.5pt; }
  th, td { padding: .15rem .35rem; }
}
""".strip()

# Nothing may be fetched and nothing may run, whatever a scraped sentence holds.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(report: Report) -> str:
    """The whole HTML file."""
    title = visible(report.title)
    contents = "".join(
        f'<li><a href="#s{at}">{visible(section.title)}</a></li>' for at, section in enumerate(report.sections, start=1)
    )
    sections = "\n".join(_section(section, at) for at, section in enumerate(report.sections, start=1))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<nav aria-label="Contents"><ol>{contents}</ol></nav>\n{sections}\n</main>\n</body>\n</html>\n'
    )


def _section(section: Section, number: int) -> str:
    blocks = "\n".join(_block(block) for block in section.blocks)
    return f'<section id="s{number}">\n<h2>{visible(section.title)}</h2>\n{blocks}\n</section>'


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        kind = f' class="{block.kind}"' if block.kind in ("key", "caution") else ""
        return f"<p{kind}>{visible(block.text)}</p>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Picture):
        data = base64.b64encode(block.png).decode("ascii")
        alt = visible(block.alt)
        return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"><figcaption>{alt}</figcaption></figure>'
    return marked_html(block)


def _table(table: Table) -> str:
    prose = [name in table.prose for name in table.header]

    def row(cells: tuple[str, ...], tag: str) -> str:
        found = (
            f"<{tag}{' class=prose' if left else ''}{' scope=col' if tag == 'th' else ''}>{visible(cell)}</{tag}>"
            for cell, left in zip(cells, prose, strict=True)
        )
        return f"<tr>{''.join(found)}</tr>"

    caption = f"<caption>{visible(table.caption)}</caption>" if table.caption else ""
    body = "\n".join(row(cells, "td") for cells in table.rows)
    return (
        f'<div class="wide"><table>{caption}<thead>{row(table.header, "th")}</thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )
