"""The keyword baseline: the side with more of its words in the sentence, neutral where there are none.

The lists follow the annotation guideline's own table and were written without looking at any labelled sentence; nothing in
them is fitted. They are what a reader would try first, and what a trained model must beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from detente.errors import ConfigError
from detente.text.tones import old_tone_marks

WORDS = {
    "dialogue": (
        "đàm phán, đối thoại, hòa đàm, thương lượng, thương thuyết, ngoại giao, hội đàm, điện đàm, hội nghị thượng đỉnh, "
        "hội kiến, trung gian, hòa giải, hòa giải viên, thỏa thuận, ngừng bắn, đình chiến, hòa bình, hòa ước, nhượng bộ, "
        "kiềm chế, hạ nhiệt, giảm căng thẳng, rút quân, rút lui, trao đổi tù binh, phóng thích, nới lỏng, dỡ bỏ, hợp tác, "
        "tiếp xúc, liên lạc, gặp gỡ, thiện chí, sẵn sàng nói chuyện, giải pháp chính trị, kênh liên lạc"
    ),
    "escalation": (
        "tấn công, pháo kích, không kích, tập kích, oanh tạc, xâm lược, xâm chiếm, chiến tranh, chiến sự, giao tranh, "
        "xung đột, leo thang, đe dọa, cảnh báo, tối hậu thư, trả đũa, đáp trả, trừng phạt, cấm vận, trục xuất, triệu hồi, "
        "triển khai, điều động, tăng cường, tăng quân, tập trận, diễn tập, tên lửa, vũ khí, viện trợ quân sự, khiêu khích, "
        "gây hấn, cáo buộc, lên án, chỉ trích, bác bỏ, từ chối, đổ vỡ, rút khỏi, đối đầu, căng thẳng, hạt nhân"
    ),
    "positive": (
        "hoan nghênh, ca ngợi, khen ngợi, tin tưởng, hy vọng, hi vọng, lạc quan, thành công, tiến triển, đột phá, tích cực, "
        "ủng hộ, cảm ơn, biết ơn, nhẹ nhõm, vui mừng, hài lòng, thiện chí, ổn định, an toàn, thắng lợi, tốt đẹp, ấm áp"
    ),
    "negative": (
        "lo ngại, quan ngại, lo lắng, lo sợ, sợ hãi, tức giận, phẫn nộ, thất vọng, chỉ trích, lên án, cáo buộc, đổ lỗi, "
        "thất bại, đổ vỡ, bế tắc, thiệt hại, thương vong, thiệt mạng, bị thương, chết, tàn phá, khủng hoảng, nguy hiểm, "
        "nghiêm trọng, đe dọa, tồi tệ, bi kịch, thảm họa, nguy cơ, mối đe dọa, đau khổ, hoảng loạn"
    ),
}
"""Label → its words; a task that these words can tell has one label more, which stands for none of them."""

HIT, NONE = 2.0, 1.0
"""Logits of one word of a label, and of the label without words: one word outweighs none, two opposed ones cancel out."""


def has_words(labels: Sequence[str]) -> bool:
    """Whether there are word lists for a task of these labels: for all of them but one."""
    return len(labels) > 2 and sum(label not in WORDS for label in labels) == 1


def lexicon_pipeline(labels: Sequence[str]) -> Any:
    """A scikit-learn pipeline with nothing left to fit: counts of the words, a fixed linear layer, softmax.

    Raises ConfigError for labels that have no word lists.
    """
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.frozen import FrozenEstimator
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    if not has_words(labels):
        raise ConfigError(f"model=lexicon: there are no word lists for {', '.join(labels)}; choose another model, as tfidf.")
    of_label = {label: _spellings(WORDS[label]) for label in labels if label in WORDS}
    words = sorted({word for own in of_label.values() for word in own})
    head = LogisticRegression()
    head.classes_ = np.array(labels)
    head.coef_ = np.array([[HIT * (word in of_label.get(label, ())) for word in words] for label in labels])
    head.intercept_ = np.array([0.0 if label in of_label else NONE for label in labels])
    head.n_features_in_ = len(words)
    longest = max(word.count(" ") + 1 for word in words)
    # Syllables, whether a segmenter joined them or not.
    counts = CountVectorizer(vocabulary=words, ngram_range=(1, longest), token_pattern=r"[^\W_]+")
    return make_pipeline(counts, FrozenEstimator(head))


def _spellings(words: str) -> set[str]:
    """Every word with its tone marks in the new and in the old place: a text path may keep either."""
    found = {" ".join(word.split()) for word in words.split(",")}
    return found | {old_tone_marks(word) for word in found}
