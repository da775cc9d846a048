"""Apache Cassandra 5.0, one node: its jars from Maven, on Debian's Java 17."""

import shutil
import signal
import socket
import struct
from pathlib import Path
from typing import ClassVar

from config.embedded import files, ports
from tests.servers import cache, debian
from tests.servers.base import OwnServer, own_account
from tests.servers.commands import run
from tests.servers.errors import Missing
from tests.servers.progress import step

VERSION = "5.0.9"
JARS = f"cassandra-{VERSION}"
JVMS = Path("/usr/lib/jvm")
HERE = Path(__file__).parent
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
# The port between nodes, which a node alone listens on as well, is searched from here on.
STORAGE_OFFSET = 1000

# Written in batches, what was acknowledged is there after a kill; periodically, the last 100 ms
# are not. Timeouts as on a machine with other work: a slow answer must not fail a test.
SETTINGS = """\
cluster_name: lectern
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
num_tokens: 4
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "{host}:{storage_port}"}}]
listen_address: {host}
rpc_address: {host}
storage_port: {storage_port}
native_transport_port: {port}
commitlog_sync: batch
auto_snapshot: false
memtable_heap_space: 64MiB
concurrent_compactors: 1
read_request_timeout: 30s
range_request_timeout: 60s
write_request_timeout: 30s
counter_write_request_timeout: 30s
truncate_request_timeout: 60s
native_transport_timeout: 60s
"""
LOGGING = """\
<configuration scan="false">
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %d{HH:mm:ss} %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
"""

# An OPTIONS frame of protocol 4, and the SUPPORTED that a node answers once it serves.
OPTIONS, SUPPORTED = struct.pack(">BBhBi", 4, 0, 0, 5, 0), 6
HEADER = 9  # bytes


class CassandraServer(OwnServer):
    """A node with its data, settings and log in `folder`."""

    name = "Cassandra"
    title = "cassandra"
    first_port = 18000
    binary_names: ClassVar[tuple[str, ...]] = ("java",)
    stop_steps = ((signal.SIGTERM, 20.0),)

    def __init__(self, folder: Path, *, lasting: bool = False) -> None:
        folder = folder.resolve()
        super().__init__(folder, folder / "server.log", own_account(lasting=lasting), durable=False)
        self.lasting = lasting

    @staticmethod
    def install() -> None:
        debian.ensure({"openjdk-17-jre-headless": _java17(), "maven": shutil.which("mvn")})
        cache.install(JARS, _fetch_jars)

    @property
    def url(self) -> str:
        """The address with the keyspace, which the stores make."""
        return f"cassandra://{ports.LOOPBACK}:{self.port}/analytics"

    @property
    def environ(self) -> dict[str, str]:
        return {"CASSANDRA_URL": self.url}

    def version(self) -> str:
        return VERSION

    def argv(self) -> list[str | Path]:
        java = _java17()
        if java is None:
            raise Missing("there is no Java 17: run 'make engines'")
        # Java has no option for its working folder, by which `working_in` finds it.
        return [
            *("env", f"--chdir={self.folder}", java, f"@{HERE / 'cassandra-jvm.options'}"),
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            f"-Djna.tmpdir={self.folder / 'tmp'}",
            f"-Dcassandra.config={(self.folder / 'cassandra.yaml').as_uri()}",
            f"-Dcassandra.storagedir={self.folder}",
            f"-Dcassandra.logdir={self.folder / 'logs'}",
            f"-Dlogback.configurationFile={(self.folder / 'logback.xml').as_uri()}",
            *("-cp", f"{cache.find(JARS)}/*", "org.apache.cassandra.service.CassandraDaemon"),
        ]

    def prepare(self) -> None:
        (self.folder / "tmp").mkdir(exist_ok=True)
        settings = SETTINGS.format(
            host=ports.LOOPBACK,
            port=self.port,
            storage_port=ports.free_port(self.port + STORAGE_OFFSET),
        )
        files.write_private(self.folder / "cassandra.yaml", settings)
        files.write_private(self.folder / "logback.xml", LOGGING)

    def answers(self) -> bool:
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), 1) as connection:
                connection.settimeout(5)
                connection.sendall(OPTIONS)
                reply = connection.recv(HEADER)
        except OSError:  # not listening yet
            return False
        return len(reply) == HEADER and reply[4] == SUPPORTED

    def finish(self) -> None:
        """Nothing: the stores make their keyspace."""


def _java17() -> Path | None:
    """Cassandra 5.0 runs on Java 17 and not on a later one, whatever `java` is."""
    return next(iter(sorted(JVMS.glob("java-17-*/bin/java"))), None)


def _fetch_jars(folder: Path, final: Path) -> None:
    maven = ["mvn", "--batch-mode", "--no-transfer-progress", "--quiet"]
    maven += ["--file", str(HERE / "cassandra-pom.xml"), COPY]
    maven += [f"-Dcassandra.version={VERSION}", "-DincludeScope=runtime"]
    with step(f"cassandra: jars of Cassandra {VERSION}", slow=True):
        run([*maven, f"-DoutputDirectory={folder}"])
