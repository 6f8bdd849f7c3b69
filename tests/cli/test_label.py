"""`detente label` as a user types it; in this process, since nothing of it needs one of its own."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from detente.cli import main
from detente.dataset import read_annotations
from detente.dataset.labelling.items import GUIDELINE_VERSION
from detente.places import SEEDS

PAGES = str(SEEDS / "articles")


def fill(path: Path, stance: str, annotator: str = "") -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        labels = {name: label for name, label in {"stance": stance, "sentiment": "neutral"}.items() if name in rows[0]}
        writer.writerows({**row, **labels, "rule": "0"} for row in rows)


@pytest.mark.parametrize("command", ["export", "import", "agreement", "adjudicate", "audit"])
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", command, "--help"]) == 0
    assert f"detente label {command}" in capsys.readouterr().out.partition("Example:")[2]


def test_the_guideline_asked_for_by_default_is_the_packages() -> None:
    assert main(["label", "export", PAGES, "-o", "x.jsonl"]) == 0
    rows = map(json.loads, Path("x.jsonl").read_text("utf-8").splitlines())
    assert {row["guideline_version"] for row in rows} == {GUIDELINE_VERSION}


def test_help_and_export_load_no_torch() -> None:
    call = f"from detente.cli import main; main(['label', 'export', {PAGES!r}, '-o', 'x.csv'])"
    program = f"{call}\nimport sys; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout == "False\n"


def test_agreement_of_the_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", "agreement", "-o", "agreement.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Consistency of machine readings: their errors correlate, this is no human ceiling."
    assert lines[1] == "Intervals: rough 95 %, by leaving out each of 5 groups of articles in turn."
    found = next(line for line in lines if line.split()[:5] == ["stance", "model-a", "/", "model-b", "all"])
    assert found.split()[5:10] == ["81", "5", "80", "0.988", "(0.95"]
    written = json.loads(Path("agreement.json").read_text("utf-8"))
    assert written["kinds"] == {"adjudicated": "machine", "model-a": "machine", "model-b": "machine"}
    assert written["agreement"][0]["kappa"]["value"] == pytest.approx(0.980, abs=0.0005)
    rules = {row["rule"] for row in written["agreement"]}
    assert {None, "0", "6"} <= rules
    assert {row["rule"] for row in written["confusions"]} == rules
    assert len(written["disputes"]) == 2


def test_from_a_folder_to_a_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", "export", PAGES, "--sample", "40", "--annotator", "an", "-o", "an.csv"]) == 0
    assert main(["label", "export", PAGES, "--sample", "40", "-o", "binh.csv"]) == 0
    fill(Path("an.csv"), "dialogue")
    fill(Path("binh.csv"), "neutral")
    assert main(["label", "import", "an.csv", "--source", PAGES]) == 0
    assert main(["label", "import", "binh.csv", "--annotator", "binh"]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "annotations.jsonl: 40 new readings; 80 in all"
    assert main(["label", "agreement", "annotations.jsonl"]) == 0
    assert "dialogue (an), neutral (binh)" in capsys.readouterr().out
    assert main(["label", "adjudicate", "annotations.jsonl"]) == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 40
    assert "an, human: dialogue, neutral (rule 0) | binh, human: neutral, neutral (rule 0)" in captured.out
    assert captured.err.endswith("40 sentences are not decided yet\n")
    assert main(["label", "export", PAGES, "--disputed", "--annotations", "annotations.jsonl", "-o", "decide.csv"]) == 0
    fill(Path("decide.csv"), "neutral")
    assert main(["label", "adjudicate", "annotations.jsonl", "decide.csv"]) == 0
    before = Path("annotations.jsonl").read_bytes()
    assert main(["label", "adjudicate", "annotations.jsonl", "decide.csv", "--agreed"]) == 0
    assert Path("annotations.jsonl").read_bytes() == before
    assert len(read_annotations(Path("annotations.jsonl"))) == 120
    capsys.readouterr()
    assert (
        main(["build", "data=folder", f"data.articles={PAGES}", "data.annotations=annotations.jsonl", "split.n_folds=3"]) == 0
    )
    assert "40 labelled sentences" in capsys.readouterr().err


def test_agreed_sentences_are_decided_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("an", "binh"):
        assert main(["label", "export", PAGES, "--sample", "5", "--annotator", name, "-o", f"{name}.csv"]) == 0
        fill(Path(f"{name}.csv"), "neutral")
        assert main(["label", "import", f"{name}.csv"]) == 0
    assert main(["label", "adjudicate", "annotations.jsonl"]) == 1
    assert "5 sentences are not decided yet, 5 of them without dispute (--agreed decides those)" in capsys.readouterr().err
    assert main(["label", "adjudicate", "annotations.jsonl", "--allow-open"]) == 0
    assert main(["label", "adjudicate", "annotations.jsonl", "--agreed"]) == 0
    assert "5 new decisions, 5 of them by agreement" in capsys.readouterr().err


def test_label_studio_with_names_of_users(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = Path(__file__).parents[1] / "dataset" / "labelling" / "label_studio"
    arguments = ["label", "import", str(recorded / "export.json")]
    assert main([*arguments, "--users", str(recorded / "users.json")]) == 0
    said = capsys.readouterr().err
    assert "7 readings; rows without a label: 1, skipped by the annotator: 1, submitted empty: 1" in said
    first = Path("annotations.jsonl").read_bytes()
    assert main([*arguments, "--user", "1=an", "--user", "2=binh"]) == 0
    assert "0 new readings, 7 there already; 7 in all" in capsys.readouterr().err
    assert Path("annotations.jsonl").read_bytes() == first
    assert main([*arguments, "--user", "1"]) == 2
    assert "--user 1: expected ID=NAME, such as 3=an." in capsys.readouterr().err


def test_an_audit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", "export", PAGES, "--audit", "9", "-o", "audit.csv"]) == 0
    assert capsys.readouterr().err == "audit.csv: 9 sentences to label of 81, a simple random sample with seed 0\n"
    fill(Path("audit.csv"), "escalation")
    assert main(["label", "import", "audit.csv", "--annotator", "an"]) == 0
    assert main(["label", "audit", "audit.csv", "annotations.jsonl", "-o", "audit.jsonl"]) == 0
    rows = [json.loads(line) for line in Path("audit.jsonl").read_text("utf-8").splitlines()]
    assert {(row["inclusion_prob"], row["stance"], row["design"]) for row in rows} == {(9 / 81, "escalation", "simple")}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["export", "none", "-o", "x.csv"], 1, "none: no such folder or file; expected pages, a dataset, or a file"),
        (["export", PAGES, "-o", "x.ods"], 2, "unknown format '.ods'; expected .json, .csv, .xlsx, .jsonl."),
        (["export", PAGES, "-o", "x.csv", "--sample", "0"], 2, "Invalid value for '--sample'"),
        (["export", PAGES, "-o", "x.csv", "--sample", "99"], 1, "99 sentences asked for, and there are 81. Ask for fewer."),
        (["export", PAGES, "-o", "x.csv", "--annotations", "none"], 1, "none: no such file"),
        (["export", PAGES], 2, "Missing option '-o'"),
        (["import", "none.csv"], 1, "none.csv: no such file"),
        (["import"], 2, "Missing argument 'FILES...'"),
        (["import", "x.csv", "--on-conflict", "overwrite"], 2, "'overwrite' is not one of"),
        (["adjudicate", "none.jsonl"], 1, "none.jsonl: no such file"),
        (["agreement", "x.jsonl", "-o", "x.pdf"], 2, "x.pdf: unknown format '.pdf'; expected .json or .md."),
        (["audit", "x.csv", "y.jsonl", "-o", "x.csv"], 2, "x.csv: unknown format '.csv'; expected .jsonl."),
        (["agree"], 2, "No such command 'agree'"),
    ],
)
def test_wrong_calls(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", *arguments]) == code
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert not list(Path().glob("x.*"))


def test_the_column_of_a_source_is_named_where_the_export_named_it(capsys: pytest.CaptureFixture[str]) -> None:
    article = min((SEEDS / "articles").glob("*.txt")).read_text("utf-8")
    Path("t.csv").write_text(f'id;content\n1;"{article.replace(chr(34), chr(34) * 2)}"\n', "utf-8")
    assert main(["label", "export", "t.csv", "--text-column", "content", "--annotator", "an", "-o", "x.csv"]) == 0
    fill(Path("x.csv"), "neutral")
    capsys.readouterr()
    assert main(["label", "import", "x.csv", "--source", "t.csv"]) == 1
    assert capsys.readouterr().err == (
        "error: t.csv:1: no column 'text'; the row has id, content. Name it with --text-column.\n"
    )
    assert main(["label", "import", "x.csv", "--source", "t.csv", "--text-column", "content"]) == 0
    assert len(read_annotations(Path("annotations.jsonl"))) > 5
