#!/usr/bin/python3
"""What an idle escuchad takes, and whether it grows: ten feeds each five minutes, through 24 hours that libfaketime makes short.

    tests/bench/bench_memory.py [SPEED]      (240: a day in six minutes; ESCUCHAD_BUILD: the build folder)

Prints resident memory of escuchad and of its readers after the first hour and after the last, each the most of its hour, and
the growth between them. Exit status 1 above 25 MB each or 2 % (goals)."""
import os
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/it"))
from daemon import House, resident_kb, until  # noqa: E402
from test_scale import Farm, cpu_s  # noqa: E402

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
FEEDS, HOURS, SAMPLES, MOST_KB, GROWTH = 10, 24, 20, 25_000, 0.02


def measure(house, speed, farm):
    house.configure([house.source(f"f{i}", farm.url(i), every="5m", slowest="5m") for i in range(FEEDS)])
    house.start(env={"LD_PRELOAD": FAKETIME, "FAKETIME": f"+0 x{speed}"})
    began = time.monotonic()
    until(lambda: len(house.readers()) == 2, "two readers")
    hours = []
    for _ in range(HOURS):
        most = [0, 0]
        for sample in range(SAMPLES):
            time.sleep(max(0, began + (len(hours) * SAMPLES + sample + 1) * 3600 / SAMPLES / speed - time.monotonic()))
            most = [max(most[0], resident_kb(house.pid, "VmRSS")), max([most[1], *(resident_kb(p, "VmRSS") for p in house.readers())])]
        hours.append(most)
        print(f"hour={len(hours)} main_kb={most[0]} reader_kb={most[1]}", flush=True)
    cpu = cpu_s(house.pid)
    house.stop()
    return hours, cpu


def main():
    speed = int(sys.argv[1]) if len(sys.argv) > 1 else 240
    if not Path(FAKETIME).exists():
        print("bench_memory: libfaketime is not installed", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="e") as folder:
        house, farm = House(Path(folder)), Farm(Path(folder))
        try:
            hours, cpu = measure(house, speed, farm)
            polls = sum(1 for _ in farm.asked())
        finally:
            house.close()
            farm.close()
    (first_main, first_reader), (last_main, last_reader) = hours[0], hours[-1]
    growth = max(last_main / first_main, last_reader / first_reader) - 1
    print(f"feeds={FEEDS} hours={HOURS} polls={polls} main_kb={last_main} reader_kb={last_reader} "
          f"main_growth={last_main / first_main - 1:.4f} reader_growth={last_reader / first_reader - 1:.4f} cpu_s={cpu:.1f}")
    return 0 if max(last_main, last_reader) <= MOST_KB and growth < GROWTH and polls > HOURS * 12 * FEEDS * 0.8 else 1


sys.exit(main())
