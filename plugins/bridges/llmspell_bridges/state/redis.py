"""Values in Redis, shared by whichever processes use it. Each change is one script of the server: all or nothing.

A space is a few keys that begin with ``llmspell:{...}:``, on one node of a cluster: ``e`` has the entries, ``x`` when
they expire, ``m`` what is counted, ``h`` the keys that have a past and ``h:KEY`` that past, ``l:NAME`` a lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.state.store import Bounds, Change, Codec, Conflict, Entry, Full, Past, Store, Unheld
from llmspell_bridges.state.store_failed import StoreFailed
from llmspell_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["RedisStore", "open_redis"]


# An entry is "version|expires|time|value". Everything is checked before anything is written: a script is not undone.
_COMMIT = """
local E, X, M, H = KEYS[1] .. 'e', KEYS[1] .. 'x', KEYS[1] .. 'm', KEYS[1] .. 'h'
local at = 0
local function take() at = at + 1; return ARGV[at] end
local now, most, most_keys, history = take(), tonumber(take()), tonumber(take()), tonumber(take())
local lock, fence, revision = take(), take(), take()
local function counted(name) return tonumber(redis.call('HGET', M, name) or '0') end
local used, past, entries = counted('used'), counted('past'), redis.call('HLEN', E)
local present = {}
local function look(key)
  if present[key] == nil then
    local raw = redis.call('HGET', E, key)
    local found = false
    if raw then
      local version, expires = string.match(raw, '^(%d+)|([^|]*)|')
      found = {raw = raw, size = #raw + #key, version = version}
      if expires ~= '' and tonumber(expires) <= tonumber(now) then found.version = '0' end
    end
    present[key] = found
  end
  return present[key]
end
if fence ~= '' then
  local held = redis.call('GET', KEYS[1] .. 'l:' .. lock)
  if not held or string.match(held, '^%d+') ~= fence then return {'unheld'} end
end
if revision ~= '' and (redis.call('HGET', M, 'revision') or '0') ~= revision then return {'conflict'} end
for _ = 1, tonumber(take()) do
  local key, version = take(), take()
  local found = look(key)
  if (found and found.version or '0') ~= version then return {'conflict'} end
end
local writes = {}
for i = 1, tonumber(take()) do
  writes[i] = {kind = take(), key = take(), expires = take(), time = now, value = take()}
end
local function full()
  local size, keys = used + past, entries
  for _, write in ipairs(writes) do
    if write.kind ~= 'drop' then
      local found = look(write.key)
      if found and (history == 0 or write.kind == 'same') then size = size - found.size end
      if not found then keys = keys + 1 end
      size = size + #write.key + #write.value + #write.expires + #now + 20
    end
  end
  if size > most then return 'bytes' end
  if keys > most_keys then return 'keys' end
end
if full() then
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', X, '-inf', now)) do
    local found = look(key)
    if found then used = used - found.size; entries = entries - 1 end
    redis.call('HDEL', E, key); redis.call('ZREM', X, key)
    present[key] = false
  end
  for _, key in ipairs(redis.call('SMEMBERS', H)) do redis.call('DEL', KEYS[1] .. 'h:' .. key) end
  redis.call('DEL', H)
  past, history = 0, 0
  redis.call('HSET', M, 'used', used, 'past', past)
  local what = full()
  if what then return {'full', what} end
end
local version = redis.call('HINCRBY', M, 'revision', 1)
for _, write in ipairs(writes) do
  local key, found = write.key, look(write.key)
  if found then
    used = used - found.size
    if history > 0 and write.kind ~= 'same' then
      local log = KEYS[1] .. 'h:' .. key
      redis.call('LPUSH', log, now .. '|' .. found.raw)
      redis.call('SADD', H, key)
      past = past + found.size
      while redis.call('LLEN', log) > history do
        local old = redis.call('RPOP', log)
        past = past - (#old - #string.match(old, '^[^|]*|') + #key)
      end
    end
  end
  if write.kind == 'drop' then
    redis.call('HDEL', E, key); redis.call('ZREM', X, key)
  else
    local raw = string.format('%d|%s|%s|', version, write.expires, now) .. write.value
    redis.call('HSET', E, key, raw)
    used = used + #raw + #key
    if write.expires == '' then redis.call('ZREM', X, key) else redis.call('ZADD', X, write.expires, key) end
  end
end
redis.call('HSET', M, 'used', used, 'past', past)
return {'ok', version}
"""
_ACQUIRE = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
redis.call('SET', KEYS[2], string.format('%d|', fence) .. ARGV[1], 'PX', ARGV[2])
return fence
"""
_RENEW = """
local held = redis.call('GET', KEYS[1])
if not held or string.match(held, '^%d+|(.*)$') ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
local held = redis.call('GET', KEYS[1])
if not held or string.match(held, '^%d+|(.*)$') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


def open_redis(url: str, bounds: Bounds, clock: Callable[[], float], codec: Codec) -> RedisStore:
    """Return the store in the Redis of a URL: ``redis://HOST:PORT/NUMBER``, ``rediss://`` over TLS.

    :raises UsageError: when the URL is none, or the library is missing
    :raises StoreFailed: when the server does not answer
    """
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise UsageError("redis stores need a library: pip install 'llmspell-bridges[redis]'") from error
    try:
        # Nothing is sent twice by itself: a change whose answer was lost may have been made.
        once = Retry(NoBackoff(), 0)
        client = redis.Redis.from_url(
            url, socket_connect_timeout=10, socket_timeout=30, health_check_interval=30, retry=once
        )
    except ValueError as error:
        raise UsageError(f"{_shown(url)!r} is no Redis: {error}; write redis://HOST:PORT/NUMBER") from error
    store = RedisStore(client, _shown(url), bounds, clock, codec)
    store.ping()
    return store


class RedisStore(Store):
    """Spaces in the keys of a Redis.

    :param client: of the library ``redis``
    :param url: what errors call it
    """

    def __init__(self, client: Any, url: str, bounds: Bounds, clock: Callable[[], float], codec: Codec) -> None:
        super().__init__(bounds, clock)
        self._client, self._url, self._codec = client, url, codec
        self._commit, self._acquire, self._renew, self._release = (
            client.register_script(text) for text in (_COMMIT, _ACQUIRE, _RENEW, _RELEASE)
        )

    def ping(self) -> None:
        """Do nothing if the server answers; :raises StoreFailed: when it does not."""
        self._ask(self._client.ping)

    def read(self, space: str, keys: Iterable[str]) -> dict[str, Entry]:
        wanted = list(keys)
        found = self._ask(self._client.hmget, _name(space, "e"), wanted) if wanted else []
        entries = {key: self._entry(raw) for key, raw in zip(wanted, found, strict=True) if raw is not None}
        now = self.clock()
        return {key: entry for key, entry in entries.items() if entry.expires is None or entry.expires > now}

    def keys(self, space: str, prefix: str) -> tuple[list[str], int]:
        pipe = self._client.pipeline(transaction=True)
        pipe.hkeys(_name(space, "e"))
        pipe.zrangebyscore(_name(space, "x"), "-inf", self.clock())
        pipe.hget(_name(space, "m"), "revision")
        names, expired, revision = self._ask(pipe.execute)
        begin = prefix.encode()
        live = sorted(name for name in set(names) - set(expired) if name.startswith(begin))
        return [name.decode() for name in live], int(revision or 0)

    def commit(self, space: str, change: Change) -> int:
        bounds, (lock, fence) = self.bounds, change.lock or ("", "")
        arguments: list[Any] = [repr(self.clock()), bounds.bytes, bounds.keys, bounds.history, lock, fence]
        arguments += ["" if change.revision is None else change.revision, len(change.expected)]
        for key, version in change.expected.items():
            arguments += [key, version]
        arguments.append(len(change.writes))
        for key, write in change.writes.items():
            bounds.check_key(key)
            if write is None:
                arguments += ["drop", key, "", ""]
            else:
                expires = "" if write.expires is None else repr(write.expires)
                arguments += ["same" if write.same else "set", key, expires, self._codec.write(write.value)]
        said, *more = self._ask(self._commit, [_name(space, "")], arguments)
        if said == b"conflict":
            raise Conflict
        if said == b"unheld":
            raise Unheld(lock)
        if said == b"full":
            what = more[0].decode()
            raise Full(what, bounds.bytes if what == "bytes" else bounds.keys)
        return int(more[0])

    def history(self, space: str, key: str) -> list[Past]:
        made = []
        for raw in self._ask(self._client.lrange, _name(space, f"h:{key}"), 0, -1):
            until, _, rest = raw.partition(b"|")
            entry = self._entry(rest)
            made.append(Past(entry.value, entry.version, entry.time, float(until)))
        return made

    def acquire(self, space: str, name: str, owner: str, ttl: float) -> int | None:
        self.bounds.check_key(name)
        keys = [_name(space, "m"), _name(space, f"l:{name}")]
        return self._ask(self._acquire, keys, [owner, _milliseconds(ttl)]) or None

    def renew(self, space: str, name: str, owner: str, ttl: float) -> bool:
        return bool(self._ask(self._renew, [_name(space, f"l:{name}")], [owner, _milliseconds(ttl)]))

    def release(self, space: str, name: str, owner: str) -> bool:
        return bool(self._ask(self._release, [_name(space, f"l:{name}")], [owner]))

    def close(self) -> None:
        self._client.close()

    def _entry(self, raw: bytes) -> Entry:
        version, expires, time, text = raw.split(b"|", 3)
        return Entry(self._codec.read(text.decode()), int(version), float(expires) if expires else None, float(time))

    def _ask(self, question: Callable[..., Any], *args: Any) -> Any:
        from redis import RedisError

        try:
            return question(*args)
        except RedisError as error:
            raise StoreFailed(self._url, error) from error


def _name(space: str, what: str) -> str:
    """Return the name of a key; what is in braces decides on which node of a cluster it is."""
    import hashlib

    return f"llmspell:{{{hashlib.sha256(space.encode()).hexdigest()[:32]}}}:{what}"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _shown(url: str) -> str:
    """Return a URL without its password."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        where = parts.netloc.rpartition("@")[2]
    except ValueError:
        return url.partition(":")[0]
    return f"{parts.scheme}://{where}{parts.path}"
