"""escuchactl detect: on histories made here, and on recorded ones where they are."""
import datetime
import json
import os
import subprocess
from pathlib import Path

import pytest
from daemon import CTL

RECORDED = Path(__file__).resolve().parents[3] / "shared/data/nab-open"
WEEK = 2016  # bins of five minutes


def detect(*words, **kwargs):
    return subprocess.run([CTL, "detect", *map(str, words)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "LANG": "en_US.UTF-8"}, **kwargs)


def history(counts, start="2026-01-01T00:00:00", step=300):
    at = datetime.datetime.fromisoformat(start)
    return "timestamp,count\n" + "".join(
        f"{at + datetime.timedelta(seconds=step * i)},{count}\n" for i, count in enumerate(counts))


def alarms(output):
    rows = [line.split(",") for line in output.splitlines()]
    assert rows[0] == ["timestamp", "count", "surprise", "alert"]
    return [row[0] for row in rows[1:] if row[3] == "1"]


def test_a_burst_is_told_in_its_first_quarter_of_an_hour(tmp_path):
    counts = [4 + i % 3 for i in range(2 * WEEK)] + [60] * 6 + [4 + i % 3 for i in range(500)]
    file = tmp_path / "history.csv"
    file.write_text(history(counts))
    got = detect(file)
    assert got.returncode == 0 and got.stderr == ""
    assert len(got.stdout.splitlines()) == len(counts) + 1
    told = alarms(got.stdout)
    first = datetime.datetime(2026, 1, 15)
    assert 1 <= len(told) <= 2
    assert first <= datetime.datetime.fromisoformat(told[0]) < first + datetime.timedelta(minutes=15)
    assert detect("-", input=file.read_text()).stdout == got.stdout
    rows = [json.loads(line) for line in detect("--json", file).stdout.splitlines()]
    assert [row["timestamp"] for row in rows if row["alert"]] == told
    assert rows[-1]["early"] is False and rows[5]["early"] is True


def test_sensitivities_are_ordered(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text(history([(i * 7919) % 11 * (1 if i % 400 else 9) for i in range(3 * WEEK)]))
    few, usual, many = (len(alarms(detect(file, "--sensitivity", s).stdout)) for s in ("low", "normal", "high"))
    assert few <= usual <= many
    wrong = detect(file, "--sensitivity", "loud")
    assert wrong.returncode == 2 and "high, normal or low" in wrong.stderr


def test_what_is_wrong_says_where(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text("timestamp,count\n2026-01-01 00:00:00,5\nyesterday,6\n")
    got = detect(file)
    assert got.returncode == 1 and got.stdout == ""
    assert f"{file}:3:1: error: expected a time" in got.stderr
    assert detect(tmp_path / "none.csv").returncode == 1


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded series beside the checkout")
def test_recorded_series_with_labelled_windows():
    """The goal: at least 14 of 15 windows, at most 0.5 false alarms a series and week, at the default."""
    windows = json.loads((RECORDED / "windows.json").read_text())
    found = false = total = 0
    weeks = 0.0
    for name, spans in windows.items():
        got = detect(RECORDED / name)
        assert got.returncode == 0
        told = [datetime.datetime.fromisoformat(at) for at in alarms(got.stdout)]
        spans = [tuple(map(datetime.datetime.fromisoformat, span)) for span in spans]
        inside = {at for at in told for first, last in spans if first <= at <= last}
        found += sum(any(first <= at <= last for at in told) for first, last in spans)
        total += len(spans)
        false += len(told) - len(inside)
        weeks += (len(got.stdout.splitlines()) - 1) / WEEK
    print(f"windows {found} of {total}, false alarms {false / weeks:.2f} a series and week")
    assert found >= total - 1 and false / weeks <= 0.5
