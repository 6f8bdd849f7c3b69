from __future__ import annotations

import pytest

from detente.cli import main, say
from detente.passwords import without_passwords


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("postgresql://an:secret@db:5432/mlflow", "postgresql://an:***@db:5432/mlflow"),
        ("https://an:s:e@c@host/x", "https://an:***@host/x"),
        ("https://an:se/cr?et@host/x", "https://an:***@host/x"),
        ("mysql+pymysql://:secret@host/x", "mysql+pymysql://:***@host/x"),
        ("two: a://b:secret@c and d://e:other@f", "two: a://b:***@c and d://e:***@f"),
        ("postgresql://db/mlflow?user=an&password=secret&x=1", "postgresql://db/mlflow?user=an&password=***&x=1"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("sqlite:////tmp/a@b.db", "sqlite:////tmp/a@b.db"),
        ("file:///a:b/c@d", "file:///a:b/c@d"),
        ("Máy bay: 5:3, thư về a@b.vn", "Máy bay: 5:3, thư về a@b.vn"),
    ],
)
def test_a_password_is_not_shown(uri: str, shown: str) -> None:
    assert without_passwords(uri) == shown


@pytest.mark.parametrize("piece", ["y", "a://b:", "?a", "&token", "://", "a+", "x://y:z@"])
def test_a_long_message_is_masked_in_time(piece: str) -> None:
    # A pattern that took the square of the length would not come back from this within the suite's time.
    assert without_passwords(piece * 50_000).startswith(piece[0])


def test_the_password_in_use_is_masked_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://an:s%40cret-word@db/mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "token-of-mine")
    text = 'FATAL: password "s@cret-word" (s%40cret-word) refused, Bearer token-of-mine'
    assert without_passwords(text) == 'FATAL: password "***" (***) refused, Bearer ***'
    assert without_passwords("mật khẩu: hunter2222", "http://an:hunter2222@db") == "mật khẩu: ***"


def test_a_part_that_a_library_takes_for_a_host_is_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://an:pass@over:there@127.0.0.1:1/mlflow")
    assert without_passwords("invalid literal for int(): 'there@127.0.0.1:1'") == "invalid literal for int(): '***@127.0.0.1:1'"


def test_the_commands_show_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://an:verysecret@127.0.0.1:1/mlflow")
    assert main(["explain", "models:/stance@best", "Nga điều quân."]) == 1
    say("to postgresql://an:verysecret@127.0.0.1:1/mlflow")
    shown = capsys.readouterr()
    assert "verysecret" not in shown.out + shown.err
    assert shown.err.endswith("to postgresql://an:***@127.0.0.1:1/mlflow\n")
