"""What an index is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from detente.errors import UsageError, near_miss

BY = ("day", "week", "month")
GROUPS = ("outlet", "actor", "none")
COPIES = ("count", "once", "share")

ALL = "(all)"
"""In place of a period or a group: all of them together."""
NO_DATE, NO_OUTLET, NO_ACTOR = "(no date)", "(no outlet)", "(no actor)"


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How predictions are counted, and what corrects them; ``detente index --help`` says it of each.

    ``task`` may be left out where the predictions are of one.
    ``audit`` is a file of ``detente label audit``; ``model`` a model folder, whose training sentences must not be in the audit;
    ``actors`` another list than the seeds'.
    """

    by: str = "month"
    group: str = "none"
    task: str = ""
    copies: str = "count"
    audit: Path | None = None
    allow_unlabelled: bool = False
    model: Path | None = None
    actors: Path | None = None
    date_column: str = "date"
    outlet_column: str = "outlet"
    text_column: str = "text"

    def check(self) -> None:
        """Raise UsageError for a value that is none of the known ones, or options that go with an audit and stand alone."""
        for name, known in (("by", BY), ("group", GROUPS), ("copies", COPIES)):
            if (value := getattr(self, name)) not in known:
                raise UsageError(f"{name}: expected {', '.join(known)}, got '{value}'.{near_miss(value, known)}")
        if self.audit is None and (self.model is not None or self.allow_unlabelled):
            alone = "allow_unlabelled" if self.model is None else "model"
            raise UsageError(f"{alone}: is of an audit, and there is none. Give the audit too.")

    @property
    def needs_text(self) -> bool:
        """Whether something is asked that the sentences themselves answer."""
        return self.group == "actor" or self.copies != "count" or self.audit is not None
