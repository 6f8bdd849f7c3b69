"""The shape of a line: what it says of itself, without its neighbours."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from detente.articles.dates import CLOCK, line_date
from detente.articles.glued import is_menu

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
    COMMENTS = "heading of comments"
    REPLY = "reply to a comment"
    BYLINE = "byline"
    PROMOTION = "promotion"
    IMPRINT = "imprint"
    SYMBOLS = "symbols"


_STOPPED = re.compile(r"[.…][\s”\"»’')\]*_]*$")  # marks of Markdown may follow
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
# A caption by where and when: "... tại Hà Nội, 10/9/2023."
_WHERE_AND_WHEN = re.compile(r"[^\W\d_],\s*\d{1,2}/\d{1,2}/\d{4}\.?$")
_MAX_DATED_CAPTION = 25
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
    r"phong|góc nhìn)\b|theo dõi (?:.{2,40} )?trên (?:google news|facebook|zalo|youtube|tiktok)\b|"
    r"đăng k[ýí] (?:để )?nhận (?:bản tin|thư tin|tin|thông báo|newsletter|e-?mail)\b|nhận (?:bản tin|thư tin|newsletter)\b|"
    r"bạn đã (?:đọc|xem|dùng) hết\b|(?:hãy )?tải (?:ngay )?(?:ứng dụng|app)\b",
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
# What prose has next to never: a licence by its number; a year, or a name, behind the sign of rights.
_CERTAIN_IMPRINT = re.compile(r"\d/GP\s?-\s?[A-ZĐ]|[©®]\s*(?:copyright\s*)?\d{4}|^©|\ball rights reserved\b", re.IGNORECASE)
# What stands above the comments of readers, and below each of them.
_COMMENTS = re.compile(r"(?:các )?(?:ý kiến|bình luận|phản hồi)(?: (?:của |từ )?(?:bạn đọc|độc giả)(?: \(\d+\))?| \(\d+\))")
_REPLY = re.compile(
    r"\b(?:(?P<reply>trả lời|phản hồi|\d+\s*(?:giây|phút|giờ|h|ngày|tuần|tháng|năm) trước)|thích|chia sẻ|báo vi phạm|lưu)\b",
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
        "xem thêm", "xem tiếp", "cùng chủ đề", "đọc ngay", "tin cùng chủ đề",
    }
)  # fmt: skip


# Those of them that stand below an article, and never inside it.
_BELOW = frozenset(
    {
        "bài cùng chuyên mục", "bài đọc nhiều", "các tin khác", "cùng chủ đề", "cùng chuyên mục", "đọc nhiều",
        "đọc nhiều nhất", "quan tâm nhiều", "tin bài khác", "tin cùng chủ đề", "tin cùng chuyên mục", "tin cùng loại",
        "tin đọc nhiều", "tin khác", "tin tức khác", "tin xem nhiều", "xem nhiều", "xem nhiều nhất",
    }
)  # fmt: skip


def stands_below(text: str) -> bool:
    """Whether a section heading is one of those that stand below an article."""
    return folded(text) in _BELOW


def is_comments(text: str) -> bool:
    """Whether a line is what stands above the comments of readers."""
    return bool(_COMMENTS.fullmatch(folded(text)))


def _is_reply(text: str) -> bool:
    """Whether a line has nothing but what stands below a comment: when it was written, and what one may do with it."""
    return any(each["reply"] for each in _REPLY.finditer(text)) and not any(c.isalpha() for c in _REPLY.sub("", text))


def folded(text: str) -> str:
    """A line for comparison: NFC, case-folded, white space and outer punctuation taken off."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" .:;,|-–—•\"“”'")


def is_name(text: str) -> bool:
    """Whether a text is two to four capitalised words: whoever wrote it."""
    words = text.split()
    return 2 <= len(words) <= 4 and all(word[0].isupper() for word in words) and not text.endswith((".", "…", "!", "?", ":"))


def line_shape(text: str) -> Shape:
    """The shape of one line; the order of the questions matters."""
    n_words = sum(any(c.isalnum() for c in word) for word in text.split())
    stopped = bool(_STOPPED.search(text)) and n_words >= 2
    if not any(c.isalpha() for c in text) and line_date(text) is None:
        return Shape.SYMBOLS
    if any(pattern.search(text) for pattern in (_CREDIT, _BARE_CREDIT, _NUMBERED)) and n_words < 2 * LONG_LINE_WORDS:
        return Shape.CAPTION
    if _WHERE_AND_WHEN.search(text) and 2 * HEADLINE_WORDS <= n_words <= _MAX_DATED_CAPTION:
        return Shape.CAPTION
    if is_comments(text):
        return Shape.COMMENTS
    if _is_reply(text):
        return Shape.REPLY
    if folded(MARKER.sub("", text)) in _SECTIONS:
        return Shape.SECTION
    if n_words <= 12 and not stopped and line_date(text) and (n_words <= 8 or CLOCK.search(text)):
        return Shape.TIMESTAMP
    if _PROMOTION.match(MARKER.sub("", text)) or _PROMOTION.match(text.lstrip("* ")):
        return Shape.PROMOTION
    # Prose may speak of licences and telephones; only a line that begins with them is an imprint if it ends in a full stop.
    if _IMPRINT.match(text) or _CERTAIN_IMPRINT.search(text) or (_IMPRINT.search(text) and not stopped):
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
