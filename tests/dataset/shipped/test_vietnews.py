from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pytest

from detente.dataset.shipped.vietnews import article_lines, raw_line
from detente.errors import InputError

SEGMENTED = """Hai nước nối lại đàm_phán ( lần 2 ) : còn bất_đồng

Hai bên “ nhất_trí ” gặp lại , theo Bộ Ngoại_giao . Cuộc gặp diễn ra ngày_mai !

" Chúng_tôi chờ đợi " , ông nói .
Có gì mới ?

Ảnh : TTX
"""
LINES = (
    "Hai nước nối lại đàm phán (lần 2): còn bất đồng",
    "Hai bên “nhất trí” gặp lại, theo Bộ Ngoại giao. Cuộc gặp diễn ra ngày mai!",
    '" Chúng tôi chờ đợi ", ông nói.',
    "Có gì mới?",
    "Ảnh: TTX",
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "vietnews"
    path = folder / "data" / "train_tokenized" / "000007.txt.seg"
    path.parent.mkdir(parents=True)
    path.write_text(SEGMENTED, "utf-8")
    return folder


def test_marks_are_closed_up_and_words_taken_apart() -> None:
    assert raw_line("“ Không_thể ” ( 1 ) ; được : “ A ” .") == "“Không thể” (1); được: “A”."
    assert raw_line('" A " , B') == '" A ", B'


def test_an_article_is_its_lines_the_title_first(clone: Path) -> None:
    wanted = {"train/000007", "train/000008", "../secret", "val/000007"}
    assert article_lines(clone, wanted) == {"train/000007": LINES}
    assert article_lines(clone / "data", wanted) == {"train/000007": LINES}


def test_line_ends_of_windows_change_nothing(clone: Path) -> None:
    path = clone / "data" / "train_tokenized" / "000007.txt.seg"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert article_lines(clone, {"train/000007"}) == {"train/000007": LINES}


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.xz"])
def test_a_file_of_articles_does_as_well(tmp_path: Path, ending: str) -> None:
    rows = [{"article": "train/000007", "lines": LINES}, {"article": "test/000001", "lines": ["Khác"]}]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    pack = {"gz": gzip.compress, "xz": lzma.compress}.get(ending.rpartition(".")[2], bytes)
    path = tmp_path / f"articles.{ending}"
    path.write_bytes(pack(data))
    assert article_lines(path, {"train/000007"}) == {"train/000007": LINES}
    path.write_bytes(pack(data)[:-30])
    with pytest.raises(InputError, match=r"damaged or cut short|not JSON"):
        article_lines(path, {"train/000007"})


def test_what_is_no_vietnews_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"no clone of vietnews; expected data/train_tokenized/000001\.txt\.seg .*git clone https"
    ):
        article_lines(tmp_path, {"train/000007"})
    with pytest.raises(InputError, match="no such folder; expected a clone of vietnews: git clone https"):
        article_lines(tmp_path / "gone", {"train/000007"})
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "Câu."}\n', "utf-8")
    with pytest.raises(InputError, match=r"rows\.jsonl:1: .*article"):
        article_lines(path, {"train/000007"})


def test_an_article_whose_name_is_a_list_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    path.write_text('{"article": ["train/000001"], "lines": ["a"]}\n', "utf-8")
    with pytest.raises(InputError, match=r"v\.jsonl:1: 'article': expected a valid string"):
        article_lines(path, {"train/000001"})
