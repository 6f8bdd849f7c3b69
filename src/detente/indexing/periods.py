"""Dates as they stand in predictions, and the periods they fall into."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from detente.articles.dates import line_date
from detente.indexing.options import NO_DATE


def read_date(value: Any) -> date | None:
    """A cell as a date: 2025-02-24, also with a time behind it, 24/2/2025, or what a parquet file holds; None for all else.

    The day is the one that is written; no time zone is moved.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _written(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _written(text: str) -> date | None:
    return line_date(text) or line_date(text.partition("T")[0])


def period_start(day: date, by: str) -> date:
    """The first day of the day, ISO week or month that a day falls into."""
    if by == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by == "week" else day


@lru_cache(maxsize=4096)
def period_name(start: date | None, by: str) -> str:
    """How a period is called: 2025-02-24, 2025-W09 or 2025-02."""
    if start is None:
        return NO_DATE
    if by == "week":
        year, week, _ = start.isocalendar()
        return f"{year:04}-W{week:02}"
    return start.isoformat()[:7] if by == "month" else start.isoformat()


def following(start: date, by: str) -> date:
    """The first day of the period after."""
    return period_start(start + timedelta(days={"day": 1, "week": 7, "month": 31}[by]), by)
