"""The sections of a report about probabilities: what they are worth, how far they can be believed, and where to abstain."""

from __future__ import annotations

from detente.evaluation.abstention import AUTO, COST, Abstention
from detente.evaluation.assessment import Assessment
from detente.evaluation.blocks import Paragraph, Picture, Section, Table
from detente.evaluation.calibration import Calibration
from detente.evaluation.pictures import abstention_picture, reliability_picture
from detente.evaluation.probabilities import ProbabilityScores
from detente.evaluation.scores import Evaluation
from detente.evaluation.tables import short, shown


def scale_line(assessment: Assessment, temperature: float) -> str:
    """On which one scale all probabilities of the report are; ``temperature`` is what the model's came with."""
    if assessment.is_kept:
        how = (
            f"after the temperature that the model keeps, {assessment.temperature:.2f}: every group's sentences at the one "
            "fitted on the other groups"
        )
    elif temperature != 1:
        how = f"as the model gives them, at its temperature {temperature:.2f}"
    else:
        how = "as the model gives them, without a temperature"
    other = "before" if assessment.is_kept else "after"
    except_for = f", but for the column “{other}” under Calibration" if assessment.calibration else ""
    baselines = " A baseline's are after one of its own where that lowers its loss." if assessment.may_keep else ""
    return f"All probabilities in this report are {how}{except_for}.{baselines}"


def probabilities_section(evaluation: Evaluation) -> Section | None:
    """What the probabilities are worth; None for a model without."""
    scores = evaluation.probabilities
    if scores is None:
        return None
    losses = Table(
        ("loss", "value", "skill"),
        (
            ("log loss", shown(scores.log_loss), short(scores.log_loss_skill)),
            ("Brier score", shown(scores.brier), short(scores.brier_skill)),
        ),
    )
    return Section("Probabilities", (losses, Paragraph(_ranking_text(scores)), _ranking_table(scores)))


def _ranking_text(scores: ProbabilityScores) -> str:
    if scores.within_groups:
        return (
            "Ranking of sentences by a label's probability, within groups: every fold was scored by a model of its own, so "
            "scores of different folds are not ranked together."
        )
    return "Ranking of the split's sentences by a label's probability."


def _ranking_table(scores: ProbabilityScores) -> Table:
    rows = tuple(
        (
            label,
            short(own.auroc),
            short(own.average_precision),
            shown(own.base_rate),
            f"{own.n_pairs:,}",
            str(own.n_groups),
        )
        for label, own in scores.ranking.items()
    )
    return Table(("label", "AUROC", "average precision", "of chance", "pairs", "groups"), rows)


def calibration_section(assessment: Assessment) -> Section | None:
    """What a temperature changes, and whether it is kept; None where none was fitted."""
    calibration = assessment.calibration
    if calibration is None:
        return None
    at_bound = " It is at the end of the range that was searched." if calibration.at_bound else ""
    rows = (
        ("log loss", shown(calibration.log_loss_before), short(calibration.log_loss_after)),
        ("Brier score", shown(calibration.brier_before), short(calibration.brier_after)),
        ("calibration error", short(calibration.error_before), short(calibration.error_after)),
    )
    return Section(
        "Calibration",
        (
            Paragraph(
                f"Temperature {calibration.fitted:.2f}, fitted on all {calibration.n} sentences in {calibration.n_groups} "
                f"groups; above 1 it makes a model less sure.{at_bound} In the column “after” every group's "
                f"temperature is fitted on the other groups. {_calibration_verdict(assessment, calibration)}"
            ),
            Table(("figure", "before", "after"), rows),
            Picture(
                "reliability",
                "Reliability: sentences in bins of equal counts by their highest probability, and how many of them are right.",
                reliability_picture(calibration),
            ),
        ),
    )


def _calibration_verdict(assessment: Assessment, calibration: Calibration) -> str:
    if not calibration.helps:
        return "It does not lower the loss there, so the model keeps its probabilities as they are."
    if assessment.is_kept:
        return "It lowers the loss, and the model keeps it."
    return "It would lower the loss, but this is an evaluation: the model is left as it is, and so are the probabilities."


def abstention_section(abstention: Abstention | None) -> Section | None:
    """What leaving sentences to a human buys, and the model's threshold; None for a model without probabilities."""
    if abstention is None:
        return None
    return Section(
        "Abstention",
        (
            Paragraph(_threshold_text(abstention)),
            Picture(
                "abstention",
                "Abstention: scores when the model answers only the sentences it is surest of.",
                abstention_picture(abstention.curve),
            ),
            Table(
                ("share answered", "sentences", "lowest probability", "macro-F1", "accuracy"),
                tuple(
                    (f"{own.coverage:.0%}", str(own.n), f"{own.threshold:.3f}", f"{own.macro_f1:.3f}", f"{own.accuracy:.3f}")
                    for own in abstention.curve
                ),
            ),
        ),
    )


def _threshold_text(abstention: Abstention) -> str:
    """Below which probability the model abstains, why there, and what that leaves."""
    rule = f"an error counts 1, a sentence left to a human {COST:g} (Chow's rule)"
    if abstention.threshold is None:
        return (
            "The model answers every sentence: it has no threshold (training.threshold=null)."
            if abstention.asked is None
            else f"The model answers every sentence: on this curve that costs least, where {rule}."
        )
    n, own = abstention.curve[0].n, abstention.answered
    left = (
        f"answers {own.n} of {n} sentences, with macro-F1 {own.macro_f1:.3f} and accuracy {own.accuracy:.3f} on them"
        if own
        else f"answers none of {n} sentences"
    )
    how = f", where this curve costs least: {rule}" if abstention.asked == AUTO else ""
    luck = " It was chosen on these very sentences, so those scores are too good." if abstention.asked == AUTO else ""
    return f"The model abstains below a probability of {abstention.threshold:.3f}{how}. It {left}.{luck}"
