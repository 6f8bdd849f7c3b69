"""The shapes of the lines of a scraped page: what one line says of itself, without its neighbours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

HEADLINE_WORDS = 4
"""A line without a full stop and with fewer words is a label or a promotion, not a headline."""
LONG_LINE_WORDS = 30
"""A line without a full stop and with more words is prose whose stop was lost."""


class Shape(Enum):
    """What a line looks like on its own."""

    BODY = "body"
    QUESTION = "question"  # body or headline: its neighbours decide
    HEADLINE = "headline"
    LABEL = "short label"
    IMAGE = "image data"
    CAPTION = "picture caption"
    TIMESTAMP = "timestamp"
    LIST_ITEM = "list item"
    MENU = "menu"
    SHARE = "share icons"
    SECTION = "section heading"
    BYLINE = "byline"
    IMPRINT = "imprint"
    SYMBOLS = "symbols"


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a page's line: where it stands, its text in NFC (for looking at only) and its shape."""

    number: int
    start: int
    end: int
    text: str
    shape: Shape

    @property
    def n_words(self) -> int:
        """White-space separated words that hold a letter or digit."""
        return sum(any(c.isalnum() for c in word) for word in self.text.split())


_IMAGE = re.compile(
    r"<(?P<tag>(?:\w+:)?image)\b[^>]*>.*?(?:</(?P=tag)>|$)|<img\b[^>]*>?|!\[[^\]]*\]\([^)]*\)|data:image/\S+",
    re.IGNORECASE,
)
_ALT = re.compile(r"""alt=(["'])(?P<alt>.*)\1""", re.DOTALL)
_NEWLINE = re.compile(r"\r\n|\n|\r")
_STOPPED = re.compile(r"[.…][”\"»’')\]]*$")
_ASKED = re.compile(r"[!?][”\"»’')\]]*$")
_DATE = re.compile(r"\b(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})\b")
_CLOCK = re.compile(r"\b\d{1,2}\s*[:hg]\s*\d{2}(?::\d{2})?\b")
_CREDIT = re.compile(
    r"(?:ảnh|hình|nguồn|photo|đồ họa|đồ hoạ|clip|video)"
    r"(?:\s+(?:tư liệu|minh họa|minh hoạ|chụp màn hình|cắt từ clip|ảnh|internet))?\s*:\s*[^.!?…:]{1,60}[\s.)\]|]*$",
    re.IGNORECASE,
)
_MARKER = re.compile(r"^(?:\d{1,2}[.)]|[•·▪●○■►▶»›*+–-])\s+")
_SHARE = re.compile(
    r"\b(?:icon|category|phone|menu|search|chuyên mục|trang chủ|tìm kiếm|facebook|twitter|zalo|youtube|tiktok|linkedin|pinterest|instagram|gmail|e-?mail|rss|chia sẻ|in bài|"
    r"sao chép liên kết|copy link|bình luận|theo dõi|thích|lưu bài|cỡ chữ|nghe đọc bài|liên hệ|đăng nhập|đăng ký)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^(?:theo|nguồn|tác giả|pv|phóng viên|nhóm pv|bài và ảnh|bài|ảnh|biên dịch|lược dịch|tổng hợp|biên tập)\b",
    re.IGNORECASE,
)
_IMPRINT = re.compile(
    r"©|®|\bcopyright\b|\bbản quyền thuộc\b|\bgiấy phép (?:số|hoạt động|xuất bản|thiết lập)|\btổng biên tập\s*:|"
    r"\bghi rõ nguồn\b|\bliên hệ quảng cáo\b|\b(?:hotline|điện thoại|đường dây nóng|tòa soạn|toà soạn|trụ sở)\s*:",
    re.IGNORECASE,
)
# The words Vietnamese pages put over boxes of other articles.
_SECTIONS = frozenset(
    {
        "bài liên quan", "bài viết liên quan", "bài cùng chuyên mục", "bài mới", "bài đọc nhiều", "các tin khác",
        "chủ đề", "chủ đề liên quan", "chuyên mục", "có thể bạn quan tâm", "cùng chuyên mục", "dòng sự kiện", "đọc nhiều",
        "đọc nhiều nhất", "đọc thêm", "đọc tiếp", "đừng bỏ lỡ", "mới nhất", "nổi bật", "quan tâm nhiều", "sự kiện",
        "tags", "thẻ", "tiêu điểm", "tin bài khác", "tin bài liên quan", "tin cùng chuyên mục", "tin cùng loại",
        "tin đang nóng", "tin đọc nhiều", "tin khác", "tin liên quan", "tin mới", "tin mới nhất", "tin nổi bật", "tin nóng",
        "tin tức khác", "tin xem nhiều", "từ khóa", "từ khoá", "vấn đề bạn quan tâm", "xem nhiều", "xem nhiều nhất",
        "xem thêm", "xem tiếp", "ý kiến bạn đọc",
    }
)  # fmt: skip


def page_lines(text: str) -> tuple[list[Line], frozenset[str]]:
    """The non-blank pieces of a page's lines in order, and the alternative texts of its pictures.

    Image data is cut out of the line it stands in, so that what surrounds it is judged on its own.
    """
    lines: list[Line] = []
    alts: set[str] = set()
    for number, start, end in _raw_lines(text):
        at = start
        for image in _IMAGE.finditer(text, start, end):
            lines.extend(_piece(text, number, at, image.start()))
            lines.append(Line(number, image.start(), image.end(), image.group(), Shape.IMAGE))
            if alt := _ALT.search(image.group()):
                alts.add(folded(alt["alt"]))
            at = image.end()
        lines.extend(_piece(text, number, at, end))
    return lines, frozenset(alts)


def folded(text: str) -> str:
    """A line for comparison: NFC, case-folded, white space and outer punctuation taken off."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" .:;,|-–—•\"“”'")


def line_date(text: str) -> date | None:
    """The date day/month/year that a line shows, if it is one."""
    if match := _DATE.search(text):
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            return None
    return None


def _raw_lines(text: str) -> Iterator[tuple[int, int, int]]:
    start = 0
    number = 1
    for newline in _NEWLINE.finditer(text):
        yield number, start, newline.start()
        start = newline.end()
        number += 1
    yield number, start, len(text)


def _piece(text: str, number: int, start: int, end: int) -> Iterator[Line]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        seen = unicodedata.normalize("NFC", text[start:end])
        yield Line(number, start, end, seen, _shape(seen))


def _shape(text: str) -> Shape:
    n_words = sum(any(c.isalnum() for c in word) for word in text.split())
    stopped = bool(_STOPPED.search(text)) and n_words >= HEADLINE_WORDS - 1
    marked = bool(_MARKER.match(text))
    if not any(c.isalpha() for c in text) and not _DATE.search(text):
        return Shape.SYMBOLS
    if _CREDIT.search(text) and n_words < 2 * LONG_LINE_WORDS:
        return Shape.CAPTION
    if folded(_MARKER.sub("", text)) in _SECTIONS:
        return Shape.SECTION
    if _DATE.search(text) and _CLOCK.search(text) and not stopped and n_words <= 12:
        return Shape.TIMESTAMP
    if _is_bare_date(text):
        return Shape.TIMESTAMP
    if _IMPRINT.search(text):
        return Shape.IMPRINT
    if text.count("|") + text.count("›") + text.count("»") + text.count("•") >= 3 and not stopped:
        return Shape.MENU
    if stopped:
        return Shape.BODY
    if marked:
        return Shape.LIST_ITEM
    # Half of the words at least: "theo dõi" and "liên hệ" stand in headlines too.
    if 2 * sum(len(match.split()) for match in _SHARE.findall(text)) >= n_words:
        return Shape.SHARE
    if _BYLINE.match(text) and n_words <= 8:
        return Shape.BYLINE
    if _ASKED.search(text) and n_words >= HEADLINE_WORDS:
        return Shape.BODY if n_words >= LONG_LINE_WORDS else Shape.QUESTION
    if n_words >= LONG_LINE_WORDS or (text.endswith((":", ";")) and n_words >= 2 * HEADLINE_WORDS):
        return Shape.BODY
    return Shape.HEADLINE if n_words >= HEADLINE_WORDS else Shape.LABEL


def _is_bare_date(text: str) -> bool:
    """A date with at most a weekday beside it."""
    if not _DATE.search(text):
        return False
    return len(_DATE.sub("", text).split()) <= 4 and not _STOPPED.search(text)
