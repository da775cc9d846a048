"""The real servers that the contract tests of the stores run against.

`python -m tests.servers start` installs and starts them; `CassandraServer` and `MongoServer`
are for tests that need a server of their own, to kill it and start it again.
"""
