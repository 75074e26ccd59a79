import { describe, expect, test } from '@jest/globals'
import { contracts } from '@stockline/contracts'
import { busDeclarations as declared } from '../../tools/generate/bus-declarations.ts'
import { declaredBy } from '../../tools/generate/routes.ts'
import { serviceNames } from '../../tools/start/settings.ts'

const typesOf = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type).sort()

describe.each([...serviceNames])('bus.ts of %s', (name) => {
  const { publishes, listensTo } = declared[name] ?? { publishes: [], listensTo: [] }

  test('publishes exactly the events that the service owns', () => {
    expect(typesOf(publishes)).toEqual(typesOf(contracts.filter(({ owner }) => owner === name)))
  })

  test('listens to exactly what the service reacts to', async () => {
    const { wiring, parts } = await declaredBy(name)
    const reactions = wiring.reactions?.(parts) ?? []
    const heard = reactions.flatMap((reaction) => reaction.contracts)
    expect([...new Set(typesOf(listensTo))]).toEqual([...new Set(typesOf(heard))])
    expect(typesOf(listensTo)).toEqual([...new Set(typesOf(listensTo))])
  })

  test('has all topics that it publishes to or hears', async () => {
    const { wiring } = await declaredBy(name)
    const needed = [...publishes, ...listensTo].flatMap(({ topics }) => topics)
    expect(wiring.topics.map((topic) => topic.name).sort()).toEqual([...new Set(needed)].sort())
  })

  test('compares all that it publishes with the bus before it writes', async () => {
    const { wiring } = await declaredBy(name)
    expect(typesOf(wiring.publishes ?? [])).toEqual(typesOf(publishes))
  })
})

test('every event has a publisher: one of ours, or an outside system', () => {
  const outside = ['purchasing', 'sales', 'catalog']
  const ours = Object.values(declared).flatMap(({ publishes }) => typesOf(publishes))
  const orphans = contracts.filter(({ type, owner }) => !ours.includes(type) && !outside.includes(owner))
  expect(typesOf(orphans)).toEqual([])
})

test('every event of an outside system is heard by somebody', () => {
  const heard = new Set(Object.values(declared).flatMap(({ listensTo }) => typesOf(listensTo)))
  const outside = contracts.filter(({ owner }) => !(owner in declared))
  expect(typesOf(outside).filter((type) => !heard.has(type))).toEqual([])
})
