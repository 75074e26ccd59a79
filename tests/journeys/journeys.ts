/** The flows of the source document over the whole system, on one bus. Each title begins with the row that it shows. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { checkInvariants } from '../../tools/invariants/check.ts'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { accessJourneys } from './access.ts'
import { adjustmentJourneys } from './adjustments.ts'
import { countJourneys } from './counts.ts'
import { movingCountJourneys } from './counts-moving.ts'
import { detailJourneys } from './details.ts'
import { deliveryJourneys } from './deliveries.ts'
import { lotJourneys } from './lots.ts'
import { messageJourneys } from './messages.ts'
import { modelJourneys } from './models.ts'
import { placeJourneys } from './places.ts'
import { producerJourneys } from './producers.ts'
import { receiptJourneys } from './receipts.ts'
import { reservationJourneys } from './reservations.ts'
import { runModel } from '../model/run.ts'
import type { Fixture } from './fixture.ts'
import { packingJourneys } from './packing.ts'
import { scopeJourneys } from './scope.ts'
import { statusJourneys } from './status.ts'
import { stockJourneys } from './stock.ts'
import { transferJourneys } from './transfers.ts'

/** Repeats the operations that are drawn. */
const modelSeed = 20_261_130

/**
 * Registers all journeys on one bus.
 *
 * @param brokers gives the Kafka to use, or undefined for the embedded bus
 */
export function describeJourneys(bus: string, brokers: () => Promise<string | undefined>): void {
  describe(`on the ${bus} bus`, () => {
    let system: System | undefined
    const running = (): System => {
      if (system === undefined) throw new Error('the system did not start')
      return system
    }
    beforeAll(async () => {
      const given = await brokers()
      // The prefix of GS1's own examples: packages get an SSCC.
      const environment = { GS1_COMPANY_PREFIX: '9506000' }
      system = await startSystem({ environment, ...(given === undefined ? {} : { brokers: given }) })
    }, 180_000)
    afterAll(async () => {
      await system?.stop()
      await system?.remove()
    })
    const fixture: Fixture = { system: running }
    test('at the first start, with nothing there yet, no service ends and is started again', () => {
      expect(running().said()).not.toMatch(/ended/)
    })
    describe('access', () => accessJourneys(fixture))
    describe('goods receipt', () => receiptJourneys(fixture))
    describe('pick and pack', () => deliveryJourneys(fixture))
    describe('reservations', () => reservationJourneys(fixture))
    describe('internal transfers', () => transferJourneys(fixture))
    describe('places and lots', () => placeJourneys(fixture))
    describe('lots', () => lotJourneys(fixture))
    describe('what orders say besides', () => detailJourneys(fixture))
    describe('stock', () => stockJourneys(fixture))
    describe('adjustments', () => adjustmentJourneys(fixture))
    describe('stock statuses', () => statusJourneys(fixture))
    describe('counts', () => countJourneys(fixture))
    describe('counts while goods move', () => movingCountJourneys(fixture))
    describe('models', () => modelJourneys(fixture))
    describe('packing', () => packingJourneys(fixture))
    describe('scope', () => scopeJourneys(fixture))
    describe('messages', () => messageJourneys(fixture))
    describe('producers', () => producerJourneys(fixture))

    test('X2: mixed operations leave what a model of their own says', async () => {
      const report = await runModel({ system: running(), operations: 120, seed: modelSeed, workers: 4 })
      expect(report.differences).toEqual([])
    }, 240_000)

    test('every published invariant holds at the end', async () => {
      await checkInvariants(running().dataFolder)
    }, 120_000)
  })
}
