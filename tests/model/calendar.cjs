/**
 * Loaded before a program (`node --require`): its time of day is `CLOCK_BEHIND_MS` behind the machine's, and each signal SIGUSR2
 * brings it a day further. The monotonic clock goes on, as it does where a clock is set.
 */
const dayMs = 24 * 60 * 60 * 1000
const RealDate = Date
let behindMs = Number(process.env.CLOCK_BEHIND_MS)

const now = () => RealDate.now() - behindMs

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values, asked) => Reflect.construct(target, values.length === 0 ? [now()] : values, asked),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})

process.on('SIGUSR2', () => {
  behindMs -= dayMs
})
