"""Programs to which memory is refused, once or from some moment on (FAULTS S3): tests/out_of_memory, test_out_of_memory.py.

Each run has something new to read, and leaves the same log to the next; whatever it came to, the log is whole, and a run to
which nothing is refused delivers everything that ever was there, once."""
import json
import shutil
import subprocess
from collections import Counter

from daemon import BUILD, ESCUCHAD, READER, feed, item

SHIM = BUILD / "tests/tools/libfail_malloc.so"
WORD, ENOUGH_S = "event=memory.out", 4


class Starving:
    def __init__(self, house, redis):
        self.house, self.redis, self.n, self.outcomes = house, redis, 0, Counter()
        self.told = house.folder / "told"
        (house.folder / "in").mkdir()
        house.configure([{"name": "in", "platform": "file", "path": "in/*.xml", "every": "1h"}], queue={"redis": redis.url()})

    def publish(self):
        self.n += 1
        (self.house.folder / f"in/{self.n % 50}.xml").write_bytes(
            feed(*(item(f"http://a.example/{i}", f"Acme, nota {i}", "un fraude") for i in range(max(0, self.n - 20), self.n))))

    def starved(self, at, program=ESCUCHAD, how="--once"):
        """Whether memory was refused at all: it is not where at (N, or N+) was never reached."""
        self.publish()
        self.told.unlink(missing_ok=True)
        env, main = {"LD_PRELOAD": str(SHIM), "FAIL_MALLOC_AT": str(at)}, ESCUCHAD
        if program == READER:  # which may write no file
            main, env = self.with_reader(env), {}
        else:
            env["FAIL_MALLOC_TOLD"] = str(self.told)
        process = self.house.begin(main, "-c", self.house.config, how, env=env)
        try:
            self.judge(self.house.end(process, ENOUGH_S if program == READER else 60), at, program)
        except subprocess.TimeoutExpired:  # a reader that dies before it is up is forked again and again, ever slower
            assert program == READER and "event=reader.died" in process.paths[1].read_text(), at
            process.kill()
            process.wait()
            self.outcomes[f"{program.name} is tried again and again"] += 1
        return self.told.exists()

    def with_reader(self, env):
        """escuchad as it is, beside readers that starve: it hands them no environment."""
        folder = self.house.folder / "starving"
        if not folder.exists():
            folder.mkdir()
            shutil.copy(ESCUCHAD, folder)
        settings = " ".join(f"{k}='{v}'" for k, v in env.items())
        (folder / READER.name).write_text(f"#!/bin/sh\nexec env {settings} '{READER}' \"$@\"\n")
        (folder / READER.name).chmod(0o755)
        return folder / ESCUCHAD.name

    def judge(self, done, at, program):
        """Done; a failure that was told; or, of the program itself, an abort with a word. Never a crash, never silence."""
        said = done.out + done.err
        aborted = program == ESCUCHAD and done.code == -6 and WORD in done.err
        refused = done.code in (1, 70, 71, 75, 78) and said.strip()
        assert done.code == 0 or aborted or refused, (program.name, at, done)
        assert self.house.sql("PRAGMA integrity_check") in ([("ok",)], []), (program.name, at)
        self.outcomes[f"{program.name} {'aborts with a word' if aborted else f'ends with {done.code}'}"] += 1

    def delivered(self):
        """A clean run: everything that was in the files is in the stream, once."""
        self.publish()
        self.house.once()
        guids = Counter(json.loads(fields["mention"])["guid"] for _, fields in self.redis.entries())
        shown = {f"http://a.example/{i}" for i in range(self.n)}
        assert set(guids) == shown and max(guids.values()) == 1, (sorted(shown - set(guids)), guids.most_common(3))
        assert self.house.sql("PRAGMA integrity_check") == [("ok",)]
