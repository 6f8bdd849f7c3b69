"""The runs of an MLflow experiment as a Markdown table.

    python experiments/table.py EXPERIMENT PARAMETER [PARAMETER ...]

A row a run, with the parameters named and, for every task, macro-F1 of the pooled out-of-fold predictions (mean ± standard
deviation over the random seeds), its rough interval, and TF-IDF's score on the same rows.
"""

from __future__ import annotations

import argparse

from detente.tasks import FIRST
from detente.tracking import open_store
from detente.tracking.tracked import with_task


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment")
    parser.add_argument("parameters", nargs="+")
    options = parser.parse_args()
    runs = open_store().search_runs(experiment_names=[options.experiment], output_format="list")
    head = [*options.parameters, "task", "macro-F1", "rough 95 %", "tfidf"]
    rows = []
    for run in runs:
        metrics, params = run.data.metrics, with_task(run.data.params)
        if "mlflow.parentRunId" in run.data.tags or run.info.status != "FINISHED":
            continue
        learnt = params["task"]
        for task in FIRST:
            prefix = f"oof/{task}" if learnt == "joint" else "oof"
            if learnt not in (task, "joint") or f"{prefix}/macro_f1" not in metrics:
                continue
            sd = metrics.get(f"{prefix}/macro_f1.sd")
            interval = f"{metrics[f'{prefix}/macro_f1.low']:.2f} to {metrics[f'{prefix}/macro_f1.high']:.2f}"
            score = f"{metrics[f'{prefix}/macro_f1']:.3f}" + (f" ± {sd:.3f}" if sd is not None else "")
            tfidf = metrics.get(f"{prefix}/macro_f1_of_tfidf")
            own = [params[name] for name in options.parameters]
            rows.append([*own, task, score, interval, "" if tfidf is None else f"{tfidf:.3f}"])
    for line in [head, ["---"] * len(head), *sorted(rows)]:
        print("| " + " | ".join(line) + " |")


if __name__ == "__main__":
    main()
