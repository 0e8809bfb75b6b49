/**
 * A stream of numbered events is two keys of one hash slot: the events (a Redis stream whose ids are `<epoch>-<number of
 * the entry's last event>`) and its head (a hash: `at` is the newest id, other fields count what each publisher has
 * appended). The head is the authority: when it is gone the numbers begin anew, in a later epoch.
 */

const begin = `
local function begin(previous)
  local time = redis.call('TIME')
  local epoch = time[1] * 1000 + math.floor(time[2] / 1000)
  -- Also when the clock went back: two epochs are never the same.
  if previous and epoch <= previous then epoch = previous + 1 end
  redis.call('DEL', KEYS[1], KEYS[2])
  return epoch
end
local function id(epoch, number) return string.format('%.0f-%.0f', epoch, number) end
`;

/**
 * Numbers, keeps and publishes an entry in one step, so that numbers and the order of publication agree.
 * KEYS: events, head. ARGV: publisher, its count, events in the entry, how many events to keep, how long (ms), whether
 * entries before this one are missing, the channel to publish on, the entry as JSON. Returns its id.
 */
export const appendScript = `${begin}
local head = redis.call('HMGET', KEYS[2], 'at', ARGV[1])
-- Sent again after a connection was lost: it is here already.
if head[2] and tonumber(head[2]) >= tonumber(ARGV[2]) then return head[1] end
local epoch, number
if head[1] then
  local e, n = string.match(head[1], '^(%d+)-(%d+)$')
  epoch, number = tonumber(e), tonumber(n)
end
if not epoch or ARGV[6] == '1' then epoch, number = begin(epoch), 0 end
number = number + tonumber(ARGV[3])
local at = id(epoch, number)
local keep = tonumber(ARGV[4])
if keep > 0 then
  redis.call('XADD', KEYS[1], 'MINID', '~', id(epoch, math.max(0, number - keep)), at, 'e', ARGV[8])
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
redis.call('HSET', KEYS[2], 'at', at, ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('PUBLISH', ARGV[7], '{"position":"' .. at .. '",' .. string.sub(ARGV[8], 2))
return at`;

/**
 * The newest id; a stream that does not exist begins. Whoever looks keeps it from expiring.
 * KEYS: events, head. ARGV: how long to keep it (ms), whether entries are missing.
 */
export const headScript = `${begin}
local at = redis.call('HGET', KEYS[2], 'at')
if not at or ARGV[2] == '1' then
  at = id(begin(at and tonumber(string.match(at, '^(%d+)'))), 0)
  redis.call('HSET', KEYS[2], 'at', at)
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return at`;

/** Entries after an id, oldest first, and the newest id. KEYS: events, head. ARGV: after, at most so many entries. */
export const historyScript = `
local at = redis.call('HGET', KEYS[2], 'at')
if not at then return {'', {}} end
return {at, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])}`;
