from __future__ import annotations

import unicodedata
from itertools import pairwise
from time import process_time

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


@pytest.mark.parametrize(
    "parts",
    [
        ["“Chúng tôi đồng ý. Rất tốt“, ông nói.", "Bà cười.", "Hết."],
        ["Ông mô tả khả năng “đóng cửa“ cả hành tinh.", "Bà cười."],
        ["”Chúng tôi đồng ý. Rất tốt”, ông nói.", "Bà cười."],
        ["“Bà nói “không“. Chúng tôi đi“, ông nói.", "Hết."],
        ["“Bà nói “không”. Chúng tôi đi”, ông nói.", "Hết."],
        ["Ông nói: „Đồng ý. Rất tốt“ và cười.", "Hết."],
        ["“ Tốt. Rất tốt ” , ông nói.", "Hết."],
        ["'Chúng tôi đồng ý. Rất tốt', ông nói.", "Bà cười."],
        ["Workers' Party họp.", "Rồi họ đi.", "Đó là O'Neill."],
    ],
)
def test_quotation_marks_of_one_shape_for_both_ends(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "parts",
    [
        ["Công an bắt Nguyễn Văn T.", "Tại cơ quan điều tra, T. khai nhận."],
        ["Nạn nhân là chị L.T.H.", "Chị bị thương."],
        ["Hai bên gặp nhau ở Washington D.C.", "Sau đó ông về."],
        ["Quyết định của UBND TP.", "Khi được hỏi, ông im lặng."],
        ["Anh thi khối A.", "Ông Nam thi khối B."],
        ["Ông ở TP. Bà Rịa.", "Chị N.T. Như gặp George W. Bush ở Q. Bình Thạnh."],
        [unicodedata.normalize("NFD", part) for part in ("Anh bắt Nguyễn Văn T.", "Ở đó, T. khai nhận.")],
    ],
)  # fmt: skip
def test_words_that_open_sentences_end_the_one_before_an_initial(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "parts",
    [
        ["+ Nga rút quân.", "+ Mỹ dỡ trừng phạt."],
        ["* Nga rút quân.", "* Mỹ dỡ trừng phạt."],
        ["a. Nga rút quân.", "Mỹ dỡ trừng phạt."],
        ["II. Nga rút quân.", "Mỹ dỡ trừng phạt."],
        ["2.1. Nga rút quân.", "Mỹ dỡ trừng phạt."],
    ],
)
def test_what_opens_a_point_of_a_list_is_no_sentence_of_its_own(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


def test_a_stop_that_lost_its_space_still_ends_a_sentence() -> None:
    assert split("Họ gặp nhau.Sau đó ra về. Trang VOV.VN và TP.HCM còn nguyên.") == [
        "Họ gặp nhau.",
        "Sau đó ra về.",
        "Trang VOV.VN và TP.HCM còn nguyên.",
    ]


@pytest.mark.parametrize(
    "parts",
    [
        ["Hai bên muốn giữ hòa bình ở Đông Nam Á.", "Hiện tại chưa rõ."],
        ["Thủ tướng đã thăm Đức và Ý.", "Hai nước ký nhiều thỏa thuận."],
        ["Người dân lo cho làng Nam Ô.", "Hơn 500 hộ được giải tỏa."],
        ["Cán bộ gặp Ô. Nguyễn Văn Bình ở xã.", "Họ nói chuyện."],
        ["Chị N.T.Á. Nguyễn gặp J.F. Kennedy.", "Hết."],
        [unicodedata.normalize("NFD", part) for part in ("Họ ở Đông Nam Á.", "Hiện tại chưa rõ.")],
    ],
)  # fmt: skip
def test_a_single_letter_with_a_mark_is_a_word_and_no_initial(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("nhất trí nối lại đối thoại.", "Đến nay chưa rõ."),
        ("về kết quả này.", "Ủy ban sẽ họp."),
        ("bàn về biên giới.", "Ở Hà Nội trời mưa."),
        ("ông rất đồng ý.", "Ý kiến khác thì không."),
        ("ở trường.", "Đáng chú ý, chưa ai nói."),
        ("ở vòng 37.", "Hiện tại họ dẫn đầu."),
        ("họp ở Havana.", "CELAC ra tuyên bố."),
        ("gặp ở trụ sở NATO.", "Ông không nói thêm."),
        ("giúp 5 tỉ USD.", "Trong khi đó, họ chờ."),
        ("ông nói “không”.", "“Chưa ai hỏi”, bà đáp."),
        ("ở Đông Nam Á.", "Hiện chưa rõ."),
        ("họ chờ…", "Rồi họ đi."),
        ("họ tới TP.HCM.", "Sau đó họ về."),
        ("giá tăng 3,5%.", "Đây là mức cao."),
        ("bay 320 km/h.", "Máy bay hạ cánh."),
    ],
)  # fmt: skip
def test_a_stop_before_any_capital_may_have_lost_its_space(before: str, after: str) -> None:
    assert split(before + after) == [before, after]
    assert split(unicodedata.normalize("NFD", before + after)) == [
        unicodedata.normalize("NFD", part) for part in (before, after)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Trang VnExpress.Net đưa tin về cuộc họp.",
        "Ông Th.S Trang và PGS.TS Nam gặp ThS.BS An ở TP.Hồ Chí Minh.",
        "Xem http://partner.Rikvip.Club hay www.abc.Def ở đây.",
        "Ông V.Putin gặp J.K.Rowling ở BV.Chợ Rẫy.",
        "Địa chỉ partner.Rikvip.club đã bị chặn.",
    ],
)
def test_a_capital_behind_a_stop_inside_a_name_is_no_sentence(text: str) -> None:
    assert split(text) == [text]


def test_the_work_grows_with_the_length_and_not_with_its_square() -> None:
    """What takes the square of its length takes minutes for these; ten times the length may take thirty times the time."""

    def seconds(text: str) -> float:
        started = process_time()
        split_sentences(text)
        return process_time() - started

    for shape in (".", "…", ".”", "(", "“a", "(.", "A.", "a.B", ". ", "“a“ ", "'a' ", "A. Tại "):
        assert seconds(shape * 100_000) < 30 * seconds(shape * 10_000) + 1, shape
    assert len(split("Họ chờ" + "." * 100_000 + " Rồi họ đi.")) == 2


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
