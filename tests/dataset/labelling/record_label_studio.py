"""Records the files that the tests of labelling read: what Label Studio itself exports.

    make record-label-studio

installs Label Studio into a temporary environment, starts it on loopback with an empty data folder, makes a project with our
interface, imports our tasks, labels them through its API as two annotators, skips one, and writes the exports beside this file.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import secrets
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import venv
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from detente.dataset.labelling.items import FREE, Blank, Item
from detente.dataset.labelling.label_studio import interface, write_tasks
from label_sets import TASKS

VERSION = "1.23.2"
OUT = Path(__file__).parent / "label_studio"

_TITLE = "Đàm phán nối lại"
_QUOTED = "Ông nói: “Chúng tôi sẽ gặp lại.”"
_DRAWN = {"inclusion_prob": 0.25, "design": "simple"}
ITEMS = [
    Item("p1#0", "p1", "Hai bên nhất trí nối lại đàm phán.", _TITLE, after=_QUOTED, **_DRAWN),
    Item("p1#35", "p1", '=Ông nói: "Chúng tôi sẽ gặp lại."', _TITLE, before="Hai bên nhất trí.", **_DRAWN),
    Item("p2#0", "p2", "Dòng một\nDòng hai <b>&amp;</b> 'nháy'", **_DRAWN),
    Item("p2#40", "p2", "Ho\u0300a bi\u0300nh ơ\u0309 Đông Âu.", **_DRAWN),
    Item("p2#60", "p2", "'Nga điều thêm quân tới biên giới.", **_DRAWN),
    Item("p3#0", "p3", "Câu không ai đọc.", **_DRAWN),
]
# What is labelled: sentence → annotator → fields; None is a skip, {} a submission without a choice.
LABELS: dict[str, dict[str, dict[str, str] | None]] = {
    "p1#0": {
        "an": {"stance": "dialogue", "sentiment": "positive", "rule": "6"},
        "binh": {"stance": "dialogue", "sentiment": "neutral", "rule": "0", "note": 'đàm phán, "nối lại"\nhai dòng'},
    },
    "p1#35": {"an": {"stance": "dialogue", "sentiment": "neutral", "rule": "1"}, "binh": None},
    "p2#0": {"an": {"stance": "neutral", "sentiment": "neutral", "rule": "0"}, "binh": {}},
    "p2#40": {"binh": {"stance": "neutral", "sentiment": "positive", "rule": "0"}},
    "p2#60": {
        "an": {"stance": "escalation", "sentiment": "negative", "rule": "0"},
        "binh": {"stance": "neutral", "sentiment": "negative", "rule": "7", "note": "=1+1"},
    },
}


class Client:
    """One user of Label Studio: a token, or a session opened by signing up."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self.headers = {"Authorization": f"Token {token}"} if token else {}
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def call(self, method: str, path: str, body: Any = None, *, form: bool = False) -> str:
        headers = {**self.headers, "Referer": self.address}
        tokens = [cookie.value or "" for cookie in self.jar if cookie.name == "csrftoken"]
        headers |= {"X-CSRFToken": tokens[0]} if tokens else {}
        data = None
        if body is not None:
            data = (urllib.parse.urlencode(body) if form else json.dumps(body)).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded" if form else "application/json"
        request = urllib.request.Request(self.address + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=120) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()[:2000]}") from error

    def sign_up(self, email: str) -> None:
        page = self.call("GET", "/user/signup/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        body = {
            "email": email,
            "password": secrets.token_hex(10),
            "csrfmiddlewaretoken": token[1],
            "allow_newsletters": "false",
        }
        self.call("POST", "/user/signup/?&next=/projects/", body, form=True)


def install(folder: Path) -> Path:
    """A temporary environment with Label Studio in it, never the project's own."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", f"label-studio=={VERSION}"], check=True)
    return folder / "bin" / "label-studio"


def start(program: Path, folder: Path, port: int, token: str) -> subprocess.Popen[bytes]:
    """Label Studio on loopback, with nothing that reports home."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    command = [program, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    command += ["--username", "an@example.org", "--password", secrets.token_hex(10), "--user-token", token]
    log = (folder / "log").open("wb")
    return subprocess.Popen(["nice", "-n", "5", *command], env=environment, stdout=log, stderr=log, cwd=folder)


def wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit(f"Label Studio ended:\n{log.read_text()[-3000:]}")
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).read()
            return
        except OSError:
            time.sleep(1)
    raise SystemExit("Label Studio did not answer within five minutes.")


def result(fields: dict[str, str]) -> list[dict[str, Any]]:
    """An annotation's result as the interface sends it."""
    return [
        {
            "from_name": name,
            "to_name": "text",
            "type": "textarea" if name == "note" else "choices",
            "value": {"text" if name == "note" else "choices": [value]},
        }
        for name, value in fields.items()
    ]


def record(address: str, token: str) -> None:
    first, second = Client(address, token), Client(address)
    second.sign_up("binh@example.org")
    blank = Blank(tuple(TASKS.values()), guideline_version=2)
    tasks = StringIO()
    write_tasks(ITEMS, blank, tasks)
    # Several annotators a task: the API takes them whatever the overlap says.
    body = {"title": "stance", "label_config": interface(blank), "maximum_annotations": 2}
    project = json.loads(first.call("POST", "/api/projects/", body))["id"]
    first.call("POST", f"/api/projects/{project}/import", json.loads(tasks.getvalue()))
    found = json.loads(first.call("GET", f"/api/tasks?project={project}&page_size=100"))
    ids = {task["data"]["sentence_id"]: task["id"] for task in (found["tasks"] if isinstance(found, dict) else found)}
    for sentence_id, by_annotator in LABELS.items():
        for annotator, fields in by_annotator.items():
            client = first if annotator == "an" else second
            body = {"result": result(fields or {}), "was_cancelled": fields is None}
            client.call("POST", f"/api/tasks/{ids[sentence_id]}/annotations/", body)
    takes_decisions(first)
    users = json.loads(first.call("GET", "/api/users/"))
    OUT.mkdir(exist_ok=True)
    write("users.json", json.dumps(users, ensure_ascii=False, indent=1) + "\n")
    write("tasks.json", tasks.getvalue())
    write("interface.xml", interface(blank))
    for kind, name in (("JSON", "export.json"), ("JSON_MIN", "export-min.json"), ("CSV", "export.csv")):
        query = f"exportType={kind}&download_all_tasks=true"
        write(name, first.call("GET", f"/api/projects/{project}/export?{query}"))


def takes_decisions(client: Client) -> None:
    """Label Studio takes the interface of disputed sentences with every optional column, and tasks for it."""
    blank = Blank(tuple(TASKS.values()), guideline_version=2, decides=True, free=FREE)
    tasks = StringIO()
    write_tasks([replace(item, readings="an: dialogue\nbinh: neutral") for item in ITEMS], blank, tasks)
    body = {"title": "decide", "label_config": interface(blank)}
    project = json.loads(client.call("POST", "/api/projects/", body))["id"]
    taken = json.loads(client.call("POST", f"/api/projects/{project}/import", json.loads(tasks.getvalue())))
    assert taken["task_count"] == len(ITEMS), taken


def write(name: str, text: str) -> None:
    (OUT / name).write_text(text, encoding="utf-8", newline="")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = Path(os.environ["LABEL_STUDIO"]) if "LABEL_STUDIO" in os.environ else install(folder / "environment")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        token = secrets.token_hex(20)
        server = start(program, folder, port, token)
        try:
            wait(f"http://127.0.0.1:{port}", server, folder / "log")
            record(f"http://127.0.0.1:{port}", token)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
