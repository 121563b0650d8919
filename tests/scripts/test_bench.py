from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.bench import Figure, Outcome, main, names, run

ROOT = Path(__file__).resolve().parents[2]
Plant = Callable[[str, str], Path]

HEAD = f"import sys; sys.path.insert(0, {str(ROOT / 'benchmarks')!r})\n"


def _script(value: float, bound: str = "at most") -> str:
    return HEAD + (
        "from _measure import Measure, report\n"
        f"report([Measure('b', 'a case', {value}, 's', 2.0, {bound!r}, 3, 'a peer (6 s)')])\n"
    )


def test_a_benchmark_within_its_limit_reports_its_figure(plant: Plant) -> None:
    outcome = run("b", plant("b.py", _script(1.0)))
    figure = Figure("b", "a case", 1.0, "s", 2.0, "at most", 3, "a peer (6 s)", 0.5, True)
    assert outcome == Outcome("b", (figure,), None)


@pytest.mark.parametrize(("value", "bound"), [(2.1, "at most"), (1.9, "at least")])
def test_a_broken_limit_is_a_failure_that_keeps_the_figure(
    plant: Plant, value: float, bound: str
) -> None:
    outcome = run("b", plant("b.py", _script(value, bound)))
    assert outcome.failure == "the limit does not hold: a case"
    assert outcome.figures[0].ratio > 1


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("print('fast')", "its output does not follow the protocol"),
        ("print('{}')", "its output does not follow the protocol"),
        ("", "it reported no figure"),
        ("raise SystemExit(3)", "it ended with exit code 3"),
    ],
)
def test_a_benchmark_that_says_nothing_usable_is_a_failure(
    plant: Plant, text: str, failure: str
) -> None:
    outcome = run("b", plant("b.py", text))
    assert outcome.figures == ()
    assert outcome.failure is not None
    assert outcome.failure.startswith(failure)


def test_files_with_an_underscore_are_no_benchmarks(plant: Plant) -> None:
    plant("_measure.py", "")
    assert names(plant("x.py", "")) == ["x"]


@pytest.mark.parametrize(
    ("value", "code", "said"), [(1.0, 0, "every limit holds"), (3.0, 1, "b: the limit")]
)
def test_the_runner_ends_as_its_benchmarks_do(
    plant: Plant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: float,
    code: int,
    said: str,
) -> None:
    folder = plant("b.py", _script(value))
    monkeypatch.setattr("scripts.bench.run", lambda name: run(name, folder))
    monkeypatch.setattr(sys, "argv", ["bench", "b"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    assert said in capsys.readouterr().out


def test_a_sentence_and_a_line_tell_the_same(plant: Plant) -> None:
    folder = plant("b.py", _script(1.0))
    texts = [
        subprocess.run(
            [sys.executable, "b.py", *flags], cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        for flags in ([], ["--json"])
    ]
    assert texts[0] == (
        "b: a case: 1 s (median of 3); limit at most 2 s, a peer (6 s); ratio 0.50: holds\n"
    )
    assert json.loads(texts[1])["ratio"] == 0.5
