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
BUILDS = {
    "plain": ["--buildtype=debugoptimized"],
    "sanitized": ["--buildtype=debugoptimized", "-Db_sanitize=address,undefined"],
}
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_stack_use_after_return=1:allocator_may_return_null=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}
passed = failed = skipped = 0


def say(text):
    print(text, flush=True)


def count(path):
    """Adds up a JUnit file's cases; returns how many failed."""
    global passed, failed, skipped
    bad = 0
    root = ElementTree.parse(path).getroot()
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            bad += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    failed += bad
    return bad


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
    return one(f"{name}: configure", setup) and one(f"{name}: build", ["ninja", "-C", str(folder)]), folder


def meson_tests(name, folder):
    global failed
    report = folder / "meson-logs/testlog.junit.xml"
    report.unlink(missing_ok=True)
    env = dict(os.environ, **SANITIZERS)
    result = subprocess.run(["meson", "test", "-C", str(folder), "--no-rebuild", "--print-errorlogs"], env=env, cwd=TOP,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace")
    bad = count(report) if report.exists() else 0
    if result.returncode != 0 and not bad:  # a test program that died without a case of its own to blame
        failed += 1
        bad = 1
    say(f"{'FAILED' if bad else 'ok'}: {name}: unit and fuzz-corpus tests")
    if bad:
        say(result.stdout[-12000:])


def pytest(name, folder):
    global failed
    report = folder / "pytest.xml"
    report.unlink(missing_ok=True)
    env = dict(os.environ, ESCUCHAD_BUILD=str(folder), PYTHONDONTWRITEBYTECODE="1", **SANITIZERS)
    scratch = tempfile.mkdtemp(prefix="e")  # short: a socket's path has room for 107 bytes
    command = [sys.executable, "-m", "pytest", "-q", "-n", "3", "-p", "no:cacheprovider", f"--basetemp={scratch}/t",
               f"--junitxml={report}", "tests/it"]
    result = subprocess.run(command, cwd=TOP, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, errors="replace")
    bad = count(report) if report.exists() else 0
    if result.returncode != 0 and not bad:
        failed += 1
        bad = 1
    if not bad:
        shutil.rmtree(scratch, ignore_errors=True)
    say(f"{'FAILED' if bad else 'ok'}: {name}: integration tests")
    say(result.stdout[-20000:] if bad else result.stdout.strip().splitlines()[-1])


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
