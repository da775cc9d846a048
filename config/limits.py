"""Every limit, timeout and page size of the platform: a name and its number, here only."""

from datetime import timedelta

# The spec's Redis lifetimes, in seconds.
SESSION_TTL = 3600
RATE_LIMIT_WINDOW = 60
CHAT_HISTORY_TTL = 7200
CHAT_HISTORY_LENGTH = 100
PROCTOR_SESSION_TTL = 7200

# Requests per RATE_LIMIT_WINDOW, by the name of the rate.
RATE_LIMITS = {
    "login": 10,  # of one account from one address
    "login_address": 600,  # classes sign in at the same minute from one address
    "signup": 60,  # from one address: a class signs up together
    "account": 30,  # what changes an account: passwords, addresses, second factors
    "mail": 10,  # what sends a mail to one address that the caller names
    "mail_address": 200,  # the same from one address: a class asks together
    "step": 10,  # with one key of a mail, or one pending second factor
    "step_address": 600,  # the same from one address
    "csrf": 1200,  # from one address: what every visitor asks first
    "refused": 300,  # what a caller who is not signed in got no answer to
    "join": 10,
    # Codes that no class has: of one address, where a class types them together, and of everybody.
    "join_misses": 300,
    "join_misses_all": 3000,
    "exam_start": 10,
    "search": 60,
    "chat": 30,
    "events": 120,
    "upload": 30,
    "default": 300,
}
# While Redis is down these are counted in the process that answers. All others are refused: they
# guard what must not be guessed or started twice.
RATE_LIMITS_STRICT = frozenset(RATE_LIMITS) - frozenset(
    ("csrf", "refused", "search", "chat", "events", "upload", "default")
)

# How long a limit waits for Redis, and after a failure counts without asking it, in seconds; how
# many counters a process keeps meanwhile.
RATE_LIMIT_TIMEOUT = 0.5
RATE_LIMIT_PAUSE = 1
RATE_LIMIT_COUNTERS = 20_000

# Signing in: wrong passwords of one account from one address before it is locked, and for how
# long; and from anywhere, as the library that counts them writes it: wide for passwords, because
# anybody may try one, and narrow for second factors, which come after the right password.
LOGIN_FAILURES = 8
LOGIN_COOLOFF = timedelta(minutes=15)
ACCOUNT_FAILURES = "200/15m/key"
SECOND_FACTOR_FAILURES = "20/15m/key"
# Mails of one kind to one account.
ACCOUNT_MAILS = "5/15m/key"
# Someone who changes how they sign in has proved who they are so long ago at most, in seconds.
REAUTHENTICATION_TTL = 300
# An admin who changes somebody's role, address, password or access has, so long ago at most.
ADMIN_REAUTHENTICATION_TTL = 30 * 60
# The admin's page of live sessions: rows of a page, and sessions that a search looks through.
LIVE_SESSIONS_PAGE = 50
LIVE_SESSIONS_SEARCHED = 5000
INVITATION_TTL = timedelta(days=7)
AUTH_MAX_BYTES = 64 * 1024  # of a body that signs in, or changes how somebody does
PASSWORD_MAX = 1024  # characters

# Answers to creations are kept for their idempotency keys; a key's characters.
IDEMPOTENCY_TTL = timedelta(hours=24)
IDEMPOTENCY_KEY_MAX = 255

# A roster that is imported: bytes of the file, of what an XLSX unpacks to, and rows; rows that
# the preview shows, and errors that are told.
ROSTER_MAX_BYTES = 5 * 1024 * 1024
ROSTER_MAX_UNPACKED = 20 * 1024 * 1024
ROSTER_MAX_ROWS = 5000
ROSTER_PREVIEW_ROWS = 50
ROSTER_MAX_ERRORS = 200
ROSTER_MAX_SCANNED = 20_000  # lines, empty ones too
ROSTER_MAX_COLUMNS = 50
NOTIFY_BATCH = 500  # people whom one task tells the same
ROSTER_BATCH = 500  # rows that are written together
# An import that is busy without a worker for longer is given to a worker again, in seconds; and
# how long a finished one is kept.
ROSTER_RETRY_AFTER = 60
ROSTER_STARTS_MAX = 5  # workers that may begin on one file
ROSTER_RETENTION = timedelta(days=30)
# One mail to a class's teacher about people who want to join, at most so often, in seconds.
JOIN_REQUEST_MAIL_EVERY = 3600

# The spec's retention.
ACTIVITY_LOG_RETENTION = timedelta(days=90)
EVENT_RETENTION = timedelta(days=7)

# API pages.
PAGE_SIZE = 25
PAGE_SIZE_MAX = 100

# Files, in bytes.
MIB = 1024 * 1024
JSON_MAX_BYTES = 5 * MIB
DOCUMENT_MAX_BYTES = 100 * MIB
ARCHIVE_MAX_BYTES = 500 * MIB
ARCHIVE_MAX_UNPACKED = 512 * MIB  # of all its files
TRANSCRIPT_MAX_BYTES = 16 * MIB
RECORDING_MAX_BYTES = 500 * MIB
SNAPSHOT_MAX_BYTES = 2 * MIB

# Meetings: a planned length in minutes, and what a transcript may hold.
MEETING_MAX_MINUTES = 24 * 60
TRANSCRIPT_MAX_SECONDS = 24 * 3600
TRANSCRIPT_SCAN_MAX = 4_000_000  # characters, from where on a page of a copy is full
TRANSCRIPT_SEGMENT_MAX = 5000  # characters of one segment
TRANSCRIPT_SPEAKER_MAX = 200
# A file that no row names (its request failed half-way) is swept after this.
ORPHAN_FILE_AGE = timedelta(days=1)

# A signed link to a private file works this long, in seconds.
FILE_LINK_TTL = 900

# Events that one request may carry.
EVENTS_PER_REQUEST = 500
EVENT_PROPERTIES_MAX = 50
EVENT_TEXT_MAX = 2000
EVENT_FUTURE_MAX = timedelta(minutes=5)  # how far a device's clock may be ahead
EVENT_MINUTES_MAX = 240  # of study that one event may report
PAGE_MAX = 500  # characters of a page's path

# Engagement: a longer silence ends a session; of a silence within one, this much counts.
SESSION_GAP = timedelta(minutes=30)
SESSION_GAP_COUNTED = timedelta(minutes=5)

# Minutes that a person may say at once to have spent on a topic.
TIME_SPENT_MAX_MINUTES = 240

# What the admin's pages of analytics show at once.
ANALYTICS_ROWS = 100
ENGAGEMENT_DAYS = 30
ENGAGEMENT_DAYS_MAX = 366  # that the API reads back

# A ZIP archive of material: its files, how many times smaller than its content one may be packed,
# and files that are not taken, of which the admin tells.
ARCHIVE_MAX_FILES = 500
ARCHIVE_MAX_RATIO = 200
ARCHIVE_REFUSALS_SHOWN = 10
STATISTICS_ROWS = 20  # types, classes or hosts that the page of collections tells of

# A parsed document: more than this is refused.
DOCUMENT_MAX_PAGES = 5000
PARSE_MEMORY_MB = 2048
PARSE_SECONDS = 300
DOCUMENT_MAX_CHARACTERS = 20_000_000  # with the headings, as often as they stand above a block
# Pages that are pictures: how many of a file are read, and seconds for each and for all.
OCR_MAX_PAGES = 200
OCR_PAGE_SECONDS = 60
OCR_SECONDS = 1800

# Search.
SEARCH_RESULTS = 10
SEARCH_RESULTS_MAX = 50
SEARCH_QUERY_MAX = 1000
SEARCH_DEPTH = 50  # passages of each ranking that are fused
SEARCH_TERMS_MAX = 32  # words of a query that count
WEB_TOPIC_MAX = 200  # characters
WEB_URL_MAX = 2000
# Fewer vectors than these behind a filter are all compared; among more the graph is walked, with
# so many candidates.
PGVECTOR_EXACT = 10_000
PGVECTOR_EF_SEARCH = 128
PASSAGE_MAX_BYTES = 4 * MIB  # of any text of one passage; the chunker's have about 1 KiB

# Web pages: bytes of one unpacked, of a sitemap and of a robots.txt; seconds for one request as a
# whole, for connecting, and between two pieces of the answer; redirects that are followed, and
# addresses of a host that are tried; characters of what is sent back to ask for what is newer.
WEB_MAX_BYTES = 20 * MIB
WEB_SITEMAP_MAX_BYTES = 50 * MIB
WEB_ROBOTS_MAX_BYTES = 512 * 1024
WEB_SECONDS = 60
WEB_CONNECT_TIMEOUT = 10
WEB_READ_TIMEOUT = 20
WEB_REDIRECTS = 5
WEB_ADDRESSES_TRIED = 3
WEB_VALIDATOR_MAX = 500
WEB_PARSE_SECONDS = 60  # of one page
# One request to a host in so many seconds, or in as many as its robots.txt asks for, up to a
# limit. What would wait longer than WEB_WAIT_MAX is done later. One task of a worker takes so
# many pages of a host.
WEB_HOST_INTERVAL = 1.0
WEB_CRAWL_DELAY_MAX = 10.0
WEB_WAIT_MAX = 15.0
WEB_PAGES_PER_TASK = 10
WEB_COMMAND_PATIENCE = 600.0  # of a command, which has nothing else to do
# A robots.txt is read anew after so many seconds, one that could not be read sooner.
WEB_ROBOTS_TTL = 3600
WEB_ROBOTS_RETRY = 300
# Addresses that one request may bring, those that are taken of a sitemap, the sitemaps that one
# may lead to, how deep, and the bytes and seconds that all of them together may take.
WEB_PAGES_PER_REQUEST = 100
WEB_SITEMAP_PAGES = 2000
WEB_SITEMAPS = 50
WEB_SITEMAP_DEPTH = 3
WEB_SITEMAPS_MAX_BYTES = 150 * MIB
WEB_SITEMAPS_SECONDS = 600
# A page is looked at again after so long, at most so many of them in one run.
WEB_RECHECK_AFTER = timedelta(days=7)
WEB_RECHECKS_PER_RUN = 200

# Assessments. The spec's score is a DECIMAL(5,2), so a total can't be over 999.
ASSESSMENT_MAX_POINTS = 999
ASSESSMENT_MAX_QUESTIONS = 200
TIME_LIMIT_MAX_MINUTES = 7 * 24 * 60
QUESTION_TEXT_MAX = 10_000
QUESTION_MAX_OPTIONS = 20
OPTION_TEXT_MAX = 1000
SHORT_ANSWER_MAX = 500
ESSAY_MAX = 50_000
# What is saved or handed in this long after the end still counts: the network's share.
ATTEMPT_GRACE = timedelta(seconds=10)
ATTEMPTS_EXPIRED_PER_RUN = 1000

# Proctoring: violations kept of each type, one violation's details in bytes of JSON, pictures
# of one session and their longer side in pixels, reports written by one run.
PROCTOR_VIOLATIONS_PER_TYPE = 50
PROCTOR_DETAILS_MAX_BYTES = 1000
PROCTOR_SNAPSHOTS_MAX = 240
SNAPSHOT_MAX_SIDE = 4096
PROCTOR_REPORTS_PER_RUN = 100

# Redis: connections of one process, and how long to wait for one, in seconds.
REDIS_MAX_CONNECTIONS = 50
REDIS_TIMEOUT = 5

# PostgreSQL: the spec's pool of 10 and overflow of 20, recycled after an hour.
POSTGRES_POOL_MIN = 10
POSTGRES_POOL_MAX = 30
POSTGRES_POOL_RECYCLE = 3600
POSTGRES_POOL_TIMEOUT = 10
# A server that can't be reached is given up after this, in seconds: at connecting, and when it
# acknowledges nothing that was sent to it.
POSTGRES_CONNECT_TIMEOUT = 5
POSTGRES_NETWORK_TIMEOUT = 15
# A statement that nobody asked to be prepared is, after so many times in a connection.
POSTGRES_PREPARE_THRESHOLD = 5

# Qdrant: how long to wait for an answer and for a free connection, in seconds. Its server closes
# a connection that is idle for 5 seconds, so ours are dropped before.
QDRANT_TIMEOUT = 10
QDRANT_MAX_CONNECTIONS = 50
QDRANT_KEEPALIVE = 3
# One request's points, and the bytes of their texts: a server takes 32 MiB of JSON, in which a
# byte may need six.
QDRANT_BATCH = 256
QDRANT_BATCH_BYTES = 4 * MIB
# What a collection's strict mode allows to one request.
QDRANT_RESULTS_MAX = 1000
QDRANT_BATCH_MAX = 1000
QDRANT_TIMEOUT_MAX = 60

# Cassandra: how long to wait for a node, for an answer, and for a change of the schema, in
# seconds; and how many requests one call has under way at once.
CASSANDRA_CONNECT_TIMEOUT = 5
CASSANDRA_REQUEST_TIMEOUT = 10
CASSANDRA_SCHEMA_TIMEOUT = 60
CASSANDRA_CONCURRENCY = 100
# A connection that says nothing for so long is asked, and its node is down if no answer comes:
# a node that hangs closes no connection.
CASSANDRA_HEARTBEAT = 10
CASSANDRA_HEARTBEAT_TIMEOUT = 5

# MongoDB: the spec's pool of 10 to 50 connections, closed when idle for 30 seconds; how long to
# wait for a free one, for a server to be found or to connect, and for an answer, in seconds.
MONGODB_POOL_MIN = 10
MONGODB_POOL_MAX = 50
MONGODB_POOL_IDLE = 30
MONGODB_POOL_TIMEOUT = 5
MONGODB_CONNECT_TIMEOUT = 5
MONGODB_TIMEOUT = 10
# A document has 16 MiB at most; some room is left for what the server adds. Of a transcript that
# is larger, each document holds this many bytes of segments and as many of the text.
MONGODB_DOCUMENT_MAX_BYTES = 16 * MIB - 4096
TRANSCRIPT_PART_BYTES = 7 * MIB
# A part of a transcript that no transcript names (its writer died) is removed after this; far
# longer than a save takes.
TRANSCRIPT_PART_ORPHAN_AGE = timedelta(hours=1)

# How long to wait for the mail server, in seconds.
EMAIL_TIMEOUT = 10
# While it is down a mail is tried again, at most so many times and so many seconds apart: two days.
EMAIL_RETRIES = 300
EMAIL_RETRY_MAX = 600

# How long /health/ready waits for an engine's answer, in seconds.
HEALTH_TIMEOUT = 3

# A store that is down is worth another try after this many seconds.
RETRY_AFTER = 5

# Seconds that a task of a worker may take before it is told to end, and before it is ended: more
# than the longest honest one. A file of scanned pages is read for 35 minutes (PARSE_SECONDS and
# OCR_SECONDS), and its passages are embedded after that.
TASK_SECONDS = 2 * 3600
TASK_SECONDS_HARD = TASK_SECONDS + 300

# Ingestion: a document that is queued or processed for longer than this without a worker on
# it is given to a worker again, in seconds.
INGESTION_RETRY_AFTER = 60
# Documents of an older pipeline that are given to a worker at once.
INGESTION_OUTDATED_BATCH = 50
# Vectors that a store has still to forget: how many one run removes, and how long it waits after
# a failure before the next try, twice as long each time up to the most, in seconds.
REMOVALS_PER_RUN = 200
REMOVAL_RETRY = 10
REMOVAL_RETRY_MAX = 3600
RECONCILE_BATCH = 500  # points that are read at once
# Small files are embedded together until they have this many passages.
INGESTION_BATCH = 256
INGESTION_FIRST_BATCH = 128
FILENAME_MAX = 255

# Chat: passages that an answer may draw on; sentences that one without a model quotes, and of how
# many of the passages.
CHAT_PASSAGES = 5
CHAT_SENTENCES = 3
CHAT_QUOTED = 3
CHAT_QUESTION_MAX = 1000
# A language model behind CHAT_URL: seconds for connecting, for the next piece of an answer, for
# the first one with all tries, and for an answer as a whole; tries again after one that failed;
# requests of one process at once (it has eight threads); tokens and characters of an answer,
# bytes that an endpoint may send.
CHAT_CONNECT_TIMEOUT = 5
CHAT_READ_TIMEOUT = 30
CHAT_FIRST_SECONDS = 40
CHAT_SECONDS = 90
CHAT_RETRIES = 1
CHAT_CONCURRENCY = 4
CHAT_ANSWER_TOKENS = 800
CHAT_ANSWER_MAX = 8000
CHAT_RESPONSE_MAX_BYTES = 4 * MIB
# Word pieces of earlier turns that a model is shown; turns that are looked at at all.
CHAT_HISTORY_TOKENS = 1500
CHAT_HISTORY_TURNS = 6
# Rewriting a question that leans on what came before: seconds, tokens, characters.
CHAT_REWRITE_SECONDS = 10
CHAT_REWRITE_TOKENS = 80
CHAT_REWRITE_MAX = 300
# A stream that has nothing to say tells so after this, and looks whether its reader may still
# ask, in seconds.
CHAT_HEARTBEAT = 15
CHAT_RECHECK = 5
# A person's question that is under way keeps their next one out for so long, in seconds: all that
# an answer may take, and some for the search. It is let go at the end; this is for a process that
# was killed.
CHAT_ASKING_TTL = CHAT_REWRITE_SECONDS + CHAT_SECONDS + 30
FEEDBACK_RETENTION = timedelta(days=90)

# The admin's home page: days of its chart, and rows of its lists.
HOME_DAYS = 28
HOME_ROWS = 5
