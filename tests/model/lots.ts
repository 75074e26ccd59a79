/** Lots that are held, released and recalled, that expire, and whose date is corrected. */
import { must } from '@stockline/test-kit/load/documents'
import { daysAfter } from './calendar.ts'
import { isWithheld, keysOf, lotOf, loseWithheld, onHandAt, promisedAt, sum, transit, type Key } from './model.ts'
import { settle, type Worker } from './worker.ts'

interface Lot {
  readonly id: string
  readonly version: number
}
interface Recall {
  readonly places: readonly { readonly onHand: string; readonly reserved: string }[]
  readonly openDocuments: readonly { readonly kind: string; readonly why: string; readonly quantity: string }[]
}

/** Withholds a lot that is not: by a hold, a recall, or a date that is past or to come. Gives back one that is withheld. */
export async function holdLot(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const here = keysOf(model).filter(({ lot }) => lot !== null)
  if (here.length === 0) return
  const { sku, lot: code } = choice.of(here)
  if (code === null) return
  const supervisor = await system.login('supervisor')
  const list = await supervisor.get<{ items: Lot[] }>(`/stock/v1/lots?sku=${sku}&code=${encodeURIComponent(code)}`)
  const lot = must(list, 200).items[0]
  if (lot === undefined) throw new Error(`Nobody knows lot ${code} of ${sku}.`)
  const at = `/stock/v1/lots/${lot.id}`
  const state = lotOf(model, sku, code)
  const how = state.held ? 'release' : isWithheld(model, { sku, lot: code }) ? 'date' : choice.of(ways)
  if (how === 'date') {
    state.expiresOn = isWithheld(model, { sku, lot: code })
      ? null
      : daysAfter(model.today, choice.of([-60, -1, 0, 1, 2]))
    must(await supervisor.send('PATCH', at, { version: lot.version, body: { expiresOn: state.expiresOn } }), 200)
  } else {
    const body = { reason: 'to be looked at' }
    const reply = await supervisor.send<Recall>('POST', `${at}/${how}`, { body })
    if (how === 'recall') compareRecall(worker, { sku, lot: code }, must(reply, 200))
    must(reply, 200)
    state.held = how !== 'release'
  }
  await settle(worker, `${how} of ${code} of ${sku}`, loseWithheld(model))
}

const ways = ['hold', 'recall', 'date', 'date'] as const

/** What a recall lists is what there is of the lot, what is promised of it, and what is in transit. */
function compareRecall({ model }: Worker, { sku, lot }: Pick<Key, 'sku' | 'lot'>, recall: Recall): void {
  const keys = keysOf(model).filter((key) => key.sku === sku && key.lot === lot)
  const open = (why: string) =>
    sum(recall.openDocuments.filter((one) => one.why === why).map(({ quantity }) => Number(quantity)))
  const said = [sum(recall.places.map(({ onHand }) => Number(onHand))), open('reserved'), open('in-transit')]
  const wanted = [
    sum(keys.map((key) => onHandAt(model, key))),
    sum(keys.map((key) => promisedAt(model, key))),
    sum(keys.filter(({ location }) => location === transit).map((key) => onHandAt(model, key))),
  ]
  if (said.join() !== wanted.join())
    throw new Error(`A recall of ${lot ?? ''} says on hand, reserved, in transit ${said.join()}, not ${wanted.join()}.`)
}
