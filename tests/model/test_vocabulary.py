from __future__ import annotations

from pathlib import Path

from detente.model.phobert import load_tokenizer
from detente.model.vocabulary import train_vocabulary


def test_a_vocabulary_that_phoberts_tokenizer_reads(tmp_path: Path) -> None:
    lines = ["hoà_bình và đàm_phán", "đàm_phán về hoà_bình", "hoà_bình là đàm_phán"] * 5
    n_tokens = train_vocabulary(lines, 90, tmp_path)
    tokenizer = load_tokenizer(tmp_path, n_tokens + 5)
    assert tokenizer.tokenize("hoà_bình đàm_phán") == ["hoà_bình", "đàm_phán"]
    assert "".join(tokenizer.tokenize("hoà_phán")).replace("@@", "") == "hoà_phán"
    counts = dict(line.rsplit(" ", 1) for line in (tmp_path / "vocab.txt").read_text(encoding="utf-8").splitlines())
    assert counts["hoà_bình"] == "15"
