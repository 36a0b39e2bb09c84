"""Two Redis servers, one a replica of the other, and Sentinels that watch them and choose another master.

    with Sentinels(tmp_path) as watched:
        watched.url(), watched.master(), watched.replica()
        watched.cut()                  # the replica gets no more of what the master takes
        watched.crash()                # the master, by kill -9; returns once the other one is master
        watched.mend()                 # what crashed is its replica, and has caught up
"""
import contextlib
import subprocess
import time

from peers.redis import RedisError, RedisPeer, free_port

NAME = "maestro"


class Sentinel:
    def __init__(self, folder, port_of_master, quorum, down_ms):
        folder.mkdir(parents=True)
        self.folder, self.port = folder, free_port()
        (folder / "conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\nunixsocket {folder}/s\nlogfile {folder}/log\n"
            f"sentinel monitor {NAME} 127.0.0.1 {port_of_master} {quorum}\n"
            f"sentinel down-after-milliseconds {NAME} {down_ms}\nsentinel failover-timeout {NAME} 2000\n")
        self.process = subprocess.Popen(["redis-server", folder / "conf", "--sentinel"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    __call__ = RedisPeer.__call__

    @property
    def sock(self):
        return str(self.folder / "s")

    def fields(self, *words):
        return [dict(zip(found[::2], found[1::2])) for found in self(*words)]

    def log(self):
        return (self.folder / "log").read_text(errors="replace")


class Sentinels:
    def __init__(self, folder, n=3, down_ms=700):
        self.servers = [RedisPeer(folder / f"r{i}") for i in range(2)]
        self.now, self.name = 0, NAME
        self.replica()("REPLICAOF", "127.0.0.1", self.master().port)
        self.sentinels = [Sentinel(folder / f"s{i}", self.master().port, n // 2 + 1, down_ms) for i in range(n)]
        for sentinel in self.sentinels:  # they look, and tell one another, more often than they would
            self.wait(lambda: sentinel("SENTINEL", "DEBUG", "info-period", 500, "publish-period", 500) == "OK", "a Sentinel")
        self.settled()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for sentinel in self.sentinels:
            sentinel.process.kill()
            sentinel.process.wait(20)
        for server in self.servers:
            if server.process:
                server.kill()

    def url(self, *first, database=0):
        hosts = [*first, *(f"127.0.0.1:{s.port}" for s in self.sentinels)]
        return f"redis-sentinel://{','.join(hosts)}/{NAME}/{database}"

    def master(self):
        return self.servers[self.now]

    def replica(self):
        return self.servers[1 - self.now]

    @staticmethod
    def wait(condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError, RedisError, EOFError):
                if condition():
                    return
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
            time.sleep(0.05)

    def known(self, sentinel):
        """It knows the master, its replica and the other Sentinels, and all are well."""
        master = dict(zip(*[iter(sentinel("SENTINEL", "MASTER", NAME))] * 2))
        replicas = sentinel.fields("SENTINEL", "REPLICAS", NAME)
        return (master["port"] == str(self.master().port) and master["flags"] == "master"
                and int(master["num-other-sentinels"]) == len(self.sentinels) - 1
                and [r["flags"] for r in replicas] == ["slave"] and replicas[0]["master-link-status"] == "ok")

    def settled(self):
        self.wait(lambda: "master_link_status:up" in self.replica()("INFO", "replication"), "the replica to be in step")
        for sentinel in self.sentinels:
            self.wait(lambda: self.known(sentinel), "a Sentinel to know them all")

    def cut(self):
        """Its link is refused from now on; what was on its way has come."""
        self.master()("WAIT", 1, 5000)
        self.master()("ACL", "SETUSER", "default", "-psync", "-sync")
        self.master()("CLIENT", "KILL", "TYPE", "replica")
        self.wait(lambda: "master_link_status:down" in self.replica()("INFO", "replication"), "the replica to be cut off")

    def turned(self):
        self.now = 1 - self.now
        self.wait(lambda: self.master()("ROLE")[0] == "master", "the replica to be made master")

    def crash(self):
        self.master().kill()
        self.turned()

    def isolate(self):
        """The master stays up, for those that know no better, while another is chosen."""
        self.sentinels[0]("SENTINEL", "FAILOVER", NAME)
        self.turned()

    def mend(self):
        server = self.replica()
        if not server.process:
            server.settings["replicaof"] = f"127.0.0.1 {self.master().port}"
            server.start()
            del server.settings["replicaof"]
        server("ACL", "SETUSER", "default", "+psync", "+sync")
        self.settled()

    def log(self):
        return "\n".join(peer.log() for peer in [*self.servers, *self.sentinels])
