from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.text import split_sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Hai bên gặp nhau ngày 16/1.", "Họ nói về Nord Stream 2.", "Giá tăng 3,5% lên 1.800 USD."],
        ["Ông đến TP. Hà Nội.", "GS.TS. Nguyễn V. An đón ông tại St. Petersburg."],
        ["Tổng thống George W. Bush gặp J.F. Kennedy Jr. ở Washington, D.C. vào năm 2001.", "Sau đó ông về."],
        ["Ông hỏi: “Dễ không? Không hề. Tôi biết… Cần không?”.", "Rồi ông im."],
        ['"Đây là sự bổ sung (NATO). Cam kết là chắc chắn", ông nói.', "Hết."],
        ["Trên Twitter, ông khen chuyến đi “hiệu quả\", rồi về.", "Hôm sau ông đi."],
        ["Ông nói: “Đồng ý.”", "Bà Merkel gật đầu."],
        ["Họ chờ…", "Rồi họ đi."],
        ["Thật ư?", "Vâng!", "Không…", "Được."],
        ["Thỏa thuận (ký năm 2015. Đã hết hạn) còn đó.", "Nga rút."],
        ["1. Nga rút quân khỏi biên giới.", "2. Mỹ dỡ trừng phạt."],
        ["không có dấu chấm"],
        ["“Chúng tôi nói “không”. Và chúng tôi giữ lời”, ông nói.", "Hết."],
        ["Ông đáp: ‘Next time in Moscow. Why not?’ rồi cười.", "Hết."],
        ["Đơn được gửi đến UBND.", "Công an vào cuộc."],
        ["Pháo 5\" khai hoả.", "Nga lùi.", "Đó là quyền tự vệ\", ông nói.", "Hết."],
        ["Hạm đội gồm tàu No. 5 và Vol. 7.", "Ông ăn no.", "Sau đó ông về."],
    ],
)  # fmt: skip
def test_boundaries(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


def test_a_stop_that_lost_its_space_still_ends_a_sentence() -> None:
    assert split("Họ gặp nhau.Sau đó ra về. Trang VOV.VN và TP.HCM còn nguyên.") == [
        "Họ gặp nhau.",
        "Sau đó ra về.",
        "Trang VOV.VN và TP.HCM còn nguyên.",
    ]


def test_an_unclosed_quotation_ends_with_its_paragraph() -> None:
    text = "Ông nói: “Một. Hai. Ba."
    assert split(text) == [text]


def test_a_long_quotation_is_cut_at_its_inner_ends() -> None:
    text = "Ông nói: “" + "Chúng tôi muốn hoà bình và đối thoại. " * 40 + "Hết”."
    assert len(split(text)) == 41
    assert split(text)[0] == "Ông nói: “Chúng tôi muốn hoà bình và đối thoại."


def test_a_paragraph_of_a_hundred_thousand_characters() -> None:
    assert len(split('Ông nói: "a". ' * 8000)) == 8000
    assert len(split('Ông nói: "a. ' * 8001)) == 4001  # every other mark closes
    assert len(split("Ông (nói. Rồi) “đi. Về” nhé. " * 4000)) == 4000


def test_spans_are_offsets_of_the_whole_text() -> None:
    text = "Tiêu đề\nMột câu. Hai câu.\nCuối."
    assert split_sentences(text, 8, 25) == [(8, 16), (17, 25)]


@given(st.text(alphabet=st.sampled_from(list("aÁ1 .!?…“”\"'()\n TP")), max_size=80))
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    spans = split_sentences(text)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)
