"""The challenge: invented sentences in named groups that try what models of a task get wrong, one phenomenon a group.

What counts is which groups a model fails, so there is no number over all of them. Ribeiro et al. (2020, CheckList) call such
groups tests of a capability, and pairs that must keep their label tests of invariance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from detente import places, strict_json
from detente.errors import InputError, near_miss
from detente.evaluation.bars import share_bars
from detente.evaluation.blocks import Block, Paragraph, Picture, Section, Table
from detente.evaluation.wording import counted
from detente.model.classifier import sentence_hash
from detente.tasks import Task

_BEFORE = "stance"
"""The column of an item's label in files of before items named their task, and the task that it is of."""
INVENTED = (
    "They are invented, not sampled: a pass rate is no estimate for news, and a group of a dozen sentences tells a phenomenon "
    "that is missed from one that is mastered, no more."
)
ORIGIN = (
    "A language model wrote these sentences and labelled them by the guideline before any model was scored on them; a second "
    "one read those that are no other spelling of a sentence, without seeing the labels, and gave the same stance to each. No "
    f"human has checked them (seeds/README.md). {INVENTED}"
)
"""Where the seeds' challenge comes from."""


@dataclass(frozen=True, slots=True)
class ChallengeItem:
    """One sentence with its label in a task; ``pair`` is the item it is another spelling or another pair of actors of."""

    item_id: str
    group: str
    text: str
    task: str
    label: str
    rule: str = ""
    pair: str | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """How many of a group's items pass; ``n_same`` of ``n_pairs`` have the prediction of the item they are paired with."""

    group: str
    n: int
    n_passed: int
    n_pairs: int
    n_same: int


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that was predicted wrong."""

    item: ChallengeItem
    predicted: str


@dataclass(frozen=True, slots=True)
class ChallengeResult:
    """Group by group, in the order of the file; there is no score over all."""

    groups: tuple[GroupResult, ...]
    failed: tuple[Failed, ...]


def read_challenge(path: Path | None = None) -> tuple[ChallengeItem, ...]:
    """The items of a challenge file, the seeds' by default, of any tasks. Raises InputError with the line that is wrong."""
    path = path or places.SEEDS / "challenge.jsonl"
    items: dict[str, ChallengeItem] = {}
    for where, item in _items(path):
        if item.item_id in items:
            raise InputError(f"{where}: the item_id '{item.item_id}' stands twice; expected every id once.")
        items[item.item_id] = item
    for item in items.values():
        if item.pair is not None and item.pair not in items:
            hint = near_miss(item.pair, items)
            raise InputError(f"{path}: {item.item_id} is paired with '{item.pair}', which is no item.{hint}")
        if item.pair is not None and items[item.pair].task != item.task:
            raise InputError(f"{path}: {item.item_id} is of {item.task}, and paired with {item.pair}, which is not.")
    if not items:
        raise InputError(f"{path}: no item; expected a JSON object a line.")
    return tuple(items.values())


def items_of(items: Sequence[ChallengeItem], task: Task, where: str = "challenge") -> tuple[ChallengeItem, ...]:
    """The items of a task. Raises InputError for a label that it does not have."""
    found = tuple(item for item in items if item.task == task.name)
    wrong = next((item for item in found if item.label not in task.labels), None)
    if wrong is not None:
        raise InputError(f"{where}: {wrong.item_id}: {task.problem(wrong.label)}")
    return found


def check_items(path: Path, tasks: Sequence[Task]) -> None:
    """Raise InputError for a challenge file that has no item of any of the tasks, or a label that they do not have."""
    items = read_challenge(path)
    if not [item for task in tasks for item in items_of(items, task, str(path))]:
        names, theirs = (dict.fromkeys(each) for each in ((task.name for task in tasks), (item.task for item in items)))
        raise InputError(f"{path}: no item of {' or '.join(names)}; its items are of {', '.join(theirs)}.")


def _items(path: Path) -> Iterator[tuple[str, ChallengeItem]]:
    for number, line in enumerate(strict_json.read_text(path).split("\n"), start=1):
        if line.strip():
            where = f"{path}:{number}"
            row = strict_json.parse_object(line, where)
            if "task" not in row and _BEFORE in row:
                row = {**row, "task": _BEFORE, "label": row[_BEFORE]}
                del row[_BEFORE]
            yield where, strict_json.convert(row, ChallengeItem, where)


def refuse_trained(items: Sequence[ChallengeItem], training_hashes: Collection[str]) -> None:
    """Raise InputError if a model whose training sentences have these fingerprints was trained on an item."""
    seen = [item for item in items if sentence_hash(item.text) in training_hashes]
    if seen:
        raise InputError(
            f"the model was trained on {counted(len(seen), 'item')} of the challenge, first {seen[0].item_id}: "
            f"{seen[0].text!r}. Its result would mean nothing; score a model that has not seen them."
        )


def score_challenge(items: Sequence[ChallengeItem], predicted: Sequence[str]) -> ChallengeResult:
    """Score predictions, one an item in the same order. Raises InputError for unequal lengths."""
    if len(predicted) != len(items):
        raise InputError(f"{len(predicted)} predictions for {counted(len(items), 'item')}; expected one an item.")
    by_id = {item.item_id: label for item, label in zip(items, predicted, strict=True)}
    groups = []
    for group in dict.fromkeys(item.group for item in items):
        own = [item for item in items if item.group == group]
        paired = [item for item in own if item.pair is not None]
        groups.append(
            GroupResult(
                group=group,
                n=len(own),
                n_passed=sum(by_id[item.item_id] == item.label for item in own),
                n_pairs=len(paired),
                n_same=sum(by_id[item.item_id] == by_id[item.pair or ""] for item in paired),
            )
        )
    failed = tuple(Failed(item, label) for item, label in zip(items, predicted, strict=True) if label != item.label)
    return ChallengeResult(tuple(groups), failed)


def section(result: ChallengeResult, origin: str = ORIGIN) -> Section:
    """The challenge as a section: passes a group, consistency of pairs, the picture, and every item that failed.

    ``origin`` says who wrote and who checked the items, which a reader must know first.
    """
    blocks: list[Block] = [
        Paragraph(origin, "caution"),
        Table(
            ("group", "passed"),
            tuple((each.group, f"{each.n_passed}/{each.n}") for each in result.groups),
            caption="There is no score over all groups: they try different things, and their sizes are arbitrary.",
        ),
        _picture(result),
    ]
    paired = [each for each in result.groups if each.n_pairs]
    if paired:
        blocks.append(
            Table(
                ("group", "same prediction as the pair"),
                tuple((each.group, f"{each.n_same}/{each.n_pairs}") for each in paired),
                caption="Another spelling, or other actors in the same act, should change no prediction, right or wrong.",
            )
        )
    if result.failed:
        header = ("item", "group", "rule", "gold", "predicted", "text")
        rows = tuple(
            (each.item.item_id, each.item.group, each.item.rule, each.item.label, each.predicted, each.item.text)
            for each in result.failed
        )
        caption = f"{counted(len(result.failed), 'item')} failed; rule is the guideline's"
        blocks.append(Table(header, rows, caption=caption, prose=("group", "gold", "predicted", "text")))
    else:
        blocks.append(Paragraph("No item failed."))
    return Section("Challenge", tuple(blocks))


def _picture(result: ChallengeResult) -> Picture:
    names = [each.group for each in result.groups]
    passed, totals = [each.n_passed for each in result.groups], [each.n for each in result.groups]
    said = ", ".join(f"{each.group} {each.n_passed} of {each.n}" for each in result.groups)
    png = share_bars(names, passed, totals, "challenge: passed out of total by group", "passed")
    return Picture("challenge", f"Items passed by group of the challenge: {said}.", png)
