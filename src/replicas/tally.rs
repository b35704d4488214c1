//! Quotas that replicas count together: one script of Redis for each operation, which looks and takes at once.
//!
//! The arithmetic is that of `crate::quota::Rate`; a test holds the two alike.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Script, ScriptInvocation};

use crate::replicas::link::{Away, Link, Use};
use crate::replicas::names::Names;

/// What is to be taken from a caller's bucket, all in nanoseconds of the time that it takes to come back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    /// What the operation costs.
    pub(crate) cost: u64,
    /// What the bucket holds.
    pub(crate) holds: u64,
    /// What this process knows to be in it, by the number of the connection over which Redis said so last.
    pub(crate) known: (u64, u64),
}

/// What Redis said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charged {
    /// Whether there was enough.
    pub(crate) is_taken: bool,
    /// What is in the bucket now.
    pub(crate) level: u64,
    /// The number of the connection.
    pub(crate) connection: u64,
}

/// Where quotas are counted together.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    link: Arc<Link>,
    names: Names,
    script: Arc<Script>,
}

/// A bucket is `TIME LEVEL`: how much was in it (nanoseconds) at a time (microseconds of Redis's own clock). It empties
/// by itself, so that one of which nothing is left need not be kept. A number of Lua is exact up to 2^53, which is a
/// hundred days of nanoseconds. Levels beyond what the bucket holds, which no replica writes, count as full, so that
/// nobody is locked out for longer than their quota takes to come back.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, holds, level = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('GET', KEYS[1])
if kept then
  local at, was = string.match(kept, '^(%d+) (%d+)$')
  if at then level = math.max(level, was - math.max(0, now - at) * 1000) end
end
level = math.min(level, holds)
local taken = 0
if level + cost <= holds then
  level = level + cost
  taken = 1
end
redis.call('SET', KEYS[1], string.format('%.0f %.0f', now, level), 'PX', string.format('%.0f', level / 1000000 + 1))
return {taken, string.format('%.0f', level)}
";

impl Tally {
    pub(super) fn new(link: Arc<Link>, names: Names) -> Self {
        Tally { link, names, script: Arc::new(Script::new(SCRIPT)) }
    }

    /// Takes from a bucket, named by whose it is.
    ///
    /// # Errors
    /// [`Away`]: then it may have been taken or not.
    pub(crate) async fn take(&self, whose: &str, charge: Charge) -> Result<Charged, Away> {
        let name = self.names.of("quota", whose);
        let script = self.script.clone();
        let told = self.link.ask(Use::Quota, |mut redis, connection| async move {
            let (level, known) = charge.known;
            // While Redis has kept what it said last, it knows better than this process.
            let floor = if known == connection { 0 } else { level };
            invocation(&script, &name, charge.cost, charge.holds, floor)
                .invoke_async::<(u8, u64)>(&mut redis)
                .await
        });
        let told = told.await?;
        let (is_taken, level) = told.value;
        Ok(Charged { is_taken: is_taken == 1, level, connection: told.connection })
    }
}

fn invocation<'a>(script: &'a Script, name: &str, cost: u64, holds: u64, floor: u64) -> ScriptInvocation<'a> {
    let mut invocation = script.key(name);
    invocation.arg(cost).arg(holds).arg(floor);
    invocation
}

/// Does what requests will do, in a bucket of nobody's.
pub(super) async fn try_out(mut redis: MultiplexedConnection, name: &str) -> RedisResult<()> {
    let script = Script::new(SCRIPT);
    invocation(&script, name, 1, 1_000_000, 0).invoke_async::<(u8, u64)>(&mut redis).await.map(drop)
}
