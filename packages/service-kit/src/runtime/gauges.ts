/** Gauges whose values are read at each scrape. */
import { Gauge, type Registry } from 'prom-client'
import { inTime } from './deadline.ts'
import type { Logger } from './logging.ts'

// What every metric of our own begins with.
const metricPrefix = 'stockline_'

/** One value of a gauge, with a value for each of its labels. */
export interface Sample<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly value: number
}

/** How a gauge is called, and how its values are read. */
export interface GaugeOptions<Label extends string> {
  /** With the prefix: `stockline_outbox_depth`. */
  readonly name: string
  readonly help: string
  /** None: the gauge has one value. */
  readonly labels?: readonly Label[]
  readonly read: () => Promise<readonly Sample<Label>[]>
}

/** Longer than any of our readings takes, shorter than a scrape may. */
const patienceMs = 2_000

/**
 * Registers a gauge that is read at each scrape. When reading fails or takes more than two seconds it has no value in
 * that scrape, and all other metrics are as they are: a zero would be wrong. While a reading
 * runs, no second one is begun, so that scrapes do not pile up on a database that does not answer.
 *
 * @throws Error when the name lacks the prefix or is taken
 */
export function registerGauge<Label extends string = never>(
  registry: Registry,
  options: GaugeOptions<Label>,
  log?: Logger,
): void {
  const { name, help, labels = [], read } = options
  if (!name.startsWith(metricPrefix)) throw new Error(`The metric ${name} must begin with ${metricPrefix}.`)
  let reading: Promise<readonly Sample<Label>[]> | undefined
  const readOnce = () =>
    (reading ??= read().finally(() => {
      reading = undefined
    }))
  new Gauge<Label>({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    async collect() {
      let samples: readonly Sample<Label>[] = []
      try {
        samples = await inTime(readOnce(), patienceMs)
      } catch (error) {
        log?.debug({ err: error, metric: name }, 'a metric could not be read')
      }
      clear(this, labels)
      for (const { labels: of, value } of samples) this.set(of, value)
    },
  })
}

/** prom-client: `reset` leaves a zero where there are no labels, and `remove` without arguments throws where there are. */
function clear<Label extends string>(gauge: Gauge<Label>, labels: readonly Label[]): void {
  if (labels.length === 0) gauge.remove()
  else gauge.reset()
}
