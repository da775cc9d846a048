"""Cassandra, whose driver keeps connections to every node of the cluster.

Rows and statements of the driver are known here and in the engines' own files only.
"""

import socket
import ssl
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from cassandra import (
    AuthenticationFailed,
    ConsistencyLevel,
    DriverException,
    InvalidRequest,
    OperationTimedOut,
    RequestExecutionException,
    Unauthorized,
)
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    ResultSet,
    Session,
)
from cassandra.concurrent import execute_concurrent
from cassandra.connection import ConnectionException
from cassandra.policies import (
    ConstantReconnectionPolicy,
    DCAwareRoundRobinPolicy,
    FallthroughRetryPolicy,
    RetryPolicy,
    TokenAwarePolicy,
)
from cassandra.protocol import ErrorMessage, ProtocolException
from cassandra.query import UNSET_VALUE, BoundStatement, PreparedStatement, Statement, tuple_factory
from django.core.exceptions import ImproperlyConfigured

from config import limits
from config.connections.base import Connection, PoolState
from config.connections.urls import cassandra_address
from config.errors import DomainError, InvalidInput, StoreUnavailable, TooLarge

# How a statement is executed: what may be sent again, and counters, which would count twice.
REPEATABLE = EXEC_PROFILE_DEFAULT
COUNTERS = "counters"

PAGE = 5000  # rows that one answer of the server carries
_ANSWERS = (ErrorMessage, RequestExecutionException)  # an error that a node has sent


class CassandraConnection(Connection[Session]):
    """A session of this process with the cluster of CASSANDRA_URL.

    It belongs to no keyspace, since that may not be there yet: statements name `keyspace`.
    """

    engine = "cassandra"
    title = "Cassandra"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        try:
            self._address = cassandra_address(url)
        except ValueError as error:
            raise ImproperlyConfigured(f"CASSANDRA_URL is wrong: {error}") from None
        self.keyspace = self._address.keyspace
        self.datacenter = self._address.datacenter
        self._sessions: set[Session] = set()
        self._prepared: dict[str, PreparedStatement] = {}

    @property
    def address(self) -> str:
        return str(self._address)

    def _open(self) -> Session:
        cluster = Cluster(
            [(host, port) for host, port in self._address.hosts],
            protocol_version=self._address.protocol,
            auth_provider=self._credentials(),
            ssl_context=self._tls(),
            execution_profiles={
                REPEATABLE: self._profile(RetryPolicy()),
                COUNTERS: self._profile(FallthroughRetryPolicy()),
            },
            connect_timeout=limits.CASSANDRA_CONNECT_TIMEOUT,
            control_connection_timeout=limits.CASSANDRA_CONNECT_TIMEOUT,
            idle_heartbeat_interval=limits.CASSANDRA_HEARTBEAT,
            idle_heartbeat_timeout=limits.CASSANDRA_HEARTBEAT_TIMEOUT,
            # A node that is back is used after seconds, however long it was away.
            reconnection_policy=ConstantReconnectionPolicy(limits.RETRY_AFTER, max_attempts=None),
            # A batch leaves in several packets: with Nagle's algorithm each would wait 40 ms.
            sockopts=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        try:
            session = cluster.connect()
        except BaseException:
            cluster.shutdown()  # its threads would go on trying
            raise
        self._prepared = {}
        # A forked child keeps its parent's sessions too: dropped, they would close themselves,
        # with locks that nobody releases any more.
        self._sessions.add(session)
        return session

    def _shut(self, client: Session) -> None:
        self._sessions.discard(client)
        client.cluster.shutdown()

    def _credentials(self) -> PlainTextAuthProvider | None:
        if not self._address.username:
            return None
        return PlainTextAuthProvider(self._address.username, self._address.password)

    def _tls(self) -> ssl.SSLContext | None:
        if not self._address.tls:
            return None
        try:
            return ssl.create_default_context(cafile=self._address.ca or None)
        except OSError as error:
            raise ImproperlyConfigured(
                f"CASSANDRA_URL is wrong: the certificates {self._address.ca} can't be read"
            ) from error

    def _profile(self, retries: RetryPolicy) -> ExecutionProfile:
        nodes = DCAwareRoundRobinPolicy(self.datacenter)  # of the first node's, if it is empty
        return ExecutionProfile(
            load_balancing_policy=TokenAwarePolicy(nodes),
            retry_policy=retries,
            consistency_level=ConsistencyLevel.LOCAL_QUORUM,
            request_timeout=limits.CASSANDRA_REQUEST_TIMEOUT,
            row_factory=tuple_factory,
        )

    @contextmanager
    def available(self) -> Iterator[None]:
        try:
            yield
        except (InvalidRequest, ProtocolException) as error:
            raise _refusal(error) from error
        except struct.error as error:  # the driver's own, for a part of a key
            raise TooLarge("Cassandra can't keep this: a key has at most 65535 bytes") from error
        except Unauthorized as error:
            raise StoreUnavailable("Cassandra does not allow this to its user") from error
        except (NoHostAvailable, ConnectionException, DriverException, ErrorMessage) as error:
            if _in_vain(error):
                self.give_up()  # or every request would wait as long
            raise StoreUnavailable(_why(error)) from error

    def version(self) -> str:
        with self.available():
            rows = self.client.execute("SELECT release_version FROM system.local")
            return str(rows.one()[0])

    def pools(self) -> list[PoolState]:
        client = self._client  # even while it is left alone
        if client is None or not self.opened:
            return []
        return [
            PoolState(
                pool=f"{host.endpoint.address}:{host.endpoint.port}",
                size=state["open_count"],
                # A connection carries many requests at once; these carry any.
                in_use=sum(1 for requests in state["in_flights"] if requests),
            )
            for host, state in client.get_pool_state().items()
        ]

    def bind(self, cql: str, values: Sequence[object], consistency: int) -> BoundStatement:
        """The statement with its values, prepared once in each session.

        Raises InvalidInput for a value that its column can't hold, StoreUnavailable.
        """
        session = self.client
        prepared = self._prepared.get(cql)
        if prepared is None:
            # Two threads may both prepare it: it is the same statement for the server.
            with self.available():
                prepared = self._prepared[cql] = session.prepare(cql)
        try:
            statement = prepared.bind(values)
        except (TypeError, ValueError, OverflowError) as error:
            if unfit := _unfit(prepared, values):
                raise InvalidInput(errors=unfit) from error
            raise
        statement.consistency_level = consistency
        return statement

    def rows(self, statement: Statement, *, size: int = PAGE) -> Iterator[Any]:
        """The rows of a query as tuples, fetched in pages of `size`."""
        statement.is_idempotent = True
        statement.fetch_size = max(1, min(size, PAGE))
        with self.available():
            yield from self.client.execute(statement)

    def page(
        self, statement: Statement, *, after: str | None, size: int
    ) -> tuple[list[Any], str | None]:
        """About `size` rows of a query, from where `after` says, and where the rest begins."""
        statement.is_idempotent = True
        statement.fetch_size = size
        state = None if after is None else bytes.fromhex(after)
        with self.available():
            result = self.client.execute(statement, paging_state=state)
        return result.current_rows, result.paging_state and result.paging_state.hex()

    def run(
        self, statements: Iterable[Statement], *, profile: object = REPEATABLE
    ) -> list[ResultSet]:
        """Execute them all, several at once; their results in the order of the statements.

        Raises what the first of those that failed says. By then nothing else is under way,
        unless it was not answered in time; some may have been carried out.
        """
        waiting = iter(statements)
        results: list[ResultSet] = []
        while some := list(islice(waiting, limits.CASSANDRA_CONCURRENCY)):
            for statement in some:
                statement.is_idempotent = profile is REPEATABLE
            with self.available():
                results += self._run(some, profile)
        return results

    def _run(self, statements: list[Statement], profile: object) -> list[ResultSet]:
        if len(statements) == 1:
            return [self.client.execute(statements[0], execution_profile=profile)]
        results = execute_concurrent(
            self.client,
            [(statement, ()) for statement in statements],
            concurrency=len(statements),
            raise_on_first_error=False,
            execution_profile=profile,
        )
        for done, result in results:
            if not done:
                raise result
        return [result for _, result in results]


def _in_vain(error: Exception) -> bool:
    """Whether no node has answered. One that refuses, or misses other nodes, is alive."""
    if isinstance(error, NoHostAvailable):
        # A list of addresses, without reasons, if none of the nodes may be asked.
        reasons = error.errors.values() if isinstance(error.errors, dict) else ()
        return not any(isinstance(reason, _ANSWERS) for reason in reasons)
    return isinstance(error, OperationTimedOut)


def _why(error: Exception) -> str:
    """What to tell about a cluster that does not serve."""
    reasons = error.errors if isinstance(error, NoHostAvailable) else {}
    # A list of addresses, without reasons, if none of the nodes may be asked.
    if isinstance(reasons, list):
        return "Cassandra has no node for CASSANDRA_URL: is its datacenter right?"
    if any(isinstance(reason, AuthenticationFailed) for reason in reasons.values()):
        return "Cassandra refuses the user of CASSANDRA_URL"
    return "Cassandra is unavailable"


def _refusal(error: Exception) -> DomainError:
    """What a request that the server refuses means in the platform's words."""
    reason = str(error)
    if "does not exist" in reason or "unconfigured table" in reason:
        return StoreUnavailable("Cassandra has not been prepared: run 'manage.py prepare_stores'")
    if "too big" in reason or "too large" in reason or "longer than maximum" in reason:
        return TooLarge(f"Cassandra can't keep this: {_message(reason)}")
    return InvalidInput(f"Cassandra refuses this: {_message(reason)}")


def _message(reason: str) -> str:
    """The server's own words out of the driver's: `… message="…"`."""
    return reason.partition('message="')[2].removesuffix('"') or reason


def _unfit(prepared: PreparedStatement, values: Sequence[object]) -> dict[str, list[str]]:
    """The columns whose value does not fit their type."""
    found = {}
    for column, value in zip(prepared.column_metadata, values, strict=False):
        if value is UNSET_VALUE:
            continue
        try:
            column.type.to_binary(value, prepared.protocol_version)
        except (TypeError, ValueError, OverflowError, struct.error):
            found[column.name] = [
                f"does not fit its column ({column.type.cql_parameterized_type()})"
            ]
    return found
