"""One name an outlet, however a page writes it.

The rules that take an article out of its page name no site; only here, where a name is the answer, hosts stand beside names. A
host that is not listed keeps the name its pages give.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

_BY_HOST = {
    "vnexpress.net": "VnExpress", "tuoitre.vn": "Tuổi Trẻ", "thanhnien.vn": "Thanh Niên", "thanhnien.com.vn": "Thanh Niên",
    "dantri.com.vn": "Dân trí", "dantri.vn": "Dân trí", "vietnamplus.vn": "VietnamPlus", "nhandan.vn": "Nhân Dân",
    "nhandan.com.vn": "Nhân Dân", "nhandan.org.vn": "Nhân Dân", "vov.vn": "VOV", "vovworld.vn": "VOV World", "vtv.vn": "VTV",
    "vtc.vn": "VTC News", "vtcnews.vn": "VTC News", "zing.vn": "Znews", "zingnews.vn": "Znews", "znews.vn": "Znews",
    "vietnamnet.vn": "VietNamNet", "vnn.vn": "VietNamNet", "laodong.vn": "Lao Động", "laodong.com.vn": "Lao Động",
    "tienphong.vn": "Tiền Phong", "nld.com.vn": "Người Lao Động", "sggp.org.vn": "Sài Gòn Giải Phóng",
    "qdnd.vn": "Quân đội nhân dân", "cand.com.vn": "Công an nhân dân", "anninhthudo.vn": "An ninh Thủ đô",
    "baotintuc.vn": "Báo Tin tức", "vnanet.vn": "TTXVN", "baochinhphu.vn": "Báo Chính phủ", "chinhphu.vn": "Báo Chính phủ",
    "baoquocte.vn": "Thế giới và Việt Nam", "plo.vn": "Pháp Luật TP.HCM", "baophapluat.vn": "Pháp luật Việt Nam",
    "kenh14.vn": "Kenh14", "soha.vn": "Soha.vn", "cafef.vn": "CafeF", "cafebiz.vn": "CafeBiz", "genk.vn": "GenK",
    "24h.com.vn": "24h", "infonet.vn": "Infonet", "giaoduc.net.vn": "Giáo dục Việt Nam", "danviet.vn": "Dân Việt",
    "doisongphapluat.com": "Đời sống & Pháp luật", "nguoiduatin.vn": "Người Đưa Tin", "kienthuc.net.vn": "Kiến Thức",
    "hanoimoi.vn": "Hànộimới", "hanoimoi.com.vn": "Hànộimới", "vneconomy.vn": "VnEconomy", "saostar.vn": "Saostar",
    "baodautu.vn": "Báo Đầu tư", "congthuong.vn": "Công Thương", "baogiaothong.vn": "Giao thông", "toquoc.vn": "Tổ Quốc",
    "petrotimes.vn": "PetroTimes", "viettimes.vn": "VietTimes", "suckhoedoisong.vn": "Sức khỏe & Đời sống",
    "sputniknews.vn": "Sputnik Việt Nam", "bbc.com": "BBC News Tiếng Việt", "bbc.co.uk": "BBC News Tiếng Việt",
    "voatiengviet.com": "VOA Tiếng Việt", "voanews.com": "VOA Tiếng Việt", "rfi.fr": "RFI", "rfa.org": "RFA",
    "nguoi-viet.com": "Người Việt", "baomoi.com": "Báo Mới", "tapchicongsan.org.vn": "Tạp chí Cộng sản",
}  # fmt: skip
_FILLERS = frozenset(
    [
        "báo",
        "tạp",
        "chí",
        "trang",
        "tin",
        "tức",
        "nhanh",
        "điện",
        "tử",
        "mạng",
        "thông",
        "online",
        "news",
        "vn",
        "com",
        "net",
        "org",
        "www",
        "mới",
        "nhất",
        "đọc",
        "nhiều",
    ]
)
SECTIONS = frozenset(
    {
        "thế giới", "thời sự", "trong nước", "quốc tế", "chính trị", "xã hội", "kinh tế", "kinh doanh", "giải trí", "thể thao",
        "pháp luật", "giáo dục", "sức khỏe", "sức khoẻ", "đời sống", "du lịch", "khoa học", "số hóa", "công nghệ", "văn hóa",
        "văn hoá", "quân sự", "quốc phòng", "tin tức", "bình luận", "phân tích", "tư liệu", "góc nhìn", "hồ sơ", "tâm sự", "xe",
        "bất động sản", "thị trường", "biển đảo", "đối ngoại", "ngoại giao", "châu á", "châu âu", "châu mỹ", "bạn đọc", "video",
    }
)  # fmt: skip
"""What Vietnamese papers call their sections."""
_COMPANY = re.compile(
    r"\b(?:công ty|tập đoàn|tổng công ty|cổ phần|tnhh|corp(?:oration)?|jsc|ltd|inc|vccorp|company)\b", re.IGNORECASE
)
# White space is looked at from its beginning alone, or a long run of it would take the square of its length.
_SEPARATORS = re.compile(r"(?<!\s)\s+[-–—|»·:]+\s+|(?<!\s)\s+\|\s*|\|\s*|::")
_MAX_WORDS = 7


def outlet_name(hosts: Iterable[str], names: Iterable[str], headline: str = "") -> str | None:
    """The name of the outlet that a page says it is of; None if it says nothing of the kind.

    A listed host decides. Else the first of the names that is no headline, no company and no section; else the host.
    """
    hosts = [host for host in hosts if host]
    for host in hosts:
        if listed := _listed(host):
            return listed
    for name in names:
        if cleaned := clean_name(name, headline):
            return cleaned
    return hosts[0].removeprefix("www.") if hosts else None


def host_of(address: str) -> str:
    """The host of an absolute address; empty if it has none."""
    try:
        return (urlsplit(address.strip()).hostname or "").casefold()
    except ValueError:
        return ""


def clean_name(name: str, headline: str = "") -> str | None:
    """A site's name without slogan and section, in the outlet's own spelling where it is known; None if it names no site."""
    parts = [part for part in _SEPARATORS.split(" ".join(unicodedata.normalize("NFC", name).split())) if part.strip()]
    if _COMPANY.search(name) or (headline and _bare(name) == _bare(headline)):
        return None
    for part in parts:
        if known := known_name(part):
            return known
    for part in parts:
        bare = _without_section(part)
        if bare and len(bare.split()) <= _MAX_WORDS and _bare(bare) != _bare(headline):
            return bare
    return None


def known_name(text: str) -> str | None:
    """The listed outlet that a text names and, but for words like "báo điện tử" and a section, nothing else."""
    if host := _listed(text.strip().casefold()):
        return host
    bare = _bare(text)
    if bare in _KNOWN:
        return _KNOWN[bare]
    for known in _LONGEST_FIRST:
        before, found, after = f" {bare} ".partition(f" {known} ")
        if found and _is_filler(f"{before} {after}"):
            return _KNOWN[known]
    return None


def title_parts(title: str) -> list[str]:
    """What stands between the dashes and bars of a page's title, the last first."""
    return [part for part in reversed(_SEPARATORS.split(title)) if part.strip()]


def is_section(text: str) -> bool:
    """Whether a text is the name of a section."""
    return " ".join(text.casefold().split()) in SECTIONS


def _listed(host: str) -> str | None:
    labels = host.split(".")
    return next((name for at in range(len(labels) - 1) if (name := _BY_HOST.get(".".join(labels[at:])))), None)


def _without_section(name: str) -> str:
    words = name.split()
    for n in (3, 2, 1):
        if is_section(" ".join(words[-n:])):
            return " ".join(words[:-n])
    return name.strip()


def _is_filler(text: str) -> bool:
    if " ".join(text.split()) in _BARE_SECTIONS:
        return True
    return all(word in _BARE_FILLERS for word in text.split())


def _bare(text: str) -> str:
    """Lower case without marks: TUOI TRE is Tuổi Trẻ."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


_BARE_FILLERS = frozenset(map(_bare, _FILLERS))
_BARE_SECTIONS = frozenset(map(_bare, SECTIONS))
_KNOWN = {_bare(name): name for name in _BY_HOST.values()} | {"zing news": "Znews", "zing": "Znews", "ttxvn": "TTXVN"}
_LONGEST_FIRST = sorted(_KNOWN, key=len, reverse=True)


def is_outlet(text: str) -> bool:
    """Whether a text is the name of a listed outlet and nothing else."""
    return bool(text.strip()) and known_name(text) is not None
