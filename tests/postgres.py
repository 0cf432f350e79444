"""A PostgreSQL server of the tests' own, on the loopback, and lakes whose catalogs it has."""

from __future__ import annotations

import atexit
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from newsetl.folder import Lake

USER = "newsetl"
MISSING = "PostgreSQL is not installed (apt-get install postgresql)"


def programs() -> Path | None:
    """Where Debian keeps the newest server's programs, or those on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    return Path(there).resolve().parent if (there := shutil.which("initdb")) else None


class Postgres:
    """A server with a folder of its own, which nobody need be root for; a password is asked for over TCP."""

    def __init__(self) -> None:
        bin_folder = programs()
        assert bin_folder is not None, MISSING
        self.bin = bin_folder
        self.folder = Path(tempfile.mkdtemp(prefix="newsetl-postgres-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = self.folder / "secret"
        secret.write_text("correct horse")
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            owner = pwd.getpwnam("postgres")
            for path in (self.folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb", "-D", self.folder / "data", "-U", USER, "-A", "scram-sha-256", "--pwfile", secret, "-N"
        )
        self.start()

    def start(self) -> None:
        """The server answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run(
            "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-o", options, "-w", "start"
        )

    def stop(self, mode: str = "fast") -> None:
        """The server is gone; whoever was connected is not any more."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "stop")

    def remove(self) -> None:
        """Nothing is left of it."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, statement: str, database: str = "postgres") -> str:
        """What psql prints."""
        return subprocess.run(
            [
                self.bin / "psql",
                "-qtAX",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                self.catalog(database),
                "-c",
                statement,
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def catalog(self, database: str, password: str = "correct horse") -> str:
        """What libpq is told."""
        return f"host=127.0.0.1 port={self.port} user={USER} password='{password}' dbname={database}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.bin / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # A server keeps the pipes that it is given.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, check=False, stdout=said, stderr=said, cwd="/")
            said.seek(0)
            assert done.returncode == 0, said.read().decode()


@cache
def server() -> Postgres:
    """The one server of this process."""
    made = Postgres()
    atexit.register(made.remove)
    return made


@cache
def lake(path: Path) -> Lake:
    """An empty database, and a folder beside `path` for the files: the same lake for the same path."""
    name = f"lake_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    server().query(f"CREATE DATABASE {name}")
    return Lake(server().catalog(name), str(path.with_name(f"{path.name}.files")))
