"""One request to a host at a time, over all processes: a script in Redis gives out moments."""

import time

from django_redis import get_redis_connection

from accounts.scripts import Script
from retrieval.web.errors import HostBusy

# ARGV: milliseconds between two requests, and the longest that somebody waits. The key holds
# the first free moment; returned are the milliseconds until one's own. Who would wait longer
# gets no moment.
_TURN = Script("""
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local free = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
if free - now <= tonumber(ARGV[2]) and tonumber(ARGV[1]) > 0 then
  local following = free + tonumber(ARGV[1])
  redis.call('SET', KEYS[1], string.format('%d', following), 'PX', following - now)
end
return free - now
""")


def wait_for_turn(host: str, *, seconds: float, patience: float) -> None:
    """Wait until this host may be asked: `seconds` after whoever asked it before.

    Raises HostBusy if that were longer than `patience` seconds.
    """
    key = f"web:turn:{host}"
    wait = (
        _TURN(get_redis_connection("default"), [key], int(seconds * 1000), int(patience * 1000))
        / 1000
    )
    if wait > patience:
        raise HostBusy(host, wait)
    time.sleep(wait)
