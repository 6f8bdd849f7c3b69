"""Twenty sentences whose way through the text path is stored with a model and walked again at every load."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from detente.errors import ModelError
from detente.model.classifier import Classifier
from detente.text.normalise import VERSION
from detente.text.path import other_version

PROBES = (
    "Hai bên nhất trí nối lại đàm phán hòa bình vào tuần tới.",
    "Hai bên nhất trí nối lại đàm phán hoà bình vào tuần tới.",
    unicodedata.normalize("NFD", "Ngoại trưởng hai nước kêu gọi kiềm chế, tránh leo thang."),
    "Thỏa thuận ngừng bắn được ký tại Geneva ngày 16/1.",
    "Bộ Quốc phòng tuyên bố sẽ đáp trả mọi hành động đe dọa.",
    "TỔNG THỐNG ỦNG HỘ GIẢI PHÁP NGOẠI GIAO",
    "“Chúng tôi không muốn đối đầu”, ông nói với báo giới.",
    "Washington áp đặt thêm trừng phạt với 12 ngân hàng.",
    "Máy bay\u200b tuần tra của NATO bay sát biên giới.",
    "Đại sứ bị triệu hồi sau vụ tấn công ở TP. Odessa.",
    "Moskva phủ nhận kế hoạch tấn công,  gọi đó là bịa đặt.",
    "Giá khí đốt giảm 3,5% sau tin hai nước nối lại tiếp xúc.",
    "Đường ống Nord Stream 2 là một phần của cuộc tranh cãi.",
    "Ông cảnh báo “hậu quả nghiêm trọng” nếu xảy ra xung đột.",
    "Quân đội tập trận bắn đạn thật gần biên giới phía Đông.",
    "Liên hợp quốc hoan nghênh việc trao đổi tù binh.",
    "Thuỷ quân lục chiến rút khỏi căn cứ theo thoả thuận.",
    "Cuộc điện đàm kéo dài 40 phút, không đạt đột phá nào.",
    "Hội nghị thượng đỉnh diễn ra tại Warsaw từ ngày 8 - 9/7.",
    "Tin này chưa được xác nhận 🙂 & chưa có nguồn độc lập.",
)


def record(classifier: Classifier) -> list[dict[str, Any]]:
    """What each step makes of the probes; ids are None for a model without a tokenizer."""
    path = classifier.text_path
    ids = _ids(classifier, PROBES)
    return [
        {"raw": raw, "normalised": path.normalise(raw), "segmented": path(raw), "ids": own}
        for raw, own in zip(PROBES, ids, strict=True)
    ]


def check(classifier: Classifier, stored: list[dict[str, Any]], where: str, written: int = VERSION) -> None:
    """Walk the stored probes again. Raises ModelError that says which step changed, and on what.

    A model that was ``written`` under an older version of the normalisation has to have all probes, and to get their ids;
    without a tokenizer, their segmented texts.
    """
    if written != VERSION:
        _check_older(classifier, stored, written)
        return
    path = classifier.text_path
    raws = [str(probe["raw"]) for probe in stored]
    ids = _ids(classifier, raws)
    for probe, own in zip(stored, ids, strict=True):
        raw = str(probe["raw"])
        steps = {"normalised": path.normalise(raw), "segmented": path(raw), "ids": own}
        for step, now in steps.items():
            if now != probe[step]:
                named = {"normalised": "normalisation", "segmented": "word segmentation", "ids": "the tokenizer"}[step]
                raise ModelError(
                    f"{where}: the text path no longer gives what the model was trained on; the step that changed is "
                    f"{named}.\n  text:     {raw!r}\n  expected: {probe[step]!r}\n  got:      {now!r}\n"
                    "Install the versions named in text.json, or train again."
                )


def _check_older(classifier: Classifier, stored: list[dict[str, Any]], written: int) -> None:
    raws = [str(probe["raw"]) for probe in stored]
    ids = _ids(classifier, raws)
    same = [
        probe["ids"] == own if own is not None else probe["segmented"] == classifier.text_path(raw)
        for probe, raw, own in zip(stored, raws, ids, strict=True)
    ]
    if len(same) < len(PROBES) or not all(same):
        raise other_version(written)


def _ids(classifier: Classifier, raws: Sequence[str]) -> Sequence[list[int] | None]:
    encoded = classifier.encode(raws)
    return [None] * len(raws) if encoded is None else encoded
