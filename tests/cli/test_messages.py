from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from detente.cli import main
from detente.cli.messages import MAX_CHARACTERS, describe, fitted
from detente.errors import InputError, UsageError


def test_a_message_is_never_longer_than_a_screen() -> None:
    assert describe(InputError("a short one")) == "a short one"
    cut = describe(InputError(f"x: {'y' * 789_000} Do this."))
    assert len(cut) == 800
    assert (cut[:5], cut[-9:]) == ("x: yy", " Do this.")
    lines = describe(InputError("\n".join(f"row {n}" for n in range(1000)))).split("\n")
    assert (len(lines), lines[0], lines[30], lines[-1]) == (41, "row 0", "  … 960 lines more …", "row 999")
    assert len(describe(InputError("\n".join(["z" * 5000] * 100)))) < MAX_CHARACTERS + 100


def test_a_message_does_not_steer_the_terminal() -> None:
    assert fitted("a\x1b[2Jb\rc\td") == r"a\x1b[2Jb\x0dc" + "\td"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FileNotFoundError(2, "No such file or directory", "in.txt"), "in.txt: No such file or directory"),
        (RecursionError("x"), "what was given nests too deep to be read. DETENTE_TRACEBACK=1 shows where."),
        (
            MemoryError("9 TiB asked"),
            "there is not enough memory for this: 9 TiB asked. Give less at a time. DETENTE_TRACEBACK=1 shows where.",
        ),
        (
            KeyError("stance"),
            "a fault of detente: KeyError: 'stance'. DETENTE_TRACEBACK=1 shows where. Please report it.",
        ),
    ],
)
def test_what_nobody_foresaw_is_one_line(error: Exception, message: str) -> None:
    assert describe(error) == message


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes `detente demo` raise."""

    def fail_with(error: BaseException) -> None:
        def run(**named: object) -> None:
            raise error

        from detente.cli import demo

        monkeypatch.setattr(demo.command, "callback", run)

    return fail_with


def test_a_fault_has_exit_code_1_and_its_traceback_on_request(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(IndexError("list index out of range"))
    assert main(["demo"]) == 1
    told = (
        "error: a fault of detente: IndexError: list index out of range. DETENTE_TRACEBACK=1 shows where. Please report it.\n"
    )
    assert capsys.readouterr().err == told
    monkeypatch.setenv("DETENTE_TRACEBACK", "1")
    assert main(["demo"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):")
    assert shown.endswith(told)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no"), 2),
        (click.UsageError("no"), 2),
        (KeyboardInterrupt(), 130),
        (SystemExit(3), 3),
        (SystemExit("no"), 1),
        (BrokenPipeError(32, "Broken pipe", "stdout"), 141),
        (BrokenPipeError(32, "Broken pipe"), 1),
    ],
)
def test_exit_codes(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    failing(error)
    assert main(["demo"]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_wrong_value_of_a_wrong_call_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "M", "in.txt", "-o", "out.csv", "--limit", "9" * 5000]) == 2
    assert len(capsys.readouterr().err) < 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "M", "i.txt", "-o", "o.csv", "--limit", "-1"], "'--limit': -1 is not in the range 0<=x<=1000000000000."),
        (["predict", "M", "i.txt", "-o", "o.csv", "--limit", "9" * 20], f"'--limit': {'9' * 20} is not in the range"),
        (["predict", "M", "i.txt", "-o", "o.csv", "--threads", "-1"], "'--threads': -1 is not in the range 0<=x<=1024."),
        (["predict", "M", "i.txt", "-o", "o.csv", "--workers", "100000"], "100000 is not in the range 0<=x<=1024."),
        (["predict", "M", "i.txt", "-o", "o.csv", "--batch-size", "0"], "0 is not in the range 1<=x<=100000."),
        (["predict", "M", "i.txt", "-o", "o.csv", "--shard", "4/4"], "--shard 4/4: expected i/n with i from 0 to n-1"),
        (["predict", "M", "i.txt", "-o", "o.csv", "--shard", "-1/4"], "--shard -1/4: expected i/n with i from 0 to n-1"),
        (["predict", "M", "i.txt", "-o", "o.csv", "--shard", "0/" + "9" * 5000], "expected i/n with i from 0 to n-1"),
        (["label", "export", "pages", "-o", "o.csv", "--seed", "-1"], "'--seed': -1 is not in the range 0<=x<=4294967295."),
        (["label", "export", "pages", "-o", "o.csv", "--sample", "0"], "'--sample': 0 is not in the range 1<=x<=1000000000."),
        (["train", "seed=-1"], "seed: expected 0 to 4294967295, with repeats the last one too, got -1."),
        (["train", "seed=4294967295", "repeats=2"], "seed: expected 0 to 4294967295, with repeats the last one too"),
        (["build", "split.seed=-1"], "split.seed: expected 0 to 4294967295, got -1."),
    ],
)
def test_a_number_out_of_range_is_a_wrong_call(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert len(told) < MAX_CHARACTERS
    assert list(Path().iterdir()) == []


def test_hydra_says_nothing_of_its_own(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.cli import build

    def broken(options: object) -> None:
        raise KeyError("inner")

    monkeypatch.setattr(build, "run", broken)
    assert main(["build"]) == 1
    assert capsys.readouterr().err == (
        "error: a fault of detente: KeyError: 'inner'. DETENTE_TRACEBACK=1 shows where. Please report it.\n"
    )
    assert main(["build", "--resolve"]) == 2
    assert capsys.readouterr().err.startswith("error: The --resolve flag can only be used")
