import { runService } from '../src/index.ts'
import { things } from './things.ts'

await runService({
  ...things,
  started: () => {
    if (process.env['THINGS_TRIP'] === '1') setTimeout(() => void Promise.reject(new Error('tripped on purpose')), 50)
    return () => Promise.resolve()
  },
})
