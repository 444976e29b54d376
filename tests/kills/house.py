"""A database and a stand-in of their own, which may be killed and started again."""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from config.local.postgres import Cluster, start
from tests.sandbox.process import Sandbox, start_sandbox
from tests.serving import free_port


@dataclass
class House:
    """What a journey stands on. The database keeps every commit, as in production."""

    folder: Path
    cluster: Cluster = field(init=False)
    stand_in: Sandbox = field(init=False)
    port: int = field(default_factory=free_port)

    def open(self) -> None:
        """Start what does not run."""
        self.folder.mkdir(exist_ok=True)
        self.start_database()
        self.start_stand_in()

    def start_database(self) -> None:
        """Start the database, also after a kill: it recovers by itself."""
        self.cluster = start("demo", checkout=self.folder)

    def start_stand_in(self) -> None:
        """Start Stripe's stand-in with what it had written down."""
        self.stand_in = start_sandbox(self.folder, port=self.port)

    def kill_database(self) -> None:
        """Kill the server and all its processes at once, as a crash does."""
        self.mark("database")
        server = psutil.Process(self.cluster.process.pid)
        for process in [server, *server.children(recursive=True)]:
            process.send_signal(signal.SIGKILL)

    def kill_stand_in(self) -> None:
        """Kill Stripe's stand-in."""
        self.mark("stripe")
        os.kill(self.stand_in.process.pid, signal.SIGKILL)

    def mark(self, name: str) -> None:
        """Whoever kills tells whoever mends, who is in another process."""
        (self.folder / name).touch()

    def take_mark(self, name: str) -> bool:
        """Whether it was made since it was last taken."""
        mark = self.folder / name
        was_made = mark.exists()
        mark.unlink(missing_ok=True)
        return was_made

    def mend(self) -> None:
        """Start again what was killed, once it is quite dead."""
        if self.take_mark("database"):
            self.cluster.process.wait()
            self.cluster.stop()
            self.start_database()
        if self.take_mark("stripe"):
            self.stand_in.kill()
            self.start_stand_in()

    def close(self) -> None:
        """Stop everything."""
        self.stand_in.stop()
        self.cluster.stop()
