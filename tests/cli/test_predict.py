"""`detente predict` as a user meets it, in this process: the command's own words and exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from detente.cli import main
from detente.dataset import LabelledDataset
from detente.model import save_model
from detente.model.options import ModelOptions
from detente.training.fitting import fit
from detente.training.options import TrainOptions


@pytest.fixture(scope="module")
def model(dataset: LabelledDataset, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("model") / "model"
    options = TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"))
    save_model(fit(dataset.labelled("stance"), options, seed=0, encoder=None), folder)
    return str(folder)


@dataclass
class Called:
    code: int
    out: str
    err: str


@pytest.fixture
def call(model: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def calling(*arguments: str, stdin: bytes = b"") -> Called:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["predict", model, *arguments])
        captured = capfdbinary.readouterr()
        return Called(code, captured.out.decode(), captured.err.decode())

    return calling


ODD = ["x" * 100_000, "Hoà bình 🙂👩‍👩‍👧.", "a\x00b\x07c\x1b[0m", "ho\u0300a bi\u0300nh", "\u200b", "dòng\u2028mới\x85"]


def test_odd_text_comes_out_as_it_went_in(call) -> None:  # type: ignore[no-untyped-def]
    Path("in.txt").write_bytes(("\ufeff" + "\r\n".join(["", *ODD, ""]) + "\r\n").encode())
    called = call("in.txt", "-o", "out.jsonl")
    assert (called.code, called.out) == (0, "")
    assert "out.jsonl: 8 rows = 5 read + 3 rejected; 0 cut at 256 tokens, " in called.err
    assert "rejected: out.jsonl.rejects.jsonl" in called.err
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert [row["text"] for row in rows] == [text for text in ODD if text != "\u200b"]
    rejects = [json.loads(line)["row"] for line in Path("out.jsonl.rejects.jsonl").read_text("utf-8").splitlines()]
    assert rejects == [1, 6, 8]


@pytest.mark.parametrize(
    ("name", "data", "arguments", "message"),
    [
        ("in.odt", "x", (), "in.odt: unknown format '.odt'"),
        ("in.csv", "id,txt\n1,a\n", (), "in.csv:1: no column 'text'; the row has id, txt. Name it with --text-column."),
        ("in.txt", "\n\n", (), "none of its 2 rows can be predicted"),
        ("in.txt", "a\n", ("--columns", "b"), "in.txt has no column 'b'; it has text."),
        ("in.txt", "a\n", ("--bom",), "--bom: is of .csv, for Excel; the output is .jsonl"),
        ("in.jsonl", '{"text": "a", "truncated": 1}', (), "in.jsonl: has a column 'truncated', which the predictions would"),
        ("in.jsonl", '{"text": "a", "model_id": 1}', ("--stamp",), "has a column 'model_id', which the predictions would"),
        ("in.txt", "a\n", ("--join", "--restart"), "--join and --restart exclude each other"),
        ("in.txt", "a\n", ("--restart", "--shard", "0/2"), "--restart would remove the parts of the other shards"),
        ("in.txt", "a\n", ("-o", "-", "--join"), "--shard, --join and --restart need an output that stays"),
        ("in.txt", "a\n", ("-o", "-", "--to", "xlsx"), "--to xlsx: expected jsonl or csv for stdout"),
        ("in.txt", "a\n", ("--engine", "onnx"), "engine 'onnx' runs encoders; this model's kind is 'tfidf'"),
        ("in.txt", "a\n", ("--precision", "bf16"), "a model of kind 'tfidf' has no precision to choose"),
    ],
)
def test_bad_input_is_told_before_a_model_is_loaded(  # type: ignore[no-untyped-def]
    call, monkeypatch: pytest.MonkeyPatch, name: str, data: str, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr("detente.model.engines.load_engine", lambda *given: pytest.fail("a model was loaded"))
    Path(name).write_text(data, "utf-8")
    called = call(name, "-o", "out.jsonl", *arguments)
    assert called.code in (1, 2)
    assert message in called.err


def test_a_pipe(call) -> None:  # type: ignore[no-untyped-def]
    called = call("-", "-o", "-", "--to", "csv", "--format", "jsonl", stdin='{"text": "một, hai", "n": 1}\n\n'.encode())
    header, row = called.out.splitlines()
    assert header.startswith("text,n,sentence_id,stance_pred,")
    assert row.startswith('"một, hai",1,r1-')
    assert "rejected: stdin:2: empty line" in called.err
    assert "stdout: 2 rows = 1 read + 1 rejected" in called.err
    assert list(Path().iterdir()) == []
    assert call("-", "-o", "a.csv", stdin=b"").err == "error: stdin: is empty; expected a sentence a row.\n"
    assert call("-", "-o", "a.jsonl", stdin="một\nhai\n".encode()).code == 0
    assert len(Path("a.jsonl").read_text("utf-8").splitlines()) == 2


def test_a_dry_run_writes_nothing(call) -> None:  # type: ignore[no-untyped-def]
    Path("in.txt").write_text("Hai bên đàm phán.\n" * 300 + "\n", "utf-8")
    called = call("in.txt", "-o", "out.parquet", "--dry-run")
    assert called.code == 0
    assert "301 rows in in.txt; the first 256 gave 256 rows and 0 rejects" in called.err
    assert "nothing was written" in called.err
    assert [path.name for path in Path().iterdir()] == ["in.txt"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["in.txt", "-o", "out.docx"], 2, "out.docx: unknown format '.docx'; expected .csv, .jsonl, .parquet, .xlsx"),
        (["in.txt", "-o", "out.csv", "--to", "csv"], 2, "--to csv: is for a folder of parts or stdout"),
        (["in.txt", "-o", "out.csv", "--format", "html"], 2, "--format html: expected one of txt, csv"),
        (["in.txt", "-o", "out.csv", "--columns", "txt"], 2, "in.txt has no column 'txt'; it has text. Did you mean 'text'?"),
        (["in.txt", "-o", "out.csv", "--shard", "2/2"], 2, "expected i/n with i from 0 to n-1"),
        (["in.txt", "-o", "-", "--restart"], 2, "need an output that stays"),
        (["in.txt", "-o", "-", "--to", "parquet"], 2, "expected jsonl or csv for stdout"),
        (["-", "-o", "-", "--format", "parquet"], 2, "expected one of txt, csv, tsv, jsonl for what comes on stdin"),
        (["in.txt", "-o", "out.csv", "--join"], 1, "1 of 1 parts are missing, the first is 0"),
        (["bad.txt", "-o", "out.csv", "--strict"], 1, "bad.txt:2: not UTF-8"),
        (["cut.txt.gz", "-o", "out.csv"], 1, "cut.txt.gz: the compressed data are damaged or cut short"),
        (["none", "-o", "out.csv"], 1, "none: no such file"),
        (["empty", "-o", "out.csv"], 1, "empty: holds no .txt"),
        (["in.txt", "-o", "/dev/full/out.csv"], 1, "/dev/full"),
    ],
)
def test_a_wrong_call_is_one_message(call, arguments: list[str], code: int, message: str) -> None:  # type: ignore[no-untyped-def]
    import gzip

    Path("in.txt").write_text("Hai bên đàm phán.\n", "utf-8")
    Path("bad.txt").write_bytes(b"a\n\xff\n")
    Path("cut.txt.gz").write_bytes(gzip.compress(b"mot\n" * 100)[:-9])
    Path("empty").mkdir()
    called = call(*arguments)
    assert called.code == code
    assert message in called.err
    assert "Traceback" not in called.err
    assert called.out == ""
    assert not Path("out.csv").exists()


def test_an_encoder_predicts_alike_with_either_engine(
    tiny: Path, dataset: LabelledDataset, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    options = TrainOptions(model=ModelOptions(name="tiny", path=str(tiny)))
    save_model(fit(dataset.labelled("stance"), options, seed=0, encoder=tiny), Path("model"))
    Path("news.txt").write_text("".join(f"{row.text}\n" for row in dataset.rows[:40]), encoding="utf-8")
    for engine in ("torch", "onnx"):
        assert main(["predict", "model", "news.txt", "-o", f"{engine}.jsonl", "--engine", engine]) == 0
    torch, onnx = (
        [json.loads(line) for line in Path(f"{engine}.jsonl").read_text(encoding="utf-8").splitlines()]
        for engine in ("torch", "onnx")
    )
    for one, other in zip(torch, onnx, strict=True):
        assert one["text"] == other["text"]
        assert one["stance_prob_dialogue"] == pytest.approx(other["stance_prob_dialogue"], abs=2e-5)
    assert json.loads(Path("onnx.jsonl.meta.json").read_text(encoding="utf-8"))["settings"]["engine"] == "onnx/fp32"
    capfdbinary.readouterr()
    code = main(["predict", "model", "news.txt", "-o", "int8.jsonl", "--engine", "onnx", "--precision", "int8"])
    said = capfdbinary.readouterr().err
    # Whether so odd a model's labels outlive int8 is not the point: they are measured, and a refusal writes nothing.
    assert b"int8, stance:" in said
    assert Path("int8.jsonl").exists() == (code == 0) == (b"error: " not in said)


def test_a_process_that_predicts_by_a_baseline_loads_no_torch(model: str) -> None:
    Path("in.txt").write_text("Hai bên đàm phán.\n", "utf-8")
    program = (
        "import sys; from detente.cli import main; code = main(); "
        "print([name for name in ('torch', 'transformers', 'sklearn', 'underthesea') if name in sys.modules], "
        "[name for name, module in sys.modules.items() if module is None and name.startswith('sklearn')]); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, "predict", model, "in.txt", "-o", "out.csv"]
    called = subprocess.run(command, capture_output=True, text=True)
    assert (called.returncode, called.stdout) == (0, "['sklearn', 'underthesea'] []\n")
