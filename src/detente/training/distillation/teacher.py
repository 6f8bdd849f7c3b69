"""Stage 2: what the teacher says of each shard, kept on disk.

Two kinds of teacher. An *encoder* (any Hugging Face one, such as a multilingual sentence encoder) gives a vector for the
sentence and one for each of its words; a *classifier* (a détente model folder) gives its probabilities.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.atomic import new_file
from detente.digests import sha256_of
from detente.errors import ConfigError, ModelError
from detente.model.about import ABOUT
from detente.model.names import named_folder
from detente.strict_json import shown
from detente.training.distillation.corpus import Corpus
from detente.training.distillation.options import TeacherOptions
from detente.training.precision import choose_device, choose_dtype

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class TeacherOutputs:
    """Of the n sentences of a shard, for a teacher's width.

    ``sentences`` (n, 2 · width) float32 from an encoder, what ``<s>`` and what the mean of the tokens is to match; (n, width)
    from a classifier. ``words`` (n_words in all, width) float16, the words of all sentences one after another,
    all zeros for a word that has no piece of its own; None from a classifier.
    """

    sentences: np.ndarray
    words: np.ndarray | None = None


class EncoderTeacher:
    """A Hugging Face encoder: mean-pooled, normalised vectors of two layers, and its last states averaged over each word."""

    def __init__(self, options: TeacherOptions) -> None:
        from transformers import AutoModel, AutoTokenizer

        from detente.model.network import quiet

        place = options.path[0] if options.path else options.hub_id
        try:
            with quiet():
                config = _plain_config(place, options.revision)
                self.tokenizer = AutoTokenizer.from_pretrained(place, revision=options.revision, trust_remote_code=False)
                model = AutoModel.from_pretrained(
                    place,
                    config=config,
                    revision=options.revision,
                    trust_remote_code=False,
                    use_safetensors=True,
                    dtype="float32",
                )
        except (OSError, ValueError) as error:
            raise ModelError(f"{place}: cannot be loaded as a teacher ({str(error).splitlines()[0]}).") from error
        if not self.tokenizer.is_fast:
            raise ModelError(f"{place}: its tokenizer gives no offsets, which word targets need; expected a fast tokenizer.")
        self.model = model.eval().to(choose_device(), choose_dtype(options.precision))
        self.width: int = model.config.hidden_size
        n_layers: int = model.config.num_hidden_layers
        self._first_layer = options.first_layer or (n_layers + 1) // 2
        if self._first_layer > n_layers:
            raise ConfigError(f"teacher.first_layer: the teacher has layers 1 to {n_layers}, not {options.first_layer}.")
        self._options = options

    def outputs(self, raw: Sequence[str], segmented: Sequence[str]) -> TeacherOutputs:
        """Sentence and word vectors of a shard. Texts are read in order of their length, so that little is padded."""
        import numpy as np
        import torch

        texts = [self._options.prefix + text for text in raw]
        encoded = self.tokenizer(
            texts,
            truncation=True,
            max_length=self._options.max_tokens,
            return_offsets_mapping=True,
            return_attention_mask=False,
        )
        ids, offsets = encoded["input_ids"], encoded["offset_mapping"]
        sentences = np.zeros((len(texts), 2 * self.width), dtype=np.float32)
        words: list[Any] = [None] * len(texts)
        for batch in _batches([len(own) for own in ids], self._options.batch_tokens):
            longest = max(len(ids[at]) for at in batch)
            tokens = torch.full((len(batch), longest), self.tokenizer.pad_token_id)
            mask = torch.zeros((len(batch), longest), dtype=torch.long)
            for row, at in enumerate(batch):
                tokens[row, : len(ids[at])] = torch.tensor(ids[at])
                mask[row, : len(ids[at])] = 1
            with torch.inference_mode():
                device = self.model.device
                found = self.model(input_ids=tokens.to(device), attention_mask=mask.to(device), output_hidden_states=True)
                layers = [found.hidden_states[at].float().cpu() for at in (self._first_layer, -1)]
                pooled = [(layer * mask[..., None]).sum(1) / mask.sum(1, keepdim=True) for layer in layers]
                sentences[batch] = torch.cat([torch.nn.functional.normalize(each, dim=1) for each in pooled], dim=1).numpy()
                states = layers[-1].numpy()
            for row, at in enumerate(batch):
                words[at] = _word_means(
                    states[row, : len(ids[at])], offsets[at], raw[at], segmented[at], len(self._options.prefix)
                )
        return TeacherOutputs(sentences, np.concatenate(words).astype(np.float16))


def _plain_config(place: str, revision: str) -> Any:
    """The configuration of a teacher of any family. Raises ModelError for one that reaches for code beside transformers."""
    from transformers import AutoConfig
    from transformers.utils import find_adapter_config_file

    if find_adapter_config_file(place, revision=revision):
        raise ModelError(
            f"{place}: holds an adapter that would change the weights; merge it into them (peft: merge_and_unload)."
        )
    config = AutoConfig.from_pretrained(place, revision=revision, trust_remote_code=False)
    wanted = {"attention": config._attn_implementation, "quantisation": getattr(config, "quantization_config", None)}
    for what, value in wanted.items():
        if value not in (None, "sdpa", "eager"):
            raise ModelError(
                f"{place}: config.json asks for the {what} {shown(value)}, other code than torch's own; not loaded."
            )
    return config


def _word_means(states: np.ndarray, offsets: Sequence[tuple[int, int]], raw: str, segmented: str, shift: int) -> np.ndarray:
    """The mean state of the pieces of each word (n_words, width); zeros where a word shares its only piece with another."""
    import numpy as np

    codes = np.frombuffer(raw.encode("utf-32-le"), dtype=np.uint32)
    letters = np.flatnonzero((codes != 32) & (codes != 95))
    lengths = [len(word.replace("_", "")) for word in segmented.split()]
    means = np.zeros((len(lengths), states.shape[1]), dtype=np.float32)
    if sum(lengths) != len(letters):
        return means
    word_of = np.full(len(codes) + 1, -1)
    word_of[letters] = np.repeat(np.arange(len(lengths)), lengths)
    # The last character of a piece, for the first may be the space before it; special tokens are empty and own nothing.
    last = np.array([end - shift - 1 if end > start else -1 for start, end in offsets])
    owner = word_of[np.where((last >= 0) & (last < len(codes)), last, len(codes))]
    owned = owner >= 0
    np.add.at(means, owner[owned], states[owned])
    return means / np.maximum(np.bincount(owner[owned], minlength=len(lengths)), 1)[:, None]


class ClassifierTeacher:
    """A détente model: its probabilities for each sentence, all tasks one after another."""

    def __init__(self, options: TeacherOptions) -> None:
        from detente.model import load_model

        self.classifier = load_model(options.path[0])

    def outputs(self, raw: Sequence[str], segmented: Sequence[str]) -> TeacherOutputs:
        """Probabilities of a shard; the classifier reads raw text through its own text path."""
        import numpy as np

        scores = self.classifier.score(list(raw))
        return TeacherOutputs(
            np.concatenate([scores.probs[task] for task in self.classifier.info.tasks], axis=1).astype(np.float32)
        )


TEACHERS = {"encoder": EncoderTeacher, "classifier": ClassifierTeacher}
"""Kind of teacher → its class."""


def cached_outputs(
    teacher: Callable[[], Any], shard: Path, folder: Path, say: Callable[[str], None] = lambda line: None
) -> TeacherOutputs:
    """The teacher's outputs of a shard, from disk if they are there, memory-mapped: words take 360 MB in 20,000 sentences."""
    import numpy as np
    import pyarrow.parquet as pq

    # Written last, so that it stands for both.
    names = {name: folder / f"{shard.stem}.{name}.npy" for name in ("words", "sentences")}
    if not names["sentences"].is_file():
        table = pq.read_table(shard)
        loaded, started = teacher(), time.monotonic()
        outputs = loaded.outputs(table["raw"].to_pylist(), table["segmented"].to_pylist())
        say(f"teacher: {shard.stem}, {len(table) / (time.monotonic() - started):.1f} sentences a second")
        for name, path in names.items():
            if (values := getattr(outputs, name)) is not None:
                with new_file(path) as temporary:
                    np.save(temporary, values)
    found = {name: np.load(path, mmap_mode="r") for name, path in names.items() if path.is_file()}
    return TeacherOutputs(found["sentences"], found.get("words"))


def teacher_key(options: TeacherOptions, corpus: Corpus) -> str:
    """What decides a teacher's outputs, short. A classifier reads raw text, whatever the student reads."""
    facts = {**asdict(options), "batch_tokens": 0, "corpus": corpus.folder.name}
    if options.kind == "classifier":
        # Trained again, a model stands in the same place; its file names the sha256 of all others.
        facts |= {"corpus": corpus.raw_key, "model": [sha256_of(named_folder(path) / ABOUT) for path in options.path]}
    else:
        facts["model"] = [content_of(Path(path)) for path in options.path]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def content_of(encoder: Path) -> dict[str, str]:
    """File → sha256, of all in an encoder's folder but what is said of it: another may stand in the same place."""
    files = sorted(encoder.iterdir()) if encoder.is_dir() else []
    return {file.name: sha256_of(file) for file in files if file.is_file() and file.suffix != ".md"}


def _batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices in batches of similar length, at most ``budget`` padded tokens each."""
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[at] > budget:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
