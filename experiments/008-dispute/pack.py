"""All that gpu_distill.py needs in a folder, and a model folder of what it made.

    python experiments/008-dispute/pack.py pack PACK teacher.kind=classifier 'teacher.path=[a,b]' corpus.path=FILE ...
    python experiments/008-dispute/pack.py unpack PACK OUT MODEL

The options are those of `detente distill`, for classifiers whose tokenizer is a Unigram (e5): what `dataset` and
`corpus.exclude` hold out is dropped from the corpus here, teachers are pruned to its tokens and stored in half precision, and
every sentence is stored as ids, for teachers and student. OUT is what gpu_distill.py wrote.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from safetensors.torch import load_file

from detente import places
from detente.config import load_config
from detente.errors import ModelError
from detente.model import load_model, save_model
from detente.model.encoder import EncoderClassifier
from detente.model.families import encode
from detente.model.folder import with_info
from detente.model.names import named_folder
from detente.model.network import save_network
from detente.model.prune import prune
from detente.training.distillation.averaging import mean_info
from detente.training.distillation.batches import MAX_TOKENS
from detente.training.distillation.corpus import Corpus, prepare_corpus
from detente.training.distillation.gold import gold_rows
from detente.training.distillation.options import DistillOptions, check_distill_options
from detente.training.distillation.run import student_info, with_dataset_excluded
from detente.training.distillation.starting import start_classifier, student_text_path
from detente.training.distillation.student import has_head
from detente.training.losses import targets_of

_TRAINING = ("sentences", "batch_size", "learning_rate", "weight_decay", "warmup", "decay", "max_grad_norm")
_LOSS = ("temperature", "gold_weight")


def pack(options: DistillOptions, out: Path) -> None:
    """Write a folder for gpu_distill.py, which must not be there; corpus and vocabulary are kept as by `detente distill`."""
    check_distill_options(options)
    options = with_dataset_excluded(options)
    out.mkdir(parents=True)
    info = mean_info(options.teacher.path)
    gold = gold_rows(Path(options.dataset), info) if options.training.gold_weight else []
    work, text_path = Path(options.work) if options.work else places.RUNS / "distill", student_text_path(options)
    corpus = prepare_corpus(options.corpus, text_path, work, lambda n: None, say)
    network, tokenizer = start_classifier(options, corpus, info, gold, work, say)
    student = EncoderClassifier(network.eval(), tokenizer, text_path, student_info(info, "student", gold))
    save_model(student, out / "student")
    limit = min(text_path.max_tokens, MAX_TOKENS)
    _write(out / "student-ids.npz", encode(tokenizer, list(corpus.sentences()), limit).ids)
    if gold:
        labels = np.array([targets_of(row, info.tasks) for row in gold], dtype=np.int16)
        _write(out / "gold.npz", encode(tokenizer, text_path.batch([row.text for row in gold]), limit).ids, labels=labels)
    facts: dict[str, Any] = {name: value for name, value in asdict(options.training).items() if name in (*_TRAINING, *_LOSS)}
    facts |= {"tasks": info.tasks, "seed": options.seed}
    facts["student"] = {"folder": "student", "ids": "student-ids.npz", "pad_id": tokenizer.pad_token_id}
    facts["teachers"] = [_teacher(path, corpus, out, number) for number, path in enumerate(options.teacher.path)]
    (out / "pack.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(f"{sum(file.stat().st_size for file in out.rglob('*') if file.is_file()) / 1e6:.0f} MB in {out}")


def _teacher(path: str, corpus: Corpus, out: Path, number: int) -> dict[str, Any]:
    """Write a teacher with the tokens of the corpus alone, and the corpus as its ids."""
    if not has_head(folder := named_folder(path)):
        raise ModelError(f"{path}: is a probe or a baseline; expected a fine-tuned encoder, as transformers has it.")
    with TemporaryDirectory() as name:
        say(f"{path}: {prune(folder, _raw(corpus), Path(name) / 'small').summary}")
        small = load_model(Path(name) / "small")
    assert isinstance(small, EncoderClassifier)
    _write(out / f"teacher-{number}-ids.npz", small.encode(list(_raw(corpus))))
    (out / f"teacher-{number}").mkdir()
    save_network(small.network.half(), out / f"teacher-{number}", None)
    temperatures = [small.info.temperature.get(task, 1.0) for task in small.info.tasks]
    names = {"folder": f"teacher-{number}", "ids": f"teacher-{number}-ids.npz"}
    return {**names, "pad_id": small.tokenizer.pad_token_id, "temperatures": temperatures}


def _raw(corpus: Corpus) -> Iterator[str]:
    for number in range(len(corpus.shards)):
        yield from corpus.column(number, "raw")


def _write(path: Path, ids: Sequence[Sequence[int]], **others: np.ndarray) -> None:
    """Ids one after another with the length of each text, as small as they go."""
    flat = np.concatenate([np.asarray(each) for each in ids])
    kind = np.uint16 if flat.max() < 2**16 else np.uint32
    np.savez_compressed(path, ids=flat.astype(kind), lengths=np.array([len(each) for each in ids], dtype=np.uint16), **others)


def unpack(folder: Path, out: Path, model: Path) -> None:
    """Write a model folder of the weights that gpu_distill.py left."""
    student = load_model(folder / "student")
    assert isinstance(student, EncoderClassifier)
    student.network.load_state_dict(load_file(out / "student.safetensors"))
    facts = json.loads((out / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    n_teachers = len(json.loads((folder / "pack.json").read_text(encoding="utf-8"))["teachers"])
    card = (
        f"# {model.name} (distilled)\n\nTrained on the probabilities of {n_teachers} classifiers for unlabelled text "
        f"({facts['sentences']:,} sentences shown). On sentences that were not shown, it gives {facts['agreement']:.1%} the "
        "same label as they do.\n"
    )
    save_model(with_info(student, name=f"{model.name} (distilled)"), model, card)
    say(f"wrote {model}")


def say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    verb, *given = sys.argv[1:] or ["help"]
    if verb == "pack" and given:
        pack(load_config("distill", [*given[1:], f"out={given[0]}"]), Path(given[0]))
    elif verb == "unpack" and len(given) == 3:
        unpack(*map(Path, given))
    else:
        sys.exit(__doc__)
