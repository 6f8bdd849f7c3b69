"""What a configuration says of a distillation."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from detente.errors import ConfigError
from detente.text import TextOptions, TextPath
from detente.training.precision import PRECISIONS

KINDS = ("encoder", "classifier")


@dataclass(frozen=True)
class CorpusOptions:
    """The unlabelled text. ``path`` is a .txt file, also gzip or xz, or a folder of them; paragraphs are split into sentences.

    Sentences of fewer than ``min_syllables`` or more than ``max_syllables`` are left out, and so is whatever nearly copies a
    text of the ``exclude`` files (.txt, .csv, .jsonl with a column ``text``): name the sets you will score on. ``limit`` is the
    number of sentences taken, 0 for all.
    """

    path: str = ""
    exclude: tuple[str, ...] = ()
    min_syllables: int = 4
    max_syllables: int = 120
    limit: int = 0


@dataclass(frozen=True)
class TeacherOptions:
    """The teacher: a folder ``path`` or the hub's ``hub_id``, and its ``kind``, encoder or classifier (a détente model folder).

    ``prefix`` stands before every text (e5 wants "query: "). The student's ``<s>`` learns the mean over the tokens of the layer
    ``first_layer`` (counted from 1; 0 for the one in the middle), the student's mean that of the last, so that what reads both
    sees two views of a sentence. ``max_tokens`` is where its texts are cut, ``batch_tokens`` how
    many padded tokens it reads at once. ``precision`` is bf16, fp32, or auto: bf16 where the machine has it in hardware.
    """

    kind: str = "encoder"
    path: str = ""
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

    With ``path`` it starts from that encoder instead, of any family, and keeps its vocabulary. A classifier's student
    always starts from an encoder: the embedded one if ``path`` is empty.
    """

    path: str = ""
    vocab_size: int = 24_000
    layers: tuple[int, ...] = (0, 2, 5, 8, 11)


@dataclass(frozen=True)
class DistillTrainingOptions:
    """How the student is trained.

    ``sentences`` are shown in all, over as many epochs as that makes. The learning rate rises over the share ``warmup`` of
    them, stays, and falls to 0 over the share ``decay`` at the end, so that a run can be lengthened from a checkpoint before
    the fall. ``mask`` is the share of words hidden from an encoder's student, ``word_weight`` what the loss of the words counts
    beside that of the sentences.
    """

    sentences: int = 1_000_000
    batch_size: int = 64
    learning_rate: float = 5e-4
    weight_decay: float = 0.01
    warmup: float = 0.02
    decay: float = 0.3
    mask: float = 0.15
    word_weight: float = 1.0
    max_grad_norm: float = 1.0
    precision: str = "auto"


@dataclass(frozen=True)
class DistillOptions:
    """Everything ``detente distill`` can be told.

    ``out`` is the folder of the result; ``work`` holds corpus, teacher's outputs and checkpoints (runs/distill by default), may
    be shared by several distillations, and can be removed afterwards. ``dataset`` is a labelled dataset to compare a classifier
    and its student on.
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
    positive = {
        "training.sentences": training.sentences,
        "training.batch_size": training.batch_size,
        "training.learning_rate": training.learning_rate,
        "training.max_grad_norm": training.max_grad_norm,
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
    if options.student.vocab_size < 300:
        problems.append(f"student.vocab_size: expected 300 or more, got {options.student.vocab_size}.")
    for key, share in (("mask", training.mask), ("warmup", training.warmup), ("decay", training.decay)):
        if not 0 <= share < 1:
            problems.append(f"training.{key}: expected a share from 0 to below 1, got {share}.")
    for key, precision in (("teacher", options.teacher.precision), ("training", training.precision)):
        if precision not in PRECISIONS:
            problems.append(f"{key}.precision: expected {', '.join(PRECISIONS)}, got '{precision}'.")
    if problems:
        raise ConfigError("\n".join(problems))
    TextPath.from_options(options.text)
