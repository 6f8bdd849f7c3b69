"""The whole distillation: corpus → teacher's outputs → student, each stage kept on disk and taken up where it stopped."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from detente import places
from detente.dataset import LabelledDataset, read_dataset
from detente.evaluation import Evaluation
from detente.markers import check_replaceable
from detente.model import Classifier, ModelInfo, save_model
from detente.model.classifier import sentence_hash, sentence_hashes
from detente.model.encoder import EncoderClassifier
from detente.model.names import named_folder
from detente.outputs import check_outputs
from detente.prediction.columns import prediction_columns
from detente.records import Example
from detente.tasks import Task
from detente.training.distillation.averaging import MeanClassifier, mean_info, mean_outputs, single_teachers
from detente.training.distillation.batches import Shard
from detente.training.distillation.corpus import Corpus, prepare_corpus
from detente.training.distillation.gold import gold_rows, gold_shard
from detente.training.distillation.options import DistillOptions, TeacherOptions, check_distill_options
from detente.training.distillation.starting import source_of, start_classifier, start_encoder, student_text_path
from detente.training.distillation.student import save_encoder
from detente.training.distillation.teacher import (
    TEACHERS,
    TeacherOutputs,
    cached_outputs,
    content_of,
    teacher_key,
)
from detente.training.evaluating import shared_tasks
from detente.training.precision import attend_in_fp32, choose_device
from detente.training.scoring import evaluate_rows, rows_of
from detente.training.seeding import seeded
from detente.training.starting import start_of

Say = Callable[[str], None]


@dataclass(frozen=True)
class Distillation:
    """What came of it: the folder of the student, its agreement with the teacher on sentences that were not shown (cosine of
    standardised vectors, or share of equal labels), and a report."""

    folder: Path
    agreement: float
    report: str


def distill(options: DistillOptions, say: Say = lambda line: None, progress: bool = False) -> Distillation:
    """Distill an encoder into a small encoder, or a classifier into a small classifier.

    Raises ConfigError, DatasetError, InputError, ModelError, TrainingError; UsageError where an output would overwrite an
    input.
    """
    check_distill_options(options)
    work = Path(options.work) if options.work else places.RUNS / "distill"
    _check_outputs(options, work)
    options = with_dataset_excluded(options)
    info = mean_info(options.teacher.path) if options.teacher.kind == "classifier" else None
    gold = gold_rows(Path(options.dataset), info) if info and options.training.gold_weight else []
    with _bar(options.corpus.limit or None, 0, "corpus", progress) as bar:
        corpus = prepare_corpus(options.corpus, student_text_path(options), work, bar.update, say)

    @cache
    def teacher(single: TeacherOptions) -> Any:
        return TEACHERS[single.kind](single)

    if info is None:
        student = start_encoder(options, corpus, teacher, work, say)
        loop = _train(options, corpus, teacher, student, None, [], work, say, progress)
        report = _encoder_card(options, corpus, student[0], loop)
        facts = {"options": asdict(options), "corpus": corpus.counts, "log": [asdict(each) for each in loop.log()]}
        save_encoder(student[0], student[1], Path(options.out), report, facts)
    else:
        student = start_classifier(options, corpus, info, gold, work, say)
        loop = _train(options, corpus, teacher, student, info, gold, work, say, progress)
        classifiers = [teacher(each).classifier for each in single_teachers(options.teacher)]
        report = _save_classifier(options, MeanClassifier(classifiers, info), student, loop, gold)
    return Distillation(Path(options.out), loop.last.agreement, report)


def _check_outputs(options: DistillOptions, work: Path) -> None:
    """Neither what is read nor anything but a model of the same kind may be in the way of the result."""
    named = (options.corpus.path, *options.corpus.exclude, *options.teacher.path, options.student.path, options.dataset)
    check_outputs([Path(name) for name in named if name], folders=[Path(options.out)], places=[work])
    check_replaceable(Path(options.out), "encoder" if options.teacher.kind == "encoder" else "model")


def with_dataset_excluded(options: DistillOptions) -> DistillOptions:
    """What the student will be scored on is no text to learn from."""
    if not options.dataset or options.dataset in options.corpus.exclude:
        return options
    read_dataset(Path(options.dataset))  # what is wrong with it is told before the work
    return replace(options, corpus=replace(options.corpus, exclude=(*options.corpus.exclude, options.dataset)))


def _train(
    options: DistillOptions,
    corpus: Corpus,
    teacher: Callable[[TeacherOptions], Any],
    student: tuple[Any, Any],
    info: ModelInfo | None,
    gold: list[Example],
    work: Path,
    say: Say,
    progress: bool,
) -> Any:
    from detente.training.distillation.loop import Loop
    from detente.training.distillation.objectives import ProbabilityObjective, VectorObjective

    network, tokenizer = student
    if choose_device().type == "cpu":
        attend_in_fp32(network)
    singles = {each: work / f"teacher-{teacher_key(each, corpus)}" for each in single_teachers(options.teacher)}

    def outputs(number: int) -> TeacherOutputs:
        shard = corpus.shards[number]
        return mean_outputs([cached_outputs(partial(teacher, each), shard, folder, say) for each, folder in singles.items()])

    with seeded(options.seed):
        objective: Any
        mask = options.training.mask if info is None else 0.0
        if info is None:
            objective = VectorObjective(network, teacher(options.teacher).width, options.training.word_weight)
            objective.standardise(outputs(0))
        else:
            objective = ProbabilityObjective(network, tuple(map(len, info.tasks.values())), options.training.temperature)
        folder = work / f"student-{_key(options, corpus, singles.values(), gold)}"
        shown = gold_shard(gold, info, tokenizer, student_text_path(options)) if info and gold else None
        loop = Loop(objective, replace(options.training, mask=mask), options.seed, folder, shown)
        if loop.resume():
            say(f"resumed after {loop.n_sentences:,} sentences")
        with _bar(options.training.sentences, loop.n_sentences, "student", progress) as bar:
            if not loop.finished:
                loop.run(
                    len(corpus.shards),
                    lambda number: Shard(tokenizer, corpus.column(number, "segmented"), outputs(number)),
                    bar.update,
                    say,
                )
    network.cpu().eval()
    return loop


def _save_classifier(
    options: DistillOptions, teacher: MeanClassifier, student: tuple[Any, Any], loop: Any, gold: list[Example]
) -> str:
    """Write the student as a model folder, and say what it lost beside its teacher."""
    network, tokenizer = student
    network.set_attn_implementation("sdpa")
    start = start_of(named_folder(options.student.path)) if options.student.path else None
    info = student_info(teacher.info, f"{Path(options.out).name} (distilled)", gold, start)
    classifier = EncoderClassifier(network, tokenizer, student_text_path(options), info)
    agreement = loop.last.agreement
    beside = f" Beside them {loop.n_gold} of {len(gold):,} sentences with gold labels were in every step." if gold else ""
    lines = [
        f"# {info.name}",
        "",
        f"A student of {teacher.info.display_name} ({', '.join(options.teacher.path)}), trained on its probabilities for "
        f"unlabelled text ({loop.n_sentences:,} sentences shown).{beside} On sentences that were not shown, both give "
        f"{agreement:.1%} the same label.",
    ]
    if options.dataset:
        lines += ["", *_losses(teacher, classifier, read_dataset(Path(options.dataset)))]
    report = "\n".join(lines) + "\n"
    save_model(classifier, Path(options.out), report)
    return report


def student_info(teacher: ModelInfo, name: str, gold: Sequence[Example], start: ModelInfo | None = None) -> ModelInfo:
    """What is known of a student: what its teacher and its start were trained on, and its gold sentences, do not score it."""
    hashes = (
        teacher.training_hashes | sentence_hashes(row.text for row in gold) | (start.training_hashes if start else frozenset())
    )
    # Temperature and threshold were found on the teacher's probabilities.
    return replace(teacher, kind="encoder", name=name, untrained=False, temperature={}, threshold={}, training_hashes=hashes)


def _losses(teacher: MeanClassifier, student: Classifier, dataset: LabelledDataset) -> list[str]:
    """Macro-F1 of both on the rows of a dataset that neither was trained on; of its validation side alone where it has one."""
    lines = []
    splits = [name for name in dataset.splits if name == "validation"] or list(dataset.splits)
    side = f", {splits[0]}" if splits == ["validation"] else ""
    for task in shared_tasks(teacher.info, dataset):
        name = task.name
        rows = [row for split in splits for row in dataset.labelled(task.name, split)]
        unseen = [row for row in rows if sentence_hash(row.text) not in student.info.training_hashes]
        if not unseen:
            lines.append(f"{name}: the loss in macro-F1 is not estimable: the teacher was trained on all {len(rows)} rows.")
            continue
        own, other = (_evaluation(model, unseen, task) for model in (student, teacher))
        lines.append(
            f"{name}: macro-F1 {own.macro_f1} beside the teacher's {other.macro_f1}, on {len(unseen)} rows in {own.n_groups} "
            f"groups of {dataset.name}{side} that the teacher was not trained on."
        )
    return lines


def _evaluation(model: Classifier | MeanClassifier, rows: list[Example], task: Task) -> Evaluation:
    columns = prediction_columns(model.info, model.score([row.text for row in rows]))
    return evaluate_rows(rows_of(rows, model.info, columns, fold=None, seed=0), task)


def _encoder_card(options: DistillOptions, corpus: Corpus, student: Any, loop: Any) -> str:
    teacher = options.teacher.hub_id or Path(options.teacher.path[0]).name
    format_note = ", in PhoBERT's file format; not PhoBERT" if source_of(options) is None else ""
    return (
        f"# An encoder distilled from {teacher}\n\n"
        f"{student.num_parameters():,} parameters{format_note}. Made by `detente distill` from\n"
        f"{corpus.counts['taken']:,} sentences, {loop.n_sentences:,} shown in all; recipe.json holds configuration and log.\n"
        f"On sentences that were not shown, its vectors and the teacher's (both standardised) have a cosine of "
        f"{loop.last.agreement:.3f}.\n"
    )


def _key(options: DistillOptions, corpus: Corpus, teachers: Iterable[Path], gold: list[Example]) -> str:
    """What decides a student, but for how long it is trained: a run may be lengthened."""
    training = {name: value for name, value in asdict(options.training).items() if name not in ("sentences", "decay")}
    facts = [options.seed, asdict(options.student), training, [folder.name for folder in teachers], corpus.key]
    facts.append([[row.text, dict(row.labels)] for row in gold])
    facts.append(content_of(named_folder(options.student.path)) if options.student.path else None)
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def _bar(total: int | None, done: int, what: str, show: bool) -> Any:
    from tqdm import tqdm

    disable = None if show else True
    return tqdm(
        total=total, initial=done, unit="sentence", desc=what, file=sys.stderr, disable=disable, leave=False, smoothing=0.05
    )
