"""Builds, runs every test, counts. Called by tests/run, which has installed what is needed."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LINES = "-Dc_args=-g1"  # what a stack's lines need, without the types and variables that a debugger would show
BUILDS = {
    "plain": ["--buildtype=debugoptimized", LINES],
    "sanitized": ["-Ddebug=true", "-Doptimization=1", "-Db_sanitize=address,undefined", LINES],  # -O1: built in two thirds of the time
}
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_stack_use_after_return=1:allocator_may_return_null=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}
passed = failed = skipped = 0


def say(text):
    print(text, flush=True)


def read(path):
    """How many cases of a JUnit file passed, failed and were skipped, and the names of the programs that failed."""
    good, bad, left, programs = 0, 0, 0, set()
    if not path.exists():
        return 0, 1, 0, programs  # a run that died without a word
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                bad += 1
                programs.add((suite.get("name").split(".")[-1] if "." in suite.get("name") else case.get("name")).split(" / ")[-1])
            elif case.find("skipped") is not None:
                left += 1
            else:
                good += 1
    return good, bad, left, programs


def twice(name, report, run):
    """Runs tests; what fails runs once more, alone, since these machines are noisy. It is told all the same."""
    global passed, failed, skipped
    report.unlink(missing_ok=True)
    result = run(None)
    good, bad, left, programs = read(report)
    if result.returncode != 0 and not bad:  # a program that died without a case of its own to blame
        bad = 1
    first = bad
    if first:
        say(f"{name}: {first} failed, and run once more:")
        say(result.stdout[-16000:])
        report.unlink(missing_ok=True)
        result = run(programs)
        bad = read(report)[1]  # no report, since nothing was found to run again, is no pass
        bad = bad or result.returncode != 0
    passed += good + first - bad
    failed += bad
    skipped += left
    if bad:
        say(result.stdout[-20000:])
    say(f"{'FAILED' if bad else 'UNSTEADY' if first else 'ok'}: {name}")
    return not bad


def one(name, command, **kwargs):
    """A check that passes or fails as a whole."""
    global passed, failed
    started = time.monotonic()
    result = subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, errors="replace", **kwargs)
    ok = result.returncode == 0
    passed += ok
    failed += not ok
    say(f"{'ok' if ok else 'FAILED'}: {name} ({time.monotonic() - started:.0f} s)")
    if not ok:
        say(result.stdout[-8000:])
    return ok


def build(name, options):
    folder = TOP / f"build-{name}"
    setup = ["meson", "setup", *options, str(folder)]
    if (folder / "build.ninja").exists():
        setup = ["meson", "setup", "--reconfigure", *options, str(folder)]
    quick = dict(os.environ, CC_LD="gold") if shutil.which("ld.gold") else None  # two hundred programs in a third of the time
    return one(f"{name}: configure", setup, env=quick) and one(f"{name}: build", ["ninja", "-C", str(folder)]), folder


def call(command, env):
    return subprocess.run(command, cwd=TOP, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")


def meson_tests(name, folder):
    command = ["meson", "test", "-C", str(folder), "--no-rebuild", "--print-errorlogs"]

    def run(only):
        return call(command + (["--num-processes", "1", *sorted(only)] if only else []), dict(os.environ, **SANITIZERS))

    twice(f"{name}: unit and fuzz-corpus tests", folder / "meson-logs/testlog.junit.xml", run)


def pytest(name, folder):
    report = folder / "pytest.xml"
    env = dict(os.environ, ESCUCHAD_BUILD=str(folder), PYTHONDONTWRITEBYTECODE="1", **SANITIZERS)
    scratch = tempfile.mkdtemp(prefix="e")  # short: a socket's path has room for 107 bytes
    command = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={scratch}/cache", f"--basetemp={scratch}/t",
               f"--junitxml={report}", "tests/it"]

    def run(only):
        return call(command + (["-n", "6"] if only is None else ["--last-failed"]), env)

    if twice(f"{name}: integration tests", report, run):
        shutil.rmtree(scratch, ignore_errors=True)


def main():
    builds = {k: v for k, v in BUILDS.items() if len(sys.argv) < 2 or k in sys.argv[1:]}
    for script in ("conf/packages", "conf/quickstart", "tests/run", "tests/fuzz/run", "systemd/build-deb"):
        one(f"{script} is a shell script", ["sh", "-n", script])
    for name, options in builds.items():
        ok, folder = build(name, options)
        if not ok:
            continue
        if name == "plain":
            one("every promised fault has a test that names it", ["tests/rows"])
            one("layers, and what each program links", ["tests/layers", str(folder)])
        meson_tests(name, folder)
        pytest(name, folder)
    say(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


sys.exit(main())
