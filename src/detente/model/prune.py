"""Make an encoder or a classifier small: only the tokens that occur in a text, and their embeddings.

    python -m detente.model.prune FOLDER CORPUS... -o OUT [--size N] [--min-count N]

FOLDER is an encoder or a model folder whose tokenizer is a Unigram (XLM-R, e5, bge-m3); CORPUS files of sentences (.txt, .csv,
.tsv, .jsonl, .parquet with a column text; also .gz, .zst). On text made of the tokens that stay OUT computes the same. Without
--size and --min-count all tokens stay that occur in the corpus, and the letters of Vietnamese.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from detente.atomic import new_folder, weights_written
from detente.errors import DetenteError, InputError, ModelError, UsageError
from detente.markers import check_replaceable
from detente.model.about import ABOUT
from detente.model.encoder import EncoderClassifier
from detente.model.encoder_config import encoder_config
from detente.model.families import load_tokenizer, text_path_of
from detente.model.families.pruning import PrunedTokenizer, count_tokens, prune_tokenizer
from detente.model.folder import load_model, save_model
from detente.model.network import load_network
from detente.outputs import check_outputs
from detente.rows import TextColumn, entries_of
from detente.text import segment_corpus

_TABLES = ("word_embeddings.weight", "tok_embeddings.weight")
"""The end of the name of the token embeddings, by architecture."""


def prune(folder: Path, texts: Iterable[str], out: Path, *, size: int = 0, min_count: int = 1) -> PrunedTokenizer:
    """Write ``out`` as the encoder or the model ``folder`` with the tokens of raw texts alone.

    Raises ModelError for a folder that is neither, or that has another tokenizer than a Unigram; InputError or UsageError where
    ``out`` would overwrite anything but such a folder.
    """
    if size < 0 or min_count < 1:
        raise UsageError(f"size {size}, min_count {min_count}: expected a size of 0 (no limit) or more, a count of 1 or more.")
    is_model = (folder / ABOUT).is_file()
    check_outputs([folder], folders=[out])
    check_replaceable(out, "model" if is_model else "encoder")
    if not is_model:
        counts = count_tokens(load_tokenizer(folder), segment_corpus(text_path_of(folder), texts))
        return prune_encoder(folder, counts, out, size=size, min_count=min_count)
    classifier = load_model(folder)
    if not isinstance(classifier, EncoderClassifier):
        raise ModelError(f"{folder}: a model of the kind '{classifier.info.kind}' has no embeddings; expected an encoder's.")
    counts = count_tokens(classifier.tokenizer, segment_corpus(classifier.text_path, texts))
    with TemporaryDirectory() as name:
        pruned = prune_encoder(folder, counts, Path(name) / "encoder", size=size, min_count=min_count)
        network = load_network(Path(name) / "encoder", n_labels=sum(map(len, classifier.info.tasks.values())))
        small = load_tokenizer(Path(name) / "encoder")
        card = (folder / "README.md").read_text(encoding="utf-8") if (folder / "README.md").is_file() else ""
        note = f"\nPruned: {pruned.summary}.\n"
        save_model(EncoderClassifier(network.eval(), small, classifier.text_path, classifier.info), out, card + note)
    return pruned


def prune_encoder(folder: Path, counts: Mapping[int, int], out: Path, *, size: int = 0, min_count: int = 1) -> PrunedTokenizer:
    """Write ``out`` with config, weights and tokenizer of ``folder``, of its tokens those that ``prune_tokenizer`` keeps.

    Every tensor but the token embeddings stays as it is, heads included; of the embeddings rows are copied. Raises ModelError.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file, save_file

    if not counts:
        raise InputError("the corpus holds no text to tell from which tokens occur; expected sentences.")
    config = encoder_config(folder)
    tokenizer = load_tokenizer(folder)
    # Positions lean on the id that config.json pads with, whether or not it is the tokenizer's.
    stay = {config.pad_token_id} if config.pad_token_id < len(tokenizer) else set()
    pruned = prune_tokenizer(folder, tokenizer, counts, size=size, min_count=min_count, stay=stay)
    architecture = config.architecture
    try:
        stored_tensors = load_file(folder / "model.safetensors")
    except SafetensorError as error:
        raise ModelError(f"{folder / 'model.safetensors'}: not readable as safetensors ({error}). Copy it again.") from error
    tensors = {name: tensor for name, tensor in stored_tensors.items() if not name.startswith(architecture.passed_over)}
    tables = [name for name in tensors if name.endswith(_TABLES)]
    if len(tables) != 1 or len(tensors[tables[0]]) <= pruned.kept[-1]:
        raise ModelError(f"{folder}: model.safetensors holds {len(tables)} tables of token embeddings; expected one that fits.")
    tensors[tables[0]] = tensors[tables[0]][list(pruned.kept)].contiguous()
    place = {old: new for new, old in enumerate(pruned.kept)}
    stored = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    ids = {
        key: place[old] for key, old in stored.items() if key.endswith("_token_id") and isinstance(old, int) and old in place
    }
    with new_folder(out, "encoder") as temporary, weights_written(out / "model.safetensors"):
        save_file(tensors, temporary / "model.safetensors", metadata={"format": "pt"})
        changed = {**stored, **ids, "vocab_size": len(pruned.kept)}
        (temporary / "config.json").write_text(json.dumps(changed, indent=2) + "\n", encoding="utf-8")
        for name, content in pruned.files.items():
            (temporary / name).write_text(content, encoding="utf-8")
        if (folder / "LICENSE").is_file():
            shutil.copyfile(folder / "LICENSE", temporary / "LICENSE")
    return pruned


def read_texts(files: Sequence[Path], reasons: Counter[str]) -> Iterator[str]:
    """The sentences of files of rows; ``reasons`` counts the rows that are none. Raises InputError, UsageError."""
    for path in files:
        for entry in entries_of(path, TextColumn("text")):
            text = entry.row.get("text") if entry.row is not None else None
            if isinstance(text, str) and text.strip():
                yield text
            else:
                reasons[entry.kind or "no text in the row"] += 1


def main(arguments: Sequence[str]) -> int:
    """Run the pruning from the command line."""
    parser = argparse.ArgumentParser(
        "python -m detente.model.prune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("corpus", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=0, help="at most so many tokens, the most frequent; 0: no limit")
    parser.add_argument("--min-count", type=int, default=1, help="how often a token has to occur")
    given = parser.parse_args(arguments)
    reasons: Counter[str] = Counter()
    try:
        check_outputs([given.folder, *given.corpus], folders=[given.out])
        pruned = prune(given.folder, read_texts(given.corpus, reasons), given.out, size=given.size, min_count=given.min_count)
    except (DetenteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    passed = f"; passed over {reasons.total():,} rows ({', '.join(reasons)})" if reasons else ""
    print(f"wrote {given.out}: {pruned.summary}{passed}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
