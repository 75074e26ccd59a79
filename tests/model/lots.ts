/** Lots that are held and released, that expire, and whose date is corrected. */
import { must } from '@stockline/test-kit/load/documents'
import { keysOf, withhold } from './model.ts'
import { settle, type Worker } from './worker.ts'

interface Lot {
  readonly id: string
  readonly version: number
}

/** Withholds a lot that is not, or gives back one that is: by a hold, or by a date that is past. */
export async function holdLot(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const lots = [...new Set(keysOf(model).flatMap(({ sku, lot }) => (lot === null ? [] : [`${sku} ${lot}`])))]
  if (lots.length === 0) return
  const name = choice.of(lots)
  const [sku = '', code = ''] = name.split(' ')
  const supervisor = await system.login('supervisor')
  const list = await supervisor.get<{ items: Lot[] }>(`/stock/v1/lots?sku=${sku}&code=${encodeURIComponent(code)}`)
  const lot = must(list, 200).items[0]
  if (lot === undefined) throw new Error(`Nobody knows lot ${name}.`)
  const held = model.withheld.get(name)
  const how = held ?? choice.of(['hold', 'expiry'] as const)
  if (how === 'hold')
    must(
      await supervisor.send('POST', `/stock/v1/lots/${lot.id}/${held ? 'release' : 'hold'}`, {
        body: { reason: 'to be looked at' },
      }),
      200,
    )
  else
    must(
      await supervisor.send('PATCH', `/stock/v1/lots/${lot.id}`, {
        version: lot.version,
        body: { expiresOn: held ? null : '2026-01-31' },
      }),
      200,
    )
  if (held) model.withheld.delete(name)
  await settle(worker, `${how} of ${name}`, held ? undefined : withhold(model, sku, code, how))
}
