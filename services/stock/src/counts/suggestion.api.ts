/** What to count next, and what counts have shown, over HTTP. */
import { abcClass, values } from '@stockline/contracts'
import { isWithin } from '@stockline/contracts/locations'
import { formatQuantity } from '@stockline/amounts'
import { listQuery, query, refuse, timeOfDay } from '@stockline/service-kit'
import { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database } from '../database.ts'
import { accuracyOf, accuracyOfAll } from './accuracy.ts'
import { findZone } from './plan.store.ts'
import { scoreOf, valueOnHand } from './score.ts'
import { findCandidates, findCounted, mostCompared } from './suggestion.store.ts'

const { locationCode, sinceTime, untilTime } = values

const suggestionsAnswer = z
  .object({
    items: z.array(
      z.object({
        sku: z.string(),
        location: z.string(),
        abcClass,
        onHand: z.string(),
        unit: z.string(),
        score: z.int().meta({ description: '0 to 1,000: the sum of the parts.' }),
        parts: z.object({
          since: z.object({ points: z.int(), days: z.int().nullable(), lastCountedAt: z.iso.datetime().nullable() }),
          value: z.object({ points: z.int() }),
          differences: z.object({ points: z.int(), count: z.int() }),
          moves: z.object({
            points: z.int(),
            count: z.int().meta({ description: 'At most 50, among the latest 500 moves of the product.' }),
          }),
        }),
      }),
    ),
  })
  .meta({ id: 'CountSuggestions' })

const shares = {
  places: z.int().meta({ description: 'Products at places that have stock now.' }),
  covered: z.int().meta({ description: 'Those of them that were counted.' }),
  coverage: z.string().nullable().meta({ description: 'In percent; null where there is nothing.' }),
  lines: z.int().meta({ description: 'Lines that were counted.' }),
  exact: z.int().meta({ description: 'Those of them without a difference.' }),
  accuracy: z.string().nullable().meta({ description: 'In percent; null where nothing was counted.' }),
}
const accuracyAnswer = z
  .object({ zone: z.string(), ...shares, byClass: z.array(z.object({ abcClass, ...shares })) })
  .meta({ id: 'CountAccuracy' })

const unknownZone = refuse('location-unknown', 'unknown', 'There is no such zone among your locations.')

/** The zone, if it is known and touches the scope. */
async function zoneWithin(db: Database, zone: string, scope: readonly string[] | null): Promise<boolean> {
  if (!isWithin(scope, zone) && scope?.some((code) => isWithin([zone], code)) !== true) return false
  return (await findZone(db, zone)) !== null
}

/** Reports of counts. */
export const suggestionRoutes = [
  query({
    path: '/v1/count-suggestions',
    right: 'cost.read',
    summary: 'Suggests what to count next in a zone, by a score whose parts are shown',
    description:
      'Up to 400 points for the time since the last count (all after a year, or where there was none), 300 for the value on hand, as a share of the highest in the zone (all where nobody knows what one costs), 200 for differences within a year (50 for each), 100 for moves since the last count (2 for each).',
    alsoAnswers: [404],
    query: listQuery({ zone: locationCode, abcClass: abcClass.optional() }).omit({ cursor: true }),
    answers: suggestionsAnswer,
    run: async (db: Database, { query: { zone, abcClass: only, limit }, actor }) => {
      const scope = await scopeOf(db, actor)
      if (!(await zoneWithin(db, zone, scope))) return unknownZone
      const candidates = await findCandidates(db, zone, scope, only, new Date(timeOfDay()))
      if (candidates.length > mostCompared) return tooManyCompared
      const highest = candidates.reduce((most, one) => {
        const value = valueOnHand(one) ?? 0n
        return value > most ? value : most
      }, 0n)
      const scored = candidates.map((one) => ({ ...one, points: scoreOf(one, highest) }))
      scored.sort((a, b) => b.points.score - a.points.score || compare(a.location, b.location) || compare(a.sku, b.sku))
      return { items: scored.slice(0, limit).map(suggested) }
    },
  }),
  query({
    path: '/v1/count-accuracy',
    right: 'stockcount.read',
    summary: 'Reports what of a zone was counted in a period, and how much of it was right',
    description:
      'Of sheets that are done. A submitted one may be counted again: its lines are in the report once its adjustments are posted or rejected, by when each was counted. A line differs where what was counted is not what was expected, also where a supervisor rejects the difference.',
    alsoAnswers: [404],
    query: z.object({ zone: locationCode, since: sinceTime.optional(), until: untilTime.optional() }),
    answers: accuracyAnswer,
    run: async (db: Database, { query: { zone, since, until }, actor }) => {
      const scope = await scopeOf(db, actor)
      if (!(await zoneWithin(db, zone, scope))) return unknownZone
      const classes = await findCounted(db, zone, scope, { since, until })
      return {
        zone,
        ...accuracyOfAll(classes),
        byClass: classes.map((one) => ({ abcClass: one.abcClass, ...accuracyOf(one) })),
      }
    },
  }),
]

const tooManyCompared = refuse(
  'zone-too-large',
  'content',
  'More than 50,000 products at places would be compared: name a smaller zone or a class.',
  [{ pointer: '?zone', message: 'is too large' }],
)

function suggested({
  points,
  sku,
  location,
  abcClass: ofProduct,
  unit,
  onHand,
  ...facts
}: Awaited<ReturnType<typeof findCandidates>>[number] & { readonly points: ReturnType<typeof scoreOf> }) {
  const lastCountedAt = facts.lastCountedAt?.toISOString() ?? null
  return {
    ...{ sku, location, abcClass: ofProduct, unit, onHand: formatQuantity(onHand), score: points.score },
    parts: {
      since: { points: points.since, days: facts.daysSince, lastCountedAt },
      value: { points: points.value },
      differences: { points: points.differences, count: facts.differences },
      moves: { points: points.moves, count: facts.movesSince },
    },
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
