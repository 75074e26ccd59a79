/**
 * Loaded before a program (`node --require`): its time of day can be set wrong. The signal SIGUSR2 sets it two hours
 * ahead, the next one sets it right again. The monotonic clock goes on, as it does on a real machine.
 */
const hoursAheadMs = 2 * 60 * 60 * 1000
const RealDate = Date
let aheadMs = 0

const now = () => RealDate.now() + aheadMs

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values, asked) => Reflect.construct(target, values.length === 0 ? [now()] : values, asked),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})

process.on('SIGUSR2', () => {
  aheadMs = aheadMs === 0 ? hoursAheadMs : 0
})
