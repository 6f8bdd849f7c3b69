from __future__ import annotations

from pathlib import Path

from detente.model.families.phobert import load_phobert_tokenizer
from detente.model.families.phobert_vocabulary import train_vocabulary


def test_a_vocabulary_that_phoberts_tokenizer_reads(tmp_path: Path) -> None:
    lines = ["hoà_bình và đàm_phán", "đàm_phán về hoà_bình", "hoà_bình là đàm_phán"] * 5
    n_tokens = train_vocabulary(lines, 90, tmp_path)
    tokenizer = load_phobert_tokenizer(tmp_path, n_tokens + 5)
    assert tokenizer.tokenize("hoà_bình đàm_phán") == ["hoà_bình", "đàm_phán"]
    assert "".join(tokenizer.tokenize("hoà_phán")).replace("@@", "") == "hoà_phán"
    counts = dict(line.rsplit(" ", 1) for line in (tmp_path / "vocab.txt").read_text(encoding="utf-8").splitlines())
    assert counts["hoà_bình"] == "15"


def test_the_same_text_gives_the_same_vocabulary(tmp_path: Path) -> None:
    lines = [f"từ{n % 9} và_nhiều từ{n % 7}_khác {chr(97 + n % 26)}{chr(98 + n % 24)}" for n in range(80)]
    files = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        train_vocabulary(lines, 120, tmp_path / name)
        files.append([(tmp_path / name / file).read_bytes() for file in ("vocab.txt", "bpe.codes")])
    assert files == [files[0]] * 3
