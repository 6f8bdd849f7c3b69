"""The datasheet in a dataset's card: the questions a reader would ask, answered from what the build saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from detente.dataset.annotations import ADJUDICATED
from detente.dataset.manifest import Manifest
from detente.records import Annotation, Article

_KINDS = {
    "txt": "text files",
    "html": "HTML pages",
    "htm": "HTML pages",
    "jsonl": "rows of JSONL",
    "csv": "rows of CSV",
    "tsv": "rows of TSV",
}


def datasheet(manifest: Manifest, articles: Sequence[Article], readings: Sequence[Annotation]) -> str:
    """Questions and answers in short, after Gebru et al., Datasheets for Datasets (2021)."""
    if manifest.table:
        return _listed(_of_table(manifest, articles, readings))
    answers = {
        "What is a row?": "One sentence of a news article with its decided labels; titles are not sentences, leads are.",
        "From when to when?": _dates(articles),
        "From whom?": _outlets(articles),
        "In what form did the pages come?": _forms(manifest),
        "What was done to the text?": "Menus, captions, bylines, teasers and the like were taken off by the shape of lines; "
        "the sentences themselves stand to the letter as on the page, with their offsets.",
        "Who labelled it?": _annotators(readings),
        "How far do annotators agree?": "See above; where only one read a sentence, nothing is known about it.",
        "Does it hold copies?": f"{manifest.near_duplicates.n_pages_in_them} pages share their text with another page; "
        "such pages are never parted by a split.",
        "Who is in it?": "Persons of public life, as the press named them; nothing was made anonymous.",
        "What is it not good for?": "Saying what an outlet or a speaker holds: a label is about one sentence, without its "
        "context. Nor for news of other kinds, places or years than those above.",
        "What is missing?": _gaps(manifest, articles),
        "May it be passed on?": "The labels, under their licence below. The text belongs to the outlets: without their leave, "
        "publish it with `detente publish --without-text`.",
    }
    return _listed(answers)


def _of_table(manifest: Manifest, articles: Sequence[Article], readings: Sequence[Annotation]) -> dict[str, str]:
    """What is known of sentences that came in a table; what is told of a corpus of the package stands in place of that."""
    answers = {
        "What is a row?": "One sentence, or short text, of the table, with its decided labels.",
        "From when to when?": _dates(articles) if any(article.date for article in articles) else "The table does not say.",
        "From whom?": _outlets(articles) if any(article.outlet for article in articles) else "The table does not say.",
        "What was done to the text?": "It stands as in the table, on one line.",
        "Who labelled it?": _annotators(readings),
        "How far do annotators agree?": "See above; where only one read a sentence, nothing is known about it.",
        "What is missing?": f"{manifest.n_unlabelled} of {manifest.n_sentences} sentences have no decided label; "
        f"{len(manifest.skipped_pages)} rows were left out. How they were chosen, the table does not say: add it here.",
        "May it be passed on?": "The labels, under their licence below. Without leave for the text, publish it with "
        "`detente publish --without-text`.",
    }
    return answers | (manifest.table.about if manifest.table else {})


def _listed(answers: Mapping[str, str]) -> str:
    return "\n".join(f"- **{question}** {answer}" for question, answer in answers.items())


def _dates(articles: Sequence[Article]) -> str:
    dates = sorted(article.date for article in articles if article.date)
    if not dates:
        return "Not known: no page shows its date."
    return f"{dates[0]} to {dates[-1]}, by the {len(dates)} of {len(articles)} articles that show their date."


def _outlets(articles: Sequence[Article]) -> str:
    outlets = {article.outlet for article in articles if article.outlet}
    n_shown = sum(article.outlet is not None for article in articles)
    return f"{len(outlets)} outlets or agencies, by the {n_shown} of {len(articles)} articles that name theirs (table above)."


def _forms(manifest: Manifest) -> str:
    forms: Counter[str] = Counter()
    for kind, n in manifest.sources.items():
        forms[_KINDS.get(kind, kind)] += n
    return ", ".join(f"{n} {form}" for form, n in forms.items()) + "."


def _annotators(readings: Sequence[Annotation]) -> str:
    kinds = {reading.annotator: reading.annotator_kind for reading in readings if reading.annotator != ADJUDICATED}
    n_humans = sum(kind == "human" for kind in kinds.values())
    n_machines = len(kinds) - n_humans
    decided = {reading.annotator_kind for reading in readings if reading.annotator == ADJUDICATED}
    by = f", and decided between them by a {' and a '.join(sorted(decided))}" if decided else ""
    return f"{n_humans} humans and {n_machines} machines{by}."


def _gaps(manifest: Manifest, articles: Sequence[Article]) -> str:
    n_undated = sum(article.date is None for article in articles)
    return (
        f"{manifest.n_unlabelled} of {manifest.n_sentences} sentences have no label; {n_undated} articles no date; "
        f"{len(manifest.skipped_pages)} pages were left out. How the pages were chosen, the files do not say: add it here."
    )
