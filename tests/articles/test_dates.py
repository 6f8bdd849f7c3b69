from __future__ import annotations

from datetime import date

import pytest

from detente.articles.dates import line_date


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("24/2/2025", date(2025, 2, 24)),
        ("2025-02-24T08:15:00+07:00", date(2025, 2, 24)),
        ("30-10-2017_18-04-00", date(2017, 10, 30)),
        ("20250312", date(2025, 3, 12)),
        ("20250312081500", date(2025, 3, 12)),
        ("12 Tháng Ba 2025", date(2025, 3, 12)),
        ("12 tháng năm năm 2025", date(2025, 5, 12)),
        ("Tháng Mười Một 2, 2015", date(2015, 11, 2)),
        ("thứ sáu, 21 tháng 12, 2012", date(2012, 12, 21)),
        ("Thứ Hai, 08.06.2020 | 06:40 GMT+7", date(2020, 6, 8)),
        ("Cập nhật lúc 14h05 - 02/09/2014", date(2014, 9, 2)),
        ("28/05/13 08:59 GMT+7", date(2013, 5, 28)),
        ("Mar 12, 2025", date(2025, 3, 12)),
        ("12 March 2025", date(2025, 3, 12)),
        ("tỷ số 3-2-10", None),
        ("28/05/13", None),
        ("31/02/2025", None),
        ("12345678", None),
        ("Điện thoại 024 39 34 50 12", None),
    ],
)
def test_the_date_of_a_line(line: str, right: date | None) -> None:
    assert line_date(line) == right
