"""A model served by the real `mlflow models serve`, as whoever sends it requests sees it."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from detente.cli import main
from detente.dataset import LabelledDataset
from detente.errors import TextError
from detente.model import Classifier
from detente.model.options import ModelOptions
from detente.prediction import predict_texts
from detente.tracking import mlflow_run, open_store, serving
from detente.tracking.options import TrackingOptions
from detente.tracking.serving import MAX_CHARACTERS, MAX_ROWS, BadRequestError, predict_request
from detente.training import TrainOptions, train
from detente.training.fitting import fit
from detente.training.options import TrainingOptions
from mlflow_serve import Served, mlflow_serve

TEXTS = ["Hai bên nhất trí nối lại đàm phán hoà bình.", "Quân đội tập trận.", "Giá dầu tăng."]
ODD = ["đàm phán " * 11_112, "Hoà bình 🙂👩‍👩‍👧.", "a\x00b\x07c\x1b[0m", "a\u200bb", "dòng\u2028mới\x85", "x" * 100_000]
JSON = "application/json"


@dataclass(frozen=True)
class Tracked:
    """A run's model in a store: the run, the model folder and where the store is."""

    run_id: str
    folder: Path
    store: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: str

    @property
    def predictions(self) -> Any:
        """The rows, where there are some."""
        assert self.status == 200, self.body
        return json.loads(self.body)["predictions"]

    @property
    def message(self) -> str:
        """What an error says."""
        try:
            return str(json.loads(self.body)["message"])
        except ValueError:
            return self.body


@pytest.fixture(scope="module")
def tracked(dataset: LabelledDataset, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Tracked:
    """The tiny encoder, fine-tuned for an epoch, as models:/stance@best."""
    folder = tmp_path_factory.mktemp("tracked")
    training = TrainingOptions(method="finetune", epochs=1, learning_rate=1e-3)
    options = TrainOptions(model=ModelOptions(name="tiny", path=str(tiny)), training=training)
    store = f"sqlite:///{folder}/mlflow.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with mlflow_run(TrackingOptions(uri=store, register="stance"), "tiny") as recorder:
            run = train(dataset, options, recorder=recorder)
    return Tracked(str(run.run_id), folder / run.model_folder, store)


@pytest.fixture(scope="module")
def served(tracked: Tracked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with mlflow_serve("models:/stance@best", tmp_path_factory.mktemp("served"), tracked.store) as server:
        yield server


@pytest.fixture(scope="module")
def baseline(dataset: LabelledDataset) -> Classifier:
    options = TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"))
    return fit(dataset.labelled("stance"), options, seed=0, encoder=None)


def post(served: Served, body: bytes, content_type: str = JSON) -> Answer:
    request = urllib.request.Request(served.url, body, {"Content-Type": content_type})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode())


def ask(served: Served, body: object) -> Answer:
    return post(served, json.dumps(body, ensure_ascii=False).encode())


def records(texts: Sequence[object]) -> dict[str, object]:
    return {"dataframe_records": [{"text": text} for text in texts]}


def predicted(folder: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    """What `detente predict` gives, without the text and the row's id."""
    Path("in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    assert main(["predict", str(folder), "in.jsonl", "-o", "out.jsonl", "--workers", "1", "--restart"]) == 0
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").split("\n")[:-1]]
    return [{name: value for name, value in row.items() if name not in ("text", "sentence_id")} for row in rows]


def assert_same(found: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> None:
    """Labels, flags and counts exactly, probabilities to the last of their six places."""
    assert len(found) == len(expected)
    for own, other in zip(found, expected, strict=True):
        assert list(own) == list(other)
        for name, value in other.items():
            assert own[name] == (pytest.approx(value, abs=1.5e-6) if "_prob_" in name else value), name


@pytest.mark.slow
def test_curl_gets_the_labels_and_probabilities_of_detente_predict(served: Served, tracked: Tracked) -> None:
    body = json.dumps(records(TEXTS), ensure_ascii=False)
    if curl := shutil.which("curl"):
        command = [curl, "-sS", "--max-time", "60", served.url, "-H", f"Content-Type: {JSON}", "-d", body]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = json.loads(said)["predictions"]
    else:
        found = post(served, body.encode()).predictions
    assert list(found[0])[:2] == ["stance_pred", "stance_prob_dialogue"]
    assert found[0]["stance_pred"] in ("dialogue", "neutral", "escalation")
    assert_same(found, predicted(tracked.folder, TEXTS))


@pytest.mark.slow
def test_every_form_of_a_body_gets_the_same_answer(served: Served) -> None:
    expected = ask(served, records(TEXTS)).predictions
    split = {"columns": ["text"], "data": [[text] for text in TEXTS]}
    bodies = [
        {"dataframe_split": split},
        {"dataframe_split": {**split, "index": [7, 7, 9]}},
        {"inputs": TEXTS},
        {"inputs": {"text": TEXTS}},
        {"inputs": [{"text": text} for text in TEXTS]},
        {"instances": TEXTS},
        {"instances": [{"text": text} for text in TEXTS]},
        # Columns that the model does not know are left aside.
        {"dataframe_records": [{"id": at, "text": text, "outlet": "x"} for at, text in enumerate(TEXTS)]},
    ]
    for body in bodies:
        assert ask(served, body).predictions == expected, body
    assert post(served, "\n".join(["text", *TEXTS]).encode(), "text/csv; charset=utf-8").predictions == expected
    with_ids = "\n".join(["id,text", *(f"{at},{text}" for at, text in enumerate(TEXTS))])
    assert post(served, with_ids.encode(), "text/csv").predictions == expected


@pytest.mark.slow
def test_odd_texts_are_answered_and_cut_where_detente_predict_cuts(served: Served, tracked: Tracked) -> None:
    assert len(ODD[0]) > 100_000
    found = ask(served, records(ODD[:-1])).predictions
    assert_same(found, predicted(tracked.folder, ODD[:-1]))
    assert [row["truncated"] for row in found] == [True, False, False, False, False]
    assert found[0]["n_tokens"] == 11_114
    (long_word,) = ask(served, records([ODD[-1]])).predictions
    assert (long_word["truncated"], long_word["n_tokens"] > 256) == (True, True)
    composed, decomposed = ask(served, records([unicodedata.normalize(form, TEXTS[0]) for form in ("NFC", "NFD")])).predictions
    assert composed == decomposed


FIELDS = "with exactly one of the input fields"
EMPTY = "'text' is empty; expected a sentence. Remove the row or fill it in."
MISSING = "Model is missing inputs ['text']"
BAD: list[tuple[object, int, str]] = [
    ({"dataframe_records": [{"txt": "a"}]}, 400, MISSING + ". Note that there were extra inputs: ['txt']."),
    ({"dataframe_records": []}, 400, MISSING),
    ({"dataframe_split": {"columns": ["text"], "data": []}}, 400, "no rows; expected at least one"),
    ({"inputs": []}, 400, "no rows; expected at least one"),
    (records([5]), 400, "row 1: 'text' is int 5; expected a sentence. Remove the row or fill it in."),
    (records(["a", 0.5]), 400, "row 2: 'text' is float 0.5; expected a sentence."),
    (records([True]), 400, "row 1: 'text' is bool True; expected a sentence."),
    (records([None]), 400, f"row 1: {EMPTY}"),
    (records(["a", None]), 400, f"row 2: {EMPTY}"),
    (records(["a", ""]), 400, f"row 2: {EMPTY}"),
    (records(["a", " \n"]), 400, f"row 2: {EMPTY}"),
    ({"dataframe_records": [{"text": "a"}, {"txt": "b"}]}, 400, f"row 2: {EMPTY}"),
    (records([["a", "b"]]), 400, "row 1: 'text' is list ['a', 'b']; expected a sentence."),
    (records([{"vi": "a"}]), 400, "row 1: 'text' is dict {'vi': 'a'}; expected a sentence."),
    (records(["a", "", 5]), 400, f"row 2: {EMPTY} In all, 2 rows cannot be predicted."),
    (records(["a"] * (MAX_ROWS + 1)), 413, "1,001 rows; expected at most 1,000 a request. Send it in several requests, or"),
    (records(["a" * MAX_CHARACTERS, "b"]), 413, "250,001 characters; expected at most 250,000 a request."),
    ({"inputs": [["a"]]}, 400, "row 1: 'text' is list ['a']; expected a sentence."),
    ({"inputs": "a"}, 400, MISSING),
    ({"rows": [{"text": "a"}]}, 400, FIELDS),
    ({**records(["a"]), "inputs": ["a"]}, 400, FIELDS),
    ({}, 400, FIELDS),
    (["a"], 400, FIELDS),
    ({"dataframe_records": {"text": "a"}}, 400, "must be a list of records. Got dictionary."),
    ({"dataframe_split": [["a"]]}, 400, "Dataframe split format must be a dictionary. Got list."),
]
BAD_BYTES = [
    (b"not json", JSON, 400, "Ensure that input is a valid JSON formatted string"),
    (b"", JSON, 400, "Ensure that input is a valid JSON formatted string"),
    (b'{"inputs": ["\xff"]}', JSON, 400, "UnicodeDecodeError"),
    (b'{"dataframe_records": [{"text": "\\ud800"}]}', JSON, 400, "surrogates not allowed"),
    (b'text\na\n""\n', "text/csv", 400, f"row 2: {EMPTY}"),
    (b"txt\na\n", "text/csv", 400, MISSING),
    (b"text=a", "application/x-www-form-urlencoded", 415, "only supports the following content types"),
    (b"{}", "application/json; charset=latin-1", 415, "only supports UTF-8"),
]


@pytest.mark.slow
def test_bad_bodies_are_told_what_is_wrong_and_the_server_lives_on(served: Served) -> None:
    before = ask(served, records(TEXTS)).predictions
    sent: list[tuple[bytes, str, int, str]] = [
        *((json.dumps(body).encode(), JSON, status, words) for body, status, words in BAD),
        *BAD_BYTES,
    ]
    for body, content_type, status, words in sent:
        answer = post(served, body, content_type)
        assert (answer.status, words in answer.message) == (status, True), (body[:100], answer)
    assert ask(served, records(TEXTS)).predictions == before


@pytest.mark.slow
def test_our_own_answers_say_no_more_than_what_is_wrong(served: Served) -> None:
    """MLflow would put all of the data before the message."""
    answer = ask(served, records([*["đàm phán"] * 900, [["a"] * 5000]]))
    assert answer.message.startswith("row 901: 'text' is list [['a', 'a', ")
    assert len(answer.body) < 300


@pytest.mark.slow
def test_inputs_and_instances_turn_numbers_into_text_before_the_model_sees_them(served: Served) -> None:
    """Which is MLflow's doing, and why the docs show the other two."""
    for form in ("inputs", "instances"):
        written = ask(served, records(["5", "None"])).predictions
        assert ask(served, {form: [5, None]}).predictions == written


@pytest.mark.slow
def test_a_small_load_of_many_clients_gets_equal_answers(served: Served) -> None:
    body = json.dumps(records(TEXTS)).encode()

    def client(n_requests: int) -> list[tuple[int, bytes]]:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        answers = []
        for _ in range(n_requests):
            connection.request("POST", "/invocations", body, {"Content-Type": JSON})
            answer = connection.getresponse()
            answers.append((answer.status, answer.read()))
        connection.close()
        return answers

    with ThreadPoolExecutor(4) as clients:
        answers = [answer for some in clients.map(client, [50] * 4) for answer in some]
    assert len(answers) == 200
    assert set(answers) == {(200, post(served, body).body.encode())}


@pytest.mark.slow
def test_one_process_answers_and_listens_on_loopback_alone(served: Served) -> None:
    ask(served, records(TEXTS))
    processes = served.processes()
    assert len(processes) == 2, [process.cmdline() for process in processes]  # the command, and uvicorn
    connections = [each for process in processes for each in process.net_connections("inet")]
    assert {each.laddr for each in connections if each.status == "LISTEN"} == {("127.0.0.1", served.port)}
    assert {each.raddr.ip for each in connections if each.raddr} <= {"127.0.0.1"}


def test_a_prediction_waits_for_the_one_before_it(tracked: Tracked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server answers in threads; tokenizers are not for several at once."""
    mlflow = open_store(tracked.store)
    model = mlflow.pyfunc.load_model(f"runs:/{tracked.run_id}/model")
    at_once, most = 0, 0

    def slow(*arguments: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.05)
        at_once -= 1
        return found(*arguments)

    found = serving.score
    monkeypatch.setattr(serving, "score", slow)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda text: model.predict({"text": text})["n_tokens"].item(), [TEXTS[1]] * 4))
    assert most == 1
    assert answers == [answers[0]] * 4


def test_a_request_is_predicted_as_its_texts_are(baseline: Classifier) -> None:
    rows = predict_request(baseline, TEXTS)
    assert rows == predict_texts(baseline, TEXTS).drop(columns="text").to_dict("records")
    assert [row["n_tokens"] for row in rows] == [8, 3, 4]


def test_the_limits_are_met_exactly(baseline: Classifier) -> None:
    assert len(predict_request(baseline, ["a"] * MAX_ROWS)) == MAX_ROWS
    assert len(predict_request(baseline, ["ab c" * (MAX_CHARACTERS // 8)] * 2)) == 2
    with pytest.raises(BadRequestError, match="1,001 rows") as raised:
        predict_request(baseline, ["a"] * (MAX_ROWS + 1))
    assert raised.value.get_http_status_code() == 413


def test_a_text_that_the_segmenter_stumbles_on_is_named(baseline: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stumbling:
        def __call__(self, text: str) -> str:
            if text == "ba":
                raise RuntimeError("odd")
            return text

        def batch(self, texts: Sequence[str]) -> list[str]:
            return [self(text) for text in texts]

    monkeypatch.setattr(baseline, "text_path", Stumbling())
    with pytest.raises(BadRequestError, match=r"^row 3: the text path failed \(RuntimeError\('odd'\)\)\.$"):
        predict_request(baseline, ["một", "hai", "ba"])


def test_text_that_should_have_come_segmented_is_a_bad_request(baseline: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def batch(self, texts: Sequence[str]) -> list[str]:
            raise TextError("expects text whose words are joined by '_'")

    monkeypatch.setattr(baseline, "text_path", Refusing())
    with pytest.raises(BadRequestError, match="words are joined by '_'") as raised:
        predict_request(baseline, ["một"])
    assert raised.value.get_http_status_code() == 400
