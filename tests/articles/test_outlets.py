from __future__ import annotations

import pytest

from detente.articles.outlets import clean_name, known_name, outlet_name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Tin nhanh VnExpress", "VnExpress"),
        ("VnExpress Giải Trí", "VnExpress"),
        ("vnexpress.net", "VnExpress"),
        ("VnExpress - Báo tiếng Việt nhiều người xem nhất", "VnExpress"),
        ("TUOI TRE ONLINE", "Tuổi Trẻ"),
        ("Báo điện tử Tiền Phong", "Tiền Phong"),
        ("Báo Người Lao Động Online", "Người Lao Động"),
        ("Báo Lao Động Thủ Đô", "Báo Lao Động Thủ Đô"),
        ("BÁO MẪU ONLINE", "BÁO MẪU ONLINE"),
        ("Báo Mẫu Thế giới", "Báo Mẫu"),
        ("Công ty cổ phần Truyền Thông Việt Nam - Vccorp", None),
        ("Hai nước nối lại đàm phán", None),
        ("Giải trí", None),
    ],
)
def test_what_a_site_calls_itself(written: str, name: str | None) -> None:
    assert clean_name(written, "Hai nước nối lại đàm phán") == name


def test_the_host_decides_where_it_is_known() -> None:
    assert outlet_name(["giaitri.vnexpress.net"], ["Báo Khác"]) == "VnExpress"
    assert outlet_name(["baosong.example"], ["Báo Sông"]) == "Báo Sông"
    assert outlet_name(["www.baosong.example"], []) == "baosong.example"
    assert outlet_name([], []) is None


def test_a_known_name_stands_alone() -> None:
    assert known_name("VietNamNet") == "VietNamNet"
    assert known_name("VnExpress đưa tin về cuộc gặp") is None
