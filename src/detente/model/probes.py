"""Twenty sentences whose way through the text path is stored with a model and walked again at every load."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from detente.errors import ModelError
from detente.model.about import Probe, TextFile
from detente.model.classifier import Classifier
from detente.strict_json import shown
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


TOLERANCE = 1e-3
"""Of a probability. float32 on another machine, engine, number of threads or batch moves one by 1e-5 at most (tests/model);
what moves the probes by less than 1e-3 changes labels near a tie only, and where there are hashes those tell it."""
_PLACES = 6


def record(classifier: Classifier) -> list[dict[str, Any]]:
    """What each step makes of the probes; ids are None for a model without a tokenizer."""
    path = classifier.text_path
    ids, probs = classifier.encode(PROBES), classifier.score(PROBES).probs
    return [
        {
            "raw": raw,
            "normalised": path.normalise(raw),
            "segmented": path(raw),
            "ids": ids and ids[number],
            "probs": {task: [round(float(prob), _PLACES) for prob in rows[number]] for task, rows in probs.items()},
        }
        for number, raw in enumerate(PROBES)
    ]


def check(classifier: Classifier, text: TextFile, where: str, tolerance: float = TOLERANCE) -> None:
    """Walk the stored probes again. Raises ModelError that says which step changed, and on what.

    A model that was written under an older version of the normalisation has to have all probes, and to get their ids; without a
    tokenizer, their segmented texts.
    """
    if text.normalise_version != VERSION:
        _check_older(classifier, text)
    else:
        _check_steps(classifier, text.probes, where)
    _check_probs(classifier, text.probes, where, tolerance)


def _check_steps(classifier: Classifier, stored: Sequence[Probe], where: str) -> None:
    path = classifier.text_path
    for probe, ids in zip(stored, _ids(classifier, stored), strict=True):
        steps = {"normalised": path.normalise(probe.raw), "segmented": path(probe.raw), "ids": ids}
        for step, now in steps.items():
            if now != getattr(probe, step):
                named = {"normalised": "normalisation", "segmented": "word segmentation", "ids": "the tokenizer"}[step]
                raise ModelError(
                    f"{where}: the text path no longer gives what the model was trained on; the step that changed is "
                    f"{named}.\n  text:     {shown(probe.raw)}\n  expected: {shown(getattr(probe, step))}\n"
                    f"  got:      {shown(now)}\nInstall the versions named in text.json, or train again."
                )


def _check_older(classifier: Classifier, text: TextFile) -> None:
    same = [
        probe.ids == ids if ids is not None else probe.segmented == classifier.text_path(probe.raw)
        for probe, ids in zip(text.probes, _ids(classifier, text.probes), strict=True)
    ]
    if len(same) < len(PROBES) or not all(same):
        raise other_version(text.normalise_version)


def _check_probs(classifier: Classifier, stored: Sequence[Probe], where: str, tolerance: float) -> None:
    """Raise ProbabilityError where the model says something else of the probes than when it was saved."""
    probs = classifier.score([probe.raw for probe in stored]).probs
    for number, probe in enumerate(stored):
        for task, expected in (probe.probs or {}).items():
            now = [round(float(prob), _PLACES) for prob in probs.get(task, [()] * len(stored))[number]]
            if len(now) != len(expected) or max(abs(a - b) for a, b in zip(now, expected, strict=True)) > tolerance:
                raise ProbabilityError(
                    f"{where}: the model no longer gives the probabilities it was saved with ({task} of {shown(probe.raw)}: "
                    f"expected {list(expected)}, got {now}). Weights, temperature or packages are others: copy the folder "
                    "again, or train again."
                )


class ProbabilityError(ModelError):
    """The model computes, but not what it did when it was saved."""


def _ids(classifier: Classifier, stored: Sequence[Probe]) -> Sequence[tuple[int, ...] | None]:
    encoded = classifier.encode([probe.raw for probe in stored])
    return [None] * len(stored) if encoded is None else [tuple(ids) for ids in encoded]
