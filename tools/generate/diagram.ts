/** The diagram of ARCHITECTURE.md: events between services, as their `bus.ts` declare them. */
import type { EventContract } from '../../packages/contracts/src/envelope.ts'

/** What of an event is drawn. */
type DrawnEvent = Pick<EventContract, 'type' | 'owner' | 'topics'>

/** What a service's `bus.ts` declares. */
export interface BusDeclaration {
  readonly publishes: readonly DrawnEvent[]
  readonly listensTo: readonly DrawnEvent[]
}

const outside: readonly [owner: string, name: string][] = [
  ['purchasing', 'purchase system'],
  ['sales', 'sales system'],
  ['catalog', 'product system'],
]

/** @returns a Mermaid flowchart in a fence: one arrow per publisher, reader and topic, named by the topic */
export function diagram(services: Readonly<Record<string, BusDeclaration>>): string {
  const arrows = new Set<string>()
  for (const [reader, { listensTo }] of Object.entries(services))
    for (const event of listensTo)
      for (const publisher of publishersOf(event, services))
        if (publisher !== reader)
          for (const topic of event.topics) arrows.add(`  ${publisher} -- ${topic} --> ${reader}`)
  for (const [publisher, { publishes }] of Object.entries(services))
    for (const event of publishes)
      if (readersOf(event, services).length === 0)
        for (const topic of event.topics) arrows.add(`  ${publisher} -- ${topic} --> others[other systems]`)
  return [
    '```mermaid',
    'flowchart LR',
    ...outside.map(([owner, name]) => `  ${owner}([${name}])`),
    ...Object.keys(services).map((name) => `  ${name}[${name}]`),
    ...[...arrows].sort(),
    '```',
  ].join('\n')
}

function publishersOf(event: DrawnEvent, services: Readonly<Record<string, BusDeclaration>>): string[] {
  const inside = Object.entries(services).filter(([, { publishes }]) =>
    publishes.some((one) => one.type === event.type),
  )
  return inside.length > 0 ? inside.map(([name]) => name) : [event.owner]
}

function readersOf(event: DrawnEvent, services: Readonly<Record<string, BusDeclaration>>): string[] {
  return Object.entries(services)
    .filter(([, { listensTo }]) => listensTo.some((one) => one.type === event.type))
    .map(([name]) => name)
}
