"""The shapes of the lines of a scraped page: what one line says of itself, without its neighbours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from detente.articles.dates import CLOCK, line_date
from detente.articles.glued import Glued, is_menu, parts, tail
from detente.articles.wrapped import raw_lines

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


_GLUED = {Glued.MENU: Shape.MENU, Glued.DATE: Shape.TIMESTAMP, Glued.CAPTION: Shape.CAPTION}
_BEHIND = {Shape.BYLINE, Shape.IMPRINT, Shape.PROMOTION, Shape.TIMESTAMP, Shape.SHARE}
_BY_MARKUP = {Shape.BODY, Shape.QUESTION, Shape.HEADLINE, Shape.LABEL, Shape.LIST_ITEM}
"""The shapes that say too little for a page's markup not to know better."""


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
        return bool(MARKER.match(self.text))


_IMAGE = re.compile(
    r"<(?P<tag>(?:\w+:)?image)\b[^>]*>.*?(?:</(?P=tag)>|$)|<img\b[^>]*>?|!\[[^\]]*\]\([^)]*\)|data:image/\S+",
    re.IGNORECASE,
)
_ALT = re.compile(r"""alt=(["'])(?P<alt>.*)\1""", re.DOTALL)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_STOPPED = re.compile(r"[.…][\s”\"»’')\]]*$")
_ASKED = re.compile(r"[!?][\s”\"»’')\]]*$")
# A credit stands at the start of a line or behind a mark; only "Ảnh:" and its like may follow a bare space, since "hình:" and
# "nguồn:" end common words. It quotes nothing.
_CREDIT = re.compile(
    r"(?:(?:^|[.!?…(\[|/–—-]\s*)(?i:ảnh|hình|nguồn|photo|đồ họa|đồ hoạ|clip|video)|(?<=\s)(?:Ảnh|ẢNH|Photo|Đồ họa|Đồ hoạ))"
    r"(?i:\s+(?:tư liệu|minh họa|minh hoạ|chụp màn hình|cắt từ clip|ảnh|internet))?\s*:\s*[^.!?…:“”\"«]{1,60}[\s.)\]|]*$"
)
# The same without a colon: "(Ảnh Reuters)", "... Ảnh AFP.", "Ảnh minh họa."
_BARE_CREDIT = re.compile(
    r"(?:^|[.!?…]\s*|\()(?:Ảnh|ẢNH)\s+[A-ZĐ][^\s.()]*(?:\s[A-ZĐ][^\s.()]*){0,2}[.)]*$|"
    r"(?i:(?:^|[.!?…(]\s*)(?:ảnh|hình ảnh|hình)\s+"
    r"(?:minh họa|minh hoạ|tư liệu|chụp màn hình|cắt từ (?:clip|video)|internet)[.)]*$)"
)
# What stands for a picture in its absence: "... - Ảnh 1."
_NUMBERED = re.compile(r"[-–—:(]\s*(?:Ảnh|Hình|ẢNH|HÌNH)\s*(?:số\s*)?\d{1,3}\s*[.)]*$")
MARKER = re.compile(r"^(?:\d{1,2}[.)]|[•·▪●○■►▶»›*+–-])\s+")
_SHARE = re.compile(
    r"\b(?:icon|category|phone|menu|search|facebook|twitter|zalo|youtube|tiktok|linkedin|pinterest|instagram|gmail|e-?mail|rss|"
    r"chuyên mục|trang chủ|tìm kiếm|chia sẻ|in bài|sao chép liên kết|copy link|bình luận|theo dõi|thích|lưu bài|cỡ chữ|"
    r"nghe đọc bài|liên hệ|đăng nhập|đăng ký)\b",
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r">>|»|►|(?:xem|đọc)\s+(?:thêm|tiếp|ngay)\s*[:>»]|tin liên quan\s*:|mời (?:bạn|quý vị|độc giả|quý độc giả|các bạn)\b|"
    r"vui lòng\b|(?:bấm|nhấn|click)\s+(?:vào|để)\b|gửi bình luận\b|ý kiến của bạn\b|nghe đọc bài\b|địa chỉ\s*:|"
    r"bạn đang (?:đọc|xem)\b|"
    r"mọi (?:thông tin|ý kiến|đóng góp|góp ý|thắc mắc)\b.{0,60}\b(?:gửi|liên hệ)\b|bài viết (?:này )?thể hiện (?:quan điểm|văn "
    r"phong|góc nhìn)\b|theo dõi .{2,40} trên (?:google news|facebook|zalo|youtube|tiktok)\b",
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


def page_lines(text: str, shapes: Mapping[int, Shape] | None = None) -> list[Line]:
    """The non-blank pieces of a page's lines in order.

    Image data, and what scrapers glue to a paragraph, is cut out of the line it stands in, so that what surrounds it is judged
    on its own. ``shapes``: start → the shape that a page's markup gives a line, unless its words make it furniture.
    """
    lines: list[Line] = []
    for number, start, end in raw_lines(text, unwrap=shapes is None):
        at = start
        for image in _IMAGE.finditer(text, start, end):
            lines.extend(_pieces(text, number, at, image.start()))
            lines.append(Line(number, image.start(), image.end(), image.group(), Shape.IMAGE))
            at = image.end()
        lines.extend(_pieces(text, number, at, end))
    if not shapes:
        return lines
    return [
        replace(line, shape=shapes[line.start]) if line.start in shapes and line.shape in _BY_MARKUP else line for line in lines
    ]


def alt_text(line: Line) -> str | None:
    """The alternative text of an image line, folded; None for any other line."""
    alt = _ALT.search(line.text) if line.shape is Shape.IMAGE else None
    return folded(alt["alt"]) if alt else None


def folded(text: str) -> str:
    """A line for comparison: NFC, case-folded, white space and outer punctuation taken off."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" .:;,|-–—•\"“”'")


def is_name(text: str) -> bool:
    """Whether a text is two to four capitalised words: whoever wrote it."""
    words = text.split()
    return 2 <= len(words) <= 4 and all(word[0].isupper() for word in words) and not text.endswith((".", "…", "!", "?", ":"))


def _pieces(text: str, number: int, start: int, end: int) -> Iterator[Line]:
    for a, b, kind in parts(text, *_stripped(text, start, end)):
        a, b = _stripped(text, a, b)
        if kind is not Glued.TEXT:
            yield Line(number, a, b, _seen(text, a, b), _GLUED[kind])
            continue
        behind = tail(text, a, b)
        if behind is not None and (not _is_furniture(_seen(text, behind, b)) or line_shape(_seen(text, a, b)) is Shape.CAPTION):
            behind = None
        for c, d in ((a, b),) if behind is None else (_stripped(text, a, behind), (behind, b)):
            if c < d:
                seen = _seen(text, c, d)
                yield Line(number, c, d, seen, line_shape(seen) if c != behind else _behind(seen))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _INVISIBLE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE):
        end -= 1
    return start, end


def _seen(text: str, start: int, end: int) -> str:
    return re.sub(r"\s*\n\s*", " ", unicodedata.normalize("NFC", text[start:end]))


def _is_furniture(text: str) -> bool:
    """Whether the words behind a sentence name a writer or a source, or are contacts or an advertisement."""
    is_agency = len(text.split()) == 1 and len(text) > 2 and text.isupper()
    return is_name(text) or is_agency or line_shape(text) in _BEHIND


def _behind(text: str) -> Shape:
    shape = line_shape(text)
    return shape if shape in _BEHIND else Shape.BYLINE


def line_shape(text: str) -> Shape:
    """The shape of one line; the order of the questions matters."""
    n_words = sum(any(c.isalnum() for c in word) for word in text.split())
    stopped = bool(_STOPPED.search(text)) and n_words >= 2
    if not any(c.isalpha() for c in text) and line_date(text) is None:
        return Shape.SYMBOLS
    if any(pattern.search(text) for pattern in (_CREDIT, _BARE_CREDIT, _NUMBERED)) and n_words < 2 * LONG_LINE_WORDS:
        return Shape.CAPTION
    if folded(MARKER.sub("", text)) in _SECTIONS:
        return Shape.SECTION
    if n_words <= 12 and not stopped and line_date(text) and (n_words <= 8 or CLOCK.search(text)):
        return Shape.TIMESTAMP
    if _PROMOTION.match(MARKER.sub("", text)) or _PROMOTION.match(text.lstrip("* ")):
        return Shape.PROMOTION
    # Prose may speak of licences and telephones; only a line that begins with them is an imprint if it ends in a full stop.
    if _IMPRINT.match(text) or (_IMPRINT.search(text) and not stopped):
        return Shape.IMPRINT
    if not stopped and (sum(text.count(mark) for mark in "|›»•") >= 3 or is_menu(text)):
        return Shape.MENU
    if _is_byline(text, n_words):
        return Shape.BYLINE
    if stopped:
        return Shape.BODY
    if _ASKED.search(text):
        return Shape.BODY if n_words >= LONG_LINE_WORDS or MARKER.match(text) else Shape.QUESTION
    if MARKER.match(text):
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
