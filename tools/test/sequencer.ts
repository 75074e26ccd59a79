import { createRequire } from 'node:module'
import type sequencers from '@jest/test-sequencer'

// By an import, Node and the package's types do not agree on what its default is.
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer') as typeof sequencers

/** What starts the whole system, a broker or programs: minutes, whatever the size of the file, by which an unknown one is placed. */
const long = /\/tests\/(faults|journeys|recipes|fuzz)\/|\/src\/bus\/kafka\/|\/tools\/(start|kafka)\/|\.kafka\.test\.ts$/

/** As Jest orders files, but long ones first: none of them is begun when all others have ended. */
function StocklineSequencer(...options: ConstructorParameters<typeof Sequencer>): InstanceType<typeof Sequencer> {
  const sequencer = new Sequencer(...options)
  const sort = sequencer.sort.bind(sequencer)
  return Object.assign(sequencer, {
    sort: async (tests: Parameters<typeof sort>[0]) => {
      const sorted = await sort(tests)
      const isLong = ({ path }: (typeof sorted)[number]) => long.test(path)
      return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))]
    },
  })
}

export { StocklineSequencer as default }
