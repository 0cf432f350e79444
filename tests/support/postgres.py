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

from newsetl.runtime.data_folder import Lake

USER, PASSWORD = "newsetl", "correct horse"
RUNNING = "NEWSETL_TEST_POSTGRES"
MISSING = "PostgreSQL is not installed (apt-get install postgresql)"


def programs() -> Path | None:
    """Return the directory of the newest server's programs on Debian, or those on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    return Path(there).resolve().parent if (there := shutil.which("initdb")) else None


class Postgres:
    """A server with a folder of its own, which nobody need be root for; a password is asked for over TCP."""

    def __init__(self, folder: Path, port: int) -> None:
        bin_folder = programs()
        assert bin_folder is not None, MISSING
        self.bin, self.folder, self.port = bin_folder, folder, port

    @classmethod
    def made(cls) -> Postgres:
        """Start a new server and wait until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            server = cls(Path(tempfile.mkdtemp(prefix="newsetl-postgres-")), free.getsockname()[1])
        secret = server.folder / "secret"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            owner = pwd.getpwnam("postgres")
            for path in (server.folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        place = ("-D", server.folder / "data")
        server._run("initdb", *place, "-U", USER, "-A", "scram-sha-256", "--pwfile", secret, "-N")
        server.start()
        return server

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run(
            "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-o", options, "-w", "start"
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop the server and close its connections."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "stop")

    def remove(self) -> None:
        """Nothing is left of it."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, statement: str, database: str = "postgres") -> str:
        """Return the output of psql."""
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

    def catalog(self, database: str, password: str = PASSWORD) -> str:
        """Return the environment variables for libpq."""
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
    """Return the server of this process and of its child processes."""
    if found := os.environ.get(RUNNING):
        folder, port = found.rsplit(":", 1)
        return Postgres(Path(folder), int(port))
    made = Postgres.made()
    os.environ[RUNNING] = f"{made.folder}:{made.port}"
    atexit.register(made.remove)
    return made


def database(name: str) -> Lake:
    """Return the lake of that name, or a database for a new one."""
    if not server().query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        server().query(f"CREATE DATABASE {name}")
    return Lake(server().catalog(name), str(server().folder / f"{name}.files"))


def lake(path: Path) -> Lake:
    """Return the lake that replaces the file: at first an empty warehouse, copied from a template."""
    name = f"lake_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    files = path.with_name(f"{path.name}.files")
    place = Lake(server().catalog(name), str(files))
    if not server().query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        empty = _empty()
        assert empty.files is not None
        shutil.copytree(empty.files, files)
        server().query(f"CREATE DATABASE {name} TEMPLATE empty")
        server().query(f"UPDATE ducklake_metadata SET value = '{files}/' WHERE key = 'data_path'", name)
    return place


@cache
def _empty() -> Lake:
    from newsetl.db.writer import Warehouse

    place = database("empty")
    Warehouse(place).close()
    # A database that is copied may have no connection, and DuckDB closes one a little later.
    server().query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'empty'")
    return place
