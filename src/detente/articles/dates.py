"""The date that a line shows, in the ways Vietnamese pages write one.

htmldate, which trafilatura asks, takes dates out of addresses of pictures and templates, and does not say whether a line
is a date.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
    "mười": 10, "mười một": 11, "mười hai": 12, "chạp": 12,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_WORD = r"(?P<month>\d{1,2}|mười (?:một|hai)|một|giêng|hai|ba|tư|bốn|năm|sáu|bảy|bẩy|tám|chín|mười|chạp)"
_ENGLISH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<day>\d{1,2})\s?[/.-]\s?(?P<month>\d{1,2})\s?[/.-]\s?(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})\s+tháng\s+{_WORD}\s*,?\s+(?:năm\s+)?(?P<year>\d{{4}})(?!\d)",
        rf"\btháng\s+{_WORD}\s+(?P<day>\d{{1,2}})\s*,?\s+(?:năm\s+)?(?P<year>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})\s+{_ENGLISH},?\s+(?P<year>\d{{4}})(?!\d)",
        rf"\b{_ENGLISH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?!\d)",
    )
)
_COMPACT = re.compile(r"\D{0,3}(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:[T_ -]?(?:\d{4}|\d{6}))?\D{0,3}")
_SHORT = re.compile(r"(?<![\d/.-])(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{2})(?![\d/.-])")
CLOCK = re.compile(r"(?<!\d)\d{1,2}\s*[:hg-]\s*\d{2}(?:\s*[:-]\s*\d{2})?(?!\d)")
"""A time of day."""
WEEKDAY = re.compile(r"\b(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|t[2-7]|cn)\b", re.IGNORECASE)
"""A day of the week."""


def line_date(text: str) -> date | None:
    """The date in a line: 24/2/2025, 2025-02-24, 20250224, ngày 24 tháng 2 năm 2025, 24 Tháng Hai 2025, Feb 24, 2025.

    A year of two digits (24/2/13) counts beside a time of day or a day of the week. None if there is no date, or no such day.
    """
    for pattern in _DATES:
        if match := pattern.search(text):
            return _date(match)
    if match := _COMPACT.fullmatch(text.strip()):
        return _date(match)
    match = _SHORT.search(text)
    if match and (CLOCK.search(text.replace(match.group(), " ")) or WEEKDAY.search(text)):
        return _date(match)
    return None


def _date(match: re.Match[str]) -> date | None:
    month = " ".join(match["month"].casefold().split())
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    try:
        return date(year, _MONTHS.get(month) or int(month), int(match["day"]))
    except ValueError:
        return None
