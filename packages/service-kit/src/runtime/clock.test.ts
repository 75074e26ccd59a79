import { describe, expect, test } from '@jest/globals'
import { steadyClock } from './clock.ts'

const start = Date.parse('2026-11-30T08:00:00Z')
const second = 1_000
const hour = 3_600 * second

/** A machine whose clock can be set. It is looked at every 100 ms, as a service does that works. */
function machine() {
  let elapsed = 5_000
  let ahead = 0
  const clock = steadyClock(
    () => start + elapsed + ahead,
    () => elapsed,
  )
  /** Milliseconds that the steady clock is ahead of the true time. */
  const off = () => Math.round(clock() - start - elapsed)
  return {
    off,
    set: (ms: number) => (ahead = ms),
    pass: (ms: number) => {
      let worst = 0
      for (let passed = 0; passed < ms; passed += 100) {
        elapsed += 100
        worst = Math.abs(off()) > Math.abs(worst) ? off() : worst
      }
      return worst
    },
  }
}

describe('a clock that was set', () => {
  test.each([
    ['two hours ahead for fifteen seconds', 2 * hour, 15],
    ['two hours back for fifteen seconds', -2 * hour, 15],
    ['a year ahead for half a minute', 8_760 * hour, 30],
    ['ten seconds ahead for fifty', 10 * second, 50],
  ])('%s is not followed at all by a service that has run for an hour', (_what, ahead, seconds) => {
    const { set, pass, off } = machine()
    pass(hour)
    set(ahead)
    expect(pass(seconds * second)).toBe(0)
    set(0)
    expect(pass(10 * second)).toBe(0)
    expect(off()).toBe(0)
  })

  test.each([
    ['a second after the start', 1],
    ['ten seconds after the start', 10],
    ['three minutes after the start', 180],
  ])('two hours ahead for fifteen seconds, %s: right again a second later', (_when, after) => {
    const { set, pass, off } = machine()
    pass(after * second)
    set(2 * hour)
    pass(15 * second)
    set(0)
    pass(second)
    expect(off()).toBe(0)
  })

  test('for good is followed after a minute at most', () => {
    const { set, pass, off } = machine()
    pass(24 * hour)
    set(-hour)
    pass(59 * second)
    expect(off()).toBe(0)
    pass(2 * second)
    expect(off()).toBe(-hour)
  })

  test('wrong from the start and then set right is followed', () => {
    const elapsed = { ms: 0 }
    let ahead = 2 * hour
    const clock = steadyClock(
      () => start + elapsed.ms + ahead,
      () => elapsed.ms,
    )
    elapsed.ms += 15 * second
    clock()
    ahead = 0
    clock()
    elapsed.ms += second
    expect(clock()).toBe(start + elapsed.ms)
  })

  test('to and fro is not believed either time', () => {
    const { set, pass, off } = machine()
    pass(hour)
    for (const ahead of [hour, -hour, 2 * hour, 0, hour]) {
      set(ahead)
      expect(pass(20 * second)).toBe(0)
    }
    set(0)
    pass(second)
    expect(off()).toBe(0)
  })

  test('little by little is followed at once', () => {
    const { set, pass, off } = machine()
    pass(hour)
    for (let ahead = 0; ahead <= 3_000; ahead += 100) {
      set(ahead)
      pass(100)
      expect(off()).toBe(ahead)
    }
  })
})
