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
    PROMOTION = "promotion"
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

    @property
    def is_marked(self) -> bool:
        """Whether it begins with a bullet or a number, as the items of a list do."""
        return bool(_MARKER.match(self.text))


_IMAGE = re.compile(
    r"<(?P<tag>(?:\w+:)?image)\b[^>]*>.*?(?:</(?P=tag)>|$)|<img\b[^>]*>?|!\[[^\]]*\]\([^)]*\)|data:image/\S+",
    re.IGNORECASE,
)
_ALT = re.compile(r"""alt=(["'])(?P<alt>.*)\1""", re.DOTALL)
_NEWLINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_STOPPED = re.compile(r"[.…][”\"»’')\]]*$")
_ASKED = re.compile(r"[!?][”\"»’')\]]*$")
_DATES = (
    re.compile(r"\b(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})\b"),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
    re.compile(r"\bngày\s+(?P<day>\d{1,2})\s+tháng\s+(?P<month>\d{1,2})\s+năm\s+(?P<year>\d{4})\b", re.IGNORECASE),
)
_CLOCK = re.compile(r"\b\d{1,2}\s*[:hg]\s*\d{2}(?::\d{2})?\b")
# A credit stands at the start of a line or behind a mark; only "Ảnh:" and its like may follow a bare space, since "hình:" and
# "nguồn:" end common words. It quotes nothing.
_CREDIT = re.compile(
    r"(?:(?:^|[.!?…(\[|/–—-]\s*)(?i:ảnh|hình|nguồn|photo|đồ họa|đồ hoạ|clip|video)|(?<=\s)(?:Ảnh|ẢNH|Photo|Đồ họa|Đồ hoạ))"
    r"(?i:\s+(?:tư liệu|minh họa|minh hoạ|chụp màn hình|cắt từ clip|ảnh|internet))?\s*:\s*[^.!?…:“”\"«]{1,60}[\s.)\]|]*$"
)
_MARKER = re.compile(r"^(?:\d{1,2}[.)]|[•·▪●○■►▶»›*+–-])\s+")
_SHARE = re.compile(
    r"\b(?:icon|category|phone|menu|search|facebook|twitter|zalo|youtube|tiktok|linkedin|pinterest|instagram|gmail|e-?mail|rss|"
    r"chuyên mục|trang chủ|tìm kiếm|chia sẻ|in bài|sao chép liên kết|copy link|bình luận|theo dõi|thích|lưu bài|cỡ chữ|"
    r"nghe đọc bài|liên hệ|đăng nhập|đăng ký)\b",
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r">>|»|►|(?:xem|đọc)\s+(?:thêm|tiếp|ngay)\s*[:>»]|tin liên quan\s*:|mời (?:bạn|quý vị|độc giả|quý độc giả|các bạn)\b|"
    r"vui lòng\b|(?:bấm|nhấn|click)\s+(?:vào|để)\b|gửi bình luận\b|ý kiến của bạn\b|nghe đọc bài\b|địa chỉ\s*:",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^(?:theo|nguồn|tác giả|pv|phóng viên|nhóm pv|bài và ảnh|bài|ảnh|biên dịch|lược dịch|tổng hợp|biên tập)\b",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"\((?:(?:theo|nguồn)\s[^()]+|tổng hợp|thực hiện|lược dịch|biên dịch)\)\s*$", re.IGNORECASE)
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


def page_lines(text: str) -> list[Line]:
    """The non-blank pieces of a page's lines in order.

    Image data is cut out of the line it stands in, so that what surrounds it is judged on its own.
    """
    lines: list[Line] = []
    for number, start, end in _raw_lines(text):
        at = start
        for image in _IMAGE.finditer(text, start, end):
            lines.extend(_piece(text, number, at, image.start()))
            lines.append(Line(number, image.start(), image.end(), image.group(), Shape.IMAGE))
            at = image.end()
        lines.extend(_piece(text, number, at, end))
    return lines


def alt_text(line: Line) -> str | None:
    """The alternative text of an image line, folded; None for any other line."""
    alt = _ALT.search(line.text) if line.shape is Shape.IMAGE else None
    return folded(alt["alt"]) if alt else None


def folded(text: str) -> str:
    """A line for comparison: NFC, case-folded, white space and outer punctuation taken off."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" .:;,|-–—•\"“”'")


def line_date(text: str) -> date | None:
    """The date that a line shows, if it is one: 24/2/2025, 2025-02-24 or ngày 24 tháng 2 năm 2025."""
    for pattern in _DATES:
        if match := pattern.search(text):
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
    while start < end and (text[start].isspace() or text[start] in _INVISIBLE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE):
        end -= 1
    if start < end:
        seen = unicodedata.normalize("NFC", text[start:end])
        yield Line(number, start, end, seen, _shape(seen))


def _shape(text: str) -> Shape:
    """The shape of one line; the order of the questions matters."""
    n_words = sum(any(c.isalnum() for c in word) for word in text.split())
    stopped = bool(_STOPPED.search(text)) and n_words >= 2
    if not any(c.isalpha() for c in text) and line_date(text) is None:
        return Shape.SYMBOLS
    if _CREDIT.search(text) and n_words < 2 * LONG_LINE_WORDS:
        return Shape.CAPTION
    if folded(_MARKER.sub("", text)) in _SECTIONS:
        return Shape.SECTION
    if line_date(text) and not stopped and n_words <= (12 if _CLOCK.search(text) else 8):
        return Shape.TIMESTAMP
    if _PROMOTION.match(text):
        return Shape.PROMOTION
    # Prose may speak of licences and telephones; only a line that begins with them is an imprint if it ends in a full stop.
    if _IMPRINT.match(text) or (_IMPRINT.search(text) and not stopped):
        return Shape.IMPRINT
    if sum(text.count(mark) for mark in "|›»•") >= 3 and not stopped:
        return Shape.MENU
    if _is_byline(text, n_words):
        return Shape.BYLINE
    if stopped:
        return Shape.BODY
    if _ASKED.search(text):
        return Shape.BODY if n_words >= LONG_LINE_WORDS or _MARKER.match(text) else Shape.QUESTION
    if _MARKER.match(text):
        return Shape.LIST_ITEM
    # Half of the words at least: "theo dõi" and "liên hệ" stand in headlines too.
    if 2 * sum(len(match.split()) for match in _SHARE.findall(text)) >= n_words:
        return Shape.SHARE
    if n_words >= LONG_LINE_WORDS or (text.endswith((":", ";")) and n_words >= 2 * HEADLINE_WORDS):
        return Shape.BODY
    return Shape.HEADLINE if n_words >= HEADLINE_WORDS else Shape.LABEL


def _is_byline(text: str, n_words: int) -> bool:
    """A source or a writer: a keyword, then names; "Theo ông, liệu Nga có rút quân?" and "Ảnh hưởng của ..." are not."""
    if _ATTRIBUTION.search(text) and n_words <= 10:
        return True
    bare = text.strip("() ")
    keyword = _BYLINE.match(bare)
    if keyword is None or n_words > (4 if _STOPPED.search(text) else 8) or _ASKED.search(text):
        return False
    rest = re.findall(r"\w+", bare[keyword.end() :])
    n_names = sum(word[0].isupper() or word.isdigit() for word in rest)
    return bool(2 * n_names >= len(rest))
