"""What Redis does to sessions, each one atomic: scripts, and the names of their keys.

A session is a hash at `session:{id}`. Two sorted sets know the ids by their last activity
(seconds since 1970): `sessions:user:{user_id}` those of a person, `sessions:live` all of people
who are signed in. Every script that writes a session keeps both and gives them an end; beginnings
drop what is older than a session's life from them, and who reads them asks for nothing older.
"""

from hashlib import sha256

from accounts.scripts import Script

LIVE = "sessions:live"


def session_key_name(session_id: str) -> str:
    """The Redis key of a session."""
    return f"session:{session_id}"


def user_key_name(user_id: object) -> str:
    """The Redis key of a person's sessions."""
    return f"sessions:user:{user_id}"


def session_handle(session_id: str) -> str:
    """What a session is called in public; its id opens it, so that is nobody's to see."""
    return sha256(session_id.encode()).hexdigest()[:32]


_LIVE = """
local function live(user, id, now, ttl, prune)
  for _, key in ipairs({'sessions:user:' .. user, 'sessions:live'}) do
    redis.call('ZADD', key, now, id)
    redis.call('EXPIRE', key, ttl)
    if prune then redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. (now - ttl)) end
  end
end
local function gone(user, id)
  redis.call('ZREM', 'sessions:user:' .. user, id)
  redis.call('ZREM', 'sessions:live', id)
end
"""

# KEYS: the session. ARGV: "create" or "update", id, user's id or "", now, TTL, then the fields
# and values to write. Only what writes more than the last activity looks for what has expired.
# Returns 1, or 0 if nothing was written: there is one already, or none.
SAVE = Script(
    _LIVE
    + """
local create = ARGV[1] == 'create'
if create then
  if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
elseif redis.call('EXPIRE', KEYS[1], ARGV[5]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
if create then redis.call('EXPIRE', KEYS[1], ARGV[5]) end
if ARGV[3] ~= '' then live(ARGV[3], ARGV[2], ARGV[4], ARGV[5], #ARGV > 7) end
return 1
"""
)

# KEYS: the old and the new session. ARGV: old id, new id, now, TTL. Returns 1, 0 if the old one
# is gone, -1 if the new one is there already.
ROTATE = Script(
    _LIVE
    + """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('RENAMENX', KEYS[1], KEYS[2]) == 0 then return -1 end
redis.call('EXPIRE', KEYS[2], ARGV[4])
local user = redis.call('HGET', KEYS[2], 'user_id')
if user and user ~= '' then
  gone(user, ARGV[1])
  live(user, ARGV[2], ARGV[3], ARGV[4], true)
end
return 1
"""
)

# KEYS: the session. ARGV: its id. Returns how many were ended.
END = Script(
    _LIVE
    + """
local user = redis.call('HGET', KEYS[1], 'user_id')
if user and user ~= '' then gone(user, ARGV[1]) end
return redis.call('DEL', KEYS[1])
"""
)

# KEYS: a person's sessions. ARGV: the person's id, the id of the session to keep or "".
# Returns how many were ended.
END_ALL = Script(
    _LIVE
    + """
local ended = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if id ~= ARGV[2] then
    ended = ended + redis.call('DEL', 'session:' .. id)
    gone(ARGV[1], id)
  end
end
return ended
"""
)

# KEYS: a person's sessions. ARGV: fields and values to write into all that are alive.
DESCRIBE = Script("""
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local key = 'session:' .. id
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, unpack(ARGV)) end
end
return 1
""")
