"""What a configuration says of a distillation."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from detente.errors import ConfigError
from detente.text import TextOptions, TextPath
from detente.training.precision import PRECISIONS

KINDS = ("encoder", "classifier")
VOCABULARIES = ("learnt", "pruned")


@dataclass(frozen=True)
class CorpusOptions:
    """The unlabelled text. ``path`` is a .txt file, also gzip or xz, or a folder of them; paragraphs are split into sentences.

    Sentences of fewer than ``min_syllables`` or more than ``max_syllables`` are left out, and so is whatever nearly copies a
    text of ``exclude``: files (.txt, .csv, .jsonl with a column ``text``) and dataset folders (their sentences outside train;
    all of one with folds). Name the sets you will score on. ``limit`` is the number of sentences taken, 0 for all.
    """

    path: str = ""
    exclude: tuple[str, ...] = ()
    min_syllables: int = 4
    max_syllables: int = 120
    limit: int = 0


@dataclass(frozen=True)
class TeacherOptions:
    """The teacher: a folder ``path`` or the hub's ``hub_id``, and its ``kind``, encoder or classifier (a détente model folder).

    Of several classifiers the student learns the mean of their probabilities.

    ``prefix`` stands before every text (e5 wants "query: "). The student's ``<s>`` learns the mean over the tokens of the layer
    ``first_layer`` (counted from 1; 0 for the one in the middle), the student's mean that of the last, so that what reads both
    sees two views of a sentence. ``max_tokens`` is where its texts are cut, ``batch_tokens`` how
    many padded tokens it reads at once. ``precision`` is bf16, fp32, or auto: bf16 where the machine has it in hardware.
    """

    kind: str = "encoder"
    path: tuple[str, ...] = ()
    hub_id: str = ""
    revision: str = "main"
    prefix: str = ""
    first_layer: int = 0
    max_tokens: int = 256
    batch_tokens: int = 8192
    precision: str = "auto"


@dataclass(frozen=True)
class StudentOptions:
    """The encoder to be made: ``vocab_size`` tokens with the special ones, and the teacher's ``layers`` it starts from.

    ``vocabulary`` is ``learnt``, in PhoBERT's format from the segmented corpus, or ``pruned``: the tokens of its teacher (of
    ``path``, where that is given) that occur in the corpus ``min_count`` times, the most frequent ones, read from raw text.

    With ``path`` and ``learnt`` it starts from that encoder instead, of any family, as it is. So does a classifier's student,
    from the embedded one if ``path`` is empty.
    """

    path: str = ""
    vocabulary: str = "learnt"
    vocab_size: int = 24_000
    min_count: int = 1
    layers: tuple[int, ...] = (0, 2, 5, 8, 11)


@dataclass(frozen=True)
class DistillTrainingOptions:
    """How the student is trained.

    ``sentences`` are shown in all, over as many epochs as that makes. The learning rate rises over the share ``warmup`` of
    them, stays, and falls to 0 over the share ``decay`` at the end, so that a run can be lengthened from a checkpoint before
    the fall. ``mask`` is the share of words hidden from an encoder's student, ``word_weight`` what the loss of the words counts
    beside that of the sentences.

    Of a classifier's student: ``temperature`` softens what teacher and student say before they are compared (Hinton, Vinyals
    and Dean 2015, arXiv 1503.02531), ``gold_weight`` is the share of sentences with gold labels, of the dataset's train side,
    in every step and in its loss.
    """

    sentences: int = 1_000_000
    batch_size: int = 64
    learning_rate: float = 5e-4
    weight_decay: float = 0.01
    warmup: float = 0.02
    decay: float = 0.3
    mask: float = 0.15
    word_weight: float = 1.0
    temperature: float = 1.0
    gold_weight: float = 0.0
    max_grad_norm: float = 1.0
    precision: str = "auto"


@dataclass(frozen=True)
class DistillOptions:
    """Everything ``detente distill`` can be told.

    ``out`` is the folder of the result; ``work`` holds corpus, teacher's outputs and checkpoints (runs/distill by default), may
    be shared by several distillations, and can be removed afterwards. ``dataset`` is a labelled dataset to compare a classifier
    and its student on, and to take gold labels of; what is scored in it is left out of the corpus as by ``corpus.exclude``.
    """

    seed: int = 0
    out: str = ""
    work: str = ""
    dataset: str = ""
    corpus: CorpusOptions = field(default_factory=CorpusOptions)
    text: TextOptions = field(default_factory=TextOptions)
    teacher: TeacherOptions = field(default_factory=TeacherOptions)
    student: StudentOptions = field(default_factory=StudentOptions)
    training: DistillTrainingOptions = field(default_factory=DistillTrainingOptions)


def check_distill_options(options: DistillOptions) -> None:
    """Raise ConfigError that lists every value that cannot be, before anything is computed."""
    training, problems = options.training, []
    for key, value in (("corpus.path", options.corpus.path), ("out", options.out)):
        if not value:
            problems.append(f"{key}: not set. Give it on the command line: {key}=...")
    if not (options.teacher.path or options.teacher.hub_id):
        problems.append("teacher: none named; set teacher.path=FOLDER or teacher.hub_id=OWNER/NAME.")
    if options.teacher.kind not in KINDS:
        problems.append(f"teacher.kind: expected {' or '.join(KINDS)}, got '{options.teacher.kind}'.")
    elif options.teacher.kind == "classifier" and not options.teacher.path:
        problems.append("teacher.path: not set; expected the model folder of the classifier.")
    elif options.teacher.kind == "encoder" and len(options.teacher.path) > 1:
        problems.append(f"teacher.path: {len(options.teacher.path)} encoders; expected one. Only classifiers are averaged.")
    problems += _of_classifiers(options)
    positive = {
        "training.sentences": training.sentences,
        "training.batch_size": training.batch_size,
        "training.learning_rate": training.learning_rate,
        "training.max_grad_norm": training.max_grad_norm,
        "training.temperature": training.temperature,
        "student.min_count": options.student.min_count,
        "teacher.batch_tokens": options.teacher.batch_tokens,
        "teacher.max_tokens": options.teacher.max_tokens,
    }
    problems += [f"{key}: expected more than 0, got {value}." for key, value in positive.items() if value <= 0]
    if not 0 <= options.seed < 2**32:
        problems.append(f"seed: expected 0 to {2**32 - 1}, got {options.seed}.")
    if not 0 <= options.corpus.limit <= sys.maxsize:
        problems.append(f"corpus.limit: expected 0 or more, got {options.corpus.limit}.")
    if options.teacher.first_layer < 0:
        problems.append(f"teacher.first_layer: expected 0 or more, got {options.teacher.first_layer}.")
    if options.student.vocabulary not in VOCABULARIES:
        problems.append(f"student.vocabulary: expected {' or '.join(VOCABULARIES)}, got '{options.student.vocabulary}'.")
    if options.student.vocab_size < 300:
        problems.append(f"student.vocab_size: expected 300 or more, got {options.student.vocab_size}.")
    shares = {name: getattr(training, name) for name in ("mask", "warmup", "decay", "gold_weight")}
    for key, share in shares.items():
        if not 0 <= share < 1:
            problems.append(f"training.{key}: expected a share from 0 to below 1, got {share}.")
    for key, precision in (("teacher", options.teacher.precision), ("training", training.precision)):
        if precision not in PRECISIONS:
            problems.append(f"{key}.precision: expected {', '.join(PRECISIONS)}, got '{precision}'.")
    if problems:
        raise ConfigError("\n".join(problems))
    TextPath.from_options(options.text)


def _of_classifiers(options: DistillOptions) -> list[str]:
    """What only a classifier's student can be told."""
    training = options.training
    if training.gold_weight and not options.dataset:
        return ["training.gold_weight: no gold labels; expected dataset=FOLDER, whose train side has them."]
    if options.teacher.kind == "encoder" and (training.gold_weight or training.temperature != 1):
        return [
            "training.gold_weight, training.temperature: an encoder has no probabilities; expected teacher.kind=classifier."
        ]
    return []
