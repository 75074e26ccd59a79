/**
 * Time of day that does not jump. A machine's clock may be set wrong for a while and set back: tokens, sessions and the
 * times of documents must not follow it.
 *
 * What only lasts (a pause, a lease, a deadline, "no answer since") needs no time of day: it goes by
 * `performance.now()`, which is never set. What several processes share goes by the clock of the database that they share.
 */

/** Gives milliseconds since 1970. */
export type Clock = () => number

/** The machine's clock may be so far off before it counts as a jump: it is corrected by slewing all the time. */
const slackMs = 1_000
/** Another time must be shown for a minute before it is believed, at most. */
const longestDoubtMs = 60_000
/** A time that was believed for so many times as long is believed no more. A process that has just started knows little. */
const doubtShare = 20

/**
 * A clock that follows the wall clock and doubts its jumps. It goes on by the monotonic clock; where the wall clock shows
 * another time, that counts once it has been so for a twentieth of the time that the present belief has held, at
 * most a minute. So a service that runs for long sleeps through a wrong quarter of a minute, and one that believed a wrong clock
 * for a quarter of a minute, having begun with it, is right again within a second.
 *
 * @param wallMs milliseconds since 1970 as the machine has them
 * @param monotonicMs milliseconds since any moment, never set
 */
export function steadyClock(wallMs: Clock, monotonicMs: Clock): Clock {
  // What is to be added to the monotonic clock.
  let believed = wallMs() - monotonicMs()
  let believedSince = monotonicMs()
  let doubted: { readonly offset: number; readonly since: number } | undefined

  return () => {
    const elapsed = monotonicMs()
    const read = wallMs() - elapsed
    if (Math.abs(read - believed) <= slackMs) {
      believed = read
      doubted = undefined
      return elapsed + believed
    }
    if (doubted === undefined || Math.abs(read - doubted.offset) > slackMs) doubted = { offset: read, since: elapsed }
    const doubtMs = Math.min(longestDoubtMs, (doubted.since - believedSince) / doubtShare)
    if (elapsed - doubted.since >= doubtMs) {
      believedSince = doubted.since
      believed = read
      doubted = undefined
    }
    return elapsed + believed
  }
}

/** This process's time of day, in milliseconds since 1970. */
export const timeOfDay: Clock = steadyClock(
  () => Date.now(),
  () => performance.now(),
)
