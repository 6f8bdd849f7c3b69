from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detente.dataset import LabelledDataset
from detente.errors import InputError, UsageError
from detente.model import Classifier, ModelInfo
from detente.model.encoder import EncoderClassifier
from detente.model.families import load_tokenizer
from detente.model.network import load_network
from detente.prediction import predict, predict_texts, sources
from detente.prediction.pages import COLUMNS
from detente.prediction.parts import Recipe, make_part
from detente.prediction.sources import open_source
from detente.rows import has_text
from detente.text import TextPath
from label_sets import STANCE

NEW = ["stance_pred", *(f"stance_prob_{label}" for label in STANCE), "stance_abstain", "n_tokens", "truncated"]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PART_ROWS", 3)
    monkeypatch.setattr(sources, "PART_PAGES", 2)


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").split("\n")[:-1]]


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def write_rows(name: str, n: int) -> Path:
    path = Path(name)
    path.write_text("".join(json.dumps({"n": at, "text": f"Câu {at}."}) + "\n" for at in range(n)), "utf-8")
    return path


def test_rows_keep_their_order_and_columns(classifier: Classifier) -> None:
    write_rows("in.jsonl", 7)
    summary = predict(classifier, "in.jsonl", "out.jsonl")
    rows = lines("out.jsonl")
    assert (summary.n_units, summary.n_rows, summary.n_rejected, summary.n_truncated, summary.n_new) == (7, 7, 0, 0, 7)
    assert [row["n"] for row in rows] == list(range(7))
    assert list(rows[0]) == ["n", "text", "sentence_id", *NEW]
    one = predict_texts(classifier, ["Câu 3."]).iloc[0]
    assert rows[3]["stance_prob_dialogue"] == pytest.approx(one["stance_prob_dialogue"])
    assert sum(rows[3][f"stance_prob_{label}"] for label in STANCE) == pytest.approx(1, abs=2e-6)
    assert names() == ["in.jsonl", "out.jsonl", "out.jsonl.meta.json"]
    meta = json.loads(Path("out.jsonl.meta.json").read_text("utf-8"))
    assert meta["input"]["n_rows"] == meta["counts"]["n_rows"] == 7
    assert meta["model"]["name"] == "quick"
    assert meta["model"]["text_path"]["segmenter"] == "syllables"
    assert meta["settings"]["batch_size"] == 32


def test_csv_out_of_txt(classifier: Classifier) -> None:
    Path("in.txt").write_text('Ông nói: "Một, hai".\nCâu 🙂\n' * 3, "utf-8")
    predict(classifier, "in.txt", "out.csv")
    predict(classifier, "in.txt", "out.csv.gz")
    with Path("out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["text"] for row in rows] == ['Ông nói: "Một, hai".', "Câu 🙂"] * 3
    assert rows[0]["truncated"] == "False"
    assert gzip.decompress(Path("out.csv.gz").read_bytes()) == Path("out.csv").read_bytes()


def test_parquet_keeps_the_types_of_the_input(classifier: Classifier) -> None:
    table = pa.table(
        {
            "text": pa.array([f"Câu {at}." for at in range(8)]).dictionary_encode(),
            "day": pa.array([date(2024, 1, 1 + at) for at in range(8)]),
            "price": pa.array([Decimal("1.50"), None] * 4),
            "at": pa.array(range(8), pa.timestamp("ns", "UTC")),
            "tags": pa.array([["a"], None] * 4),
        }
    )
    pq.write_table(table, "in.parquet", row_group_size=3)
    predict(classifier, "in.parquet", "out.parquet")
    found = pq.read_table("out.parquet")
    kept = found.select(table.column_names)
    assert kept.to_pylist() == table.to_pylist()
    assert kept.schema.types == table.schema.types
    assert found.column_names == [*table.column_names, "sentence_id", *NEW]
    assert json.loads(pq.read_schema("out.parquet").metadata[b"detente"])["model"]["name"] == "quick"
    predict(classifier, "in.parquet", "out.jsonl")
    assert lines("out.jsonl")[0]["day"] == "2024-01-01"
    assert lines("out.jsonl")[0]["price"] == "1.50"


def test_parquet_out_of_rows_without_types(classifier: Classifier) -> None:
    rows = [{"text": "a"}, {"text": "b", "n": 1}, {"text": "c", "n": 2.5}, {"text": "d", "x": None}, {"text": "e", "n": None}]
    Path("in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    predict(classifier, "in.jsonl", "out.parquet")
    table = pq.read_table("out.parquet")
    assert (table["n"].to_pylist(), table["x"].to_pylist()) == ([None, 1.0, 2.5, None, None], [None] * 5)
    Path("in.jsonl").write_text('{"text": "a", "n": 1}\n{"text": "a", "n": "1"}\n')
    with pytest.raises(InputError, match=r"its columns have no one type, as parquet needs .*Write \.jsonl"):
        predict(classifier, "in.jsonl", "mixed.parquet")
    assert names() == ["in.jsonl", "out.parquet", "out.parquet.meta.json"]


def test_what_cannot_be_predicted_is_rejected_and_counted(classifier: Classifier) -> None:
    Path("in.jsonl").write_bytes(
        b'{"text": "a"}\n\n{"text": "b"}\n{oops\n{"text": " "}\n{"txt": "c"}\n{"text": "\xff"}\n{"text": "d"}'
    )
    summary = predict(classifier, "in.jsonl", "out.jsonl")
    assert (summary.n_units, summary.n_rows, summary.n_rejected) == (8, 3, 5)
    assert [row["text"] for row in lines("out.jsonl")] == ["a", "b", "d"]
    rejects = lines("out.jsonl.rejects.jsonl")
    assert [(reject["row"], reject["place"]) for reject in rejects] == [(n, f"in.jsonl:{n}") for n in (2, 4, 5, 6, 7)]
    assert rejects[3]["reason"].startswith("no column 'text'; the row has txt.")
    with pytest.raises(InputError, match=r"in\.jsonl:2: empty line"):
        predict(classifier, "in.jsonl", "strict.jsonl", strict=True)
    Path("in.jsonl").write_text("{}\n{oops\n")
    with pytest.raises(InputError, match=r"none of its 2 rows can be predicted. The first: in\.jsonl:1: no column 'text'"):
        predict(classifier, "in.jsonl", "none.jsonl")


def test_a_text_that_the_segmenter_stumbles_on(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    path, call = type(classifier.text_path), type(classifier.text_path).__call__

    def stumbling(self: Any, text: str) -> str:
        if "Câu 3" in text:
            raise IndexError("no such word")
        return call(self, text)

    monkeypatch.setattr(path, "__call__", stumbling)
    write_rows("in.jsonl", 7)
    assert predict(classifier, "in.jsonl", "out.jsonl").n_rejected == 1
    assert [row["n"] for row in lines("out.jsonl")] == [0, 1, 2, 4, 5, 6]
    assert lines("out.jsonl.rejects.jsonl") == [
        {"row": 4, "place": "in.jsonl:4", "reason": "the text path failed (IndexError('no such word'))."}
    ]


def test_a_folder_of_articles(classifier: Classifier) -> None:
    from detente import places

    pages = Path("pages")
    pages.mkdir()
    for path in (places.SEEDS / "articles").glob("*.txt"):
        (pages / path.name).write_bytes(path.read_bytes())
    (pages / "menu.txt").write_text("Trang chủ\nThể thao\n", "utf-8")
    summary = predict(classifier, "pages", "out.jsonl")
    rows = lines("out.jsonl")
    assert (summary.n_units, summary.n_rejected, summary.n_rows) == (6, 1, len(rows))
    assert list(rows[0]) == [*COLUMNS, *NEW]
    texts = {path.stem: path.read_text("utf-8-sig") for path in pages.glob("*.txt")}
    for row in rows:
        assert texts[row["sentence_id"].split("#")[0]][row["start"] : row["end"]] == row["text"]
    assert lines("out.jsonl.rejects.jsonl")[0]["place"] == "menu.txt"
    predict(classifier, "pages", "out.parquet")
    assert pq.read_table("out.parquet").num_rows == len(rows)
    with pytest.raises(InputError, match=r"menu\.txt"):
        predict(classifier, "pages", "strict.jsonl", strict=True)
    with pytest.raises(UsageError, match=r"lies in the input pages"):
        predict(classifier, "pages", "pages/out.jsonl")


def test_a_table_of_articles_and_a_dataset(classifier: Classifier, dataset: LabelledDataset) -> None:
    body = "Hai bên nhất trí nối lại đàm phán hòa bình vào tuần tới tại thủ đô. " * 6
    Path("in.jsonl").write_text(json.dumps({"id": "a1", "title": "Đàm phán", "body": body}, ensure_ascii=False) + "\n", "utf-8")
    predict(classifier, "in.jsonl", "out.jsonl", format="articles", text_column="body")
    assert {row["article_id"] for row in lines("out.jsonl")} == {"a1"}
    assert {row["title"] for row in lines("out.jsonl")} == {"Đàm phán"}
    summary = predict(classifier, dataset.folder, "labelled.jsonl")
    rows = lines("labelled.jsonl")
    assert summary.n_rows == len(dataset.rows) == len(rows)
    assert [row["sentence_id"] for row in rows] == [row.sentence_id for row in dataset.rows]
    assert [row["stance"] for row in rows] == [row.label("stance") for row in dataset.rows]


def test_columns_limit_and_stamp(classifier: Classifier) -> None:
    write_rows("in.jsonl", 7)
    predict(classifier, "in.jsonl", "out.jsonl", columns=("n",), limit=4, stamp=True)
    rows = lines("out.jsonl")
    assert list(rows[0]) == ["n", "sentence_id", *NEW, "model_id", "text_path", "detente_version", "settings"]
    assert len(rows) == 4
    assert json.loads(rows[0]["settings"])["limit"] == 4
    with pytest.raises(UsageError, match=r"in\.jsonl has no column 'm'; it has n, text\."):
        predict(classifier, "in.jsonl", "other.jsonl", columns=("m",))


def test_a_clash_of_names_is_an_error(classifier: Classifier) -> None:
    Path("in.csv").write_text("text,stance_pred\nmột,dialogue\n", "utf-8")
    with pytest.raises(InputError, match="has a column 'stance_pred', which the predictions would overwrite"):
        predict(classifier, "in.csv", "out.csv")
    assert names() == ["in.csv"]
    predict(classifier, "in.csv", "out.csv", columns=("text",))
    assert "stance_pred" in Path("out.csv").read_text("utf-8")


def test_the_input_is_never_replaced(classifier: Classifier) -> None:
    Path("in.csv").write_text("text\nmột\n", "utf-8")
    with pytest.raises(UsageError, match="is the input itself"):
        predict(classifier, "in.csv", "in.csv")
    assert Path("in.csv").read_text("utf-8") == "text\nmột\n"


@pytest.mark.parametrize(("texts", "message"), [("Hai bên", "got one string"), (["Hai bên", None], "text 1 is NoneType")])
def test_texts_must_be_a_sequence_of_strings(classifier: Classifier, texts: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        predict_texts(classifier, texts)  # type: ignore[arg-type]


def test_a_bad_last_row_costs_no_prediction_where_none_is_allowed(classifier: Classifier) -> None:
    Path("in.txt").write_text("một\n" * 20 + "\nhai", "utf-8")
    Path("out.csv").write_text("older")
    with pytest.raises(InputError, match=r"in\.txt:21"):
        predict(classifier, "in.txt", "out.csv", strict=True)
    assert Path("out.csv").read_text() == "older"
    assert names() == ["in.txt", "out.csv"]
    with pytest.raises(UsageError, match=r"unknown format '\.parq'"):
        predict(classifier, "in.txt", "out.parq")


def test_a_folder_keeps_its_parts(classifier: Classifier) -> None:
    write_rows("in.jsonl", 7)
    predict(classifier, "in.jsonl", "out/")
    assert [path.name for path in sorted(Path("out").iterdir())] == [
        "_locks", "_manifest.json", "_meta.json", "_receipts", *(f"part-00000{n}.parquet" for n in range(3)),
    ]  # fmt: skip
    assert pq.read_table("out")["n"].to_pylist() == list(range(7))
    predict(classifier, "in.jsonl", "csv/", to="csv")
    assert Path("csv/part-000002.csv").read_text("utf-8").splitlines()[0] == ",".join(["n", "text", "sentence_id", *NEW])
    Path("mine").mkdir()
    Path("mine/thesis.txt").touch()
    with pytest.raises(UsageError, match=r"mine: holds other files \(as thesis\.txt\)"):
        predict(classifier, "in.jsonl", "mine/")
    assert Path("mine/thesis.txt").exists()


_VALUE = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(rows=st.lists(st.one_of(st.none(), st.fixed_dictionaries({"id": _VALUE, "text": _VALUE})), min_size=1, max_size=11))
def test_any_rows_come_out_in_order_or_are_rejected(classifier: Classifier, rows: list[dict[str, str] | None]) -> None:
    Path("any.jsonl").write_text("".join("{oops\n" if row is None else json.dumps(row) + "\n" for row in rows), "utf-8")
    good = [row for row in rows if row is not None and has_text(row["text"])]
    if not good:
        with pytest.raises(InputError, match="none of its"):
            predict(classifier, "any.jsonl", "any-out.jsonl", restart=True)
        return
    for out in ("any-out.jsonl", "any-out.csv", "any-out.parquet"):
        summary = predict(classifier, "any.jsonl", out, restart=True)
        assert (summary.n_units, summary.n_rows, summary.n_rejected) == (len(rows), len(good), len(rows) - len(good))
        found = [entry.row for entry in open_source(Path(out), "text").units()]  # type: ignore[union-attr]
        assert [{"id": row["id"], "text": row["text"]} for row in found if row] == good


@pytest.fixture(scope="module")
def encoder(tiny: Path) -> EncoderClassifier:
    """The tiny encoder with a head that was drawn."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = load_network(tiny, n_labels=3, fresh_head=True).eval()
    tokenizer = load_tokenizer(tiny)
    info = ModelInfo(kind="encoder", name="tiny", tasks={"stance": STANCE})
    return EncoderClassifier(network, tokenizer, TextPath("none", max_tokens=32), info)


def test_an_encoder_reads_each_part_as_if_there_were_no_other(encoder: EncoderClassifier) -> None:
    texts = [" ".join(["Hai bên nhất_trí"] * (1 + at * 7 % 12)) + "." for at in range(10)]
    Path("in.txt").write_text("".join(f"{text}\n" for text in texts), "utf-8")
    summary = predict(encoder, "in.txt", "out.jsonl", batch_size=2)
    rows = lines("out.jsonl")
    assert [row["text"] for row in rows] == texts
    assert [row["truncated"] for row in rows] == [row["n_tokens"] > 32 for row in rows]
    assert 0 < summary.n_truncated == sum(row["truncated"] for row in rows) < 10
    units = list(open_source(Path("in.txt"), "text").units())
    for start in range(0, 10, 3):
        part = make_part(encoder, units[start : start + 3], Recipe("in.txt", "text", batch_size=2, with_ids=True))
        assert part.rows == rows[start : start + 3]
    at_once = predict_texts(encoder, texts)["stance_prob_neutral"]
    assert [row["stance_prob_neutral"] for row in rows] == pytest.approx(at_once, abs=2e-6)


def test_a_budget_of_tokens_holds_for_its_call_alone(encoder: EncoderClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in.txt").write_text("Hai bên nhất_trí.\n" * 4, "utf-8")
    n_tokens, batches = len(encoder.encode(["Hai bên nhất_trí."])[0]), list[int]()
    forward = encoder.forward
    monkeypatch.setattr(encoder, "forward", lambda ids: batches.append(len(ids)) or forward(ids))
    before = dict(vars(encoder))
    predict(encoder, "in.txt", "out.jsonl", batch_tokens=2 * n_tokens, model_id="tiny")
    assert batches == [2, 1, 1]  # parts of three rows
    assert vars(encoder) == before
    batches.clear()
    predict_texts(encoder, ["Hai bên nhất_trí."] * 4)
    assert batches == [4]
    assert json.loads(Path("out.jsonl.meta.json").read_text("utf-8"))["settings"]["batch_tokens"] == 2 * n_tokens
