/** The endpoints of picking's documents: those of any document, with decisions that are carried out as picking does. */
import { endpointsOf, type AnyDocument, type Making, type Shown, type StepDeclaration } from '@stockline/documents'
import type { z } from 'zod'
import type { Route, Tx } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import type { Named } from '../products/product.actions.ts'
import { carryOut, type Command } from './document.command.actions.ts'
import { createByHand, type ByHand } from './document.hand.actions.ts'
import type { CarriedKind } from './document.save.actions.ts'
import { reasonBody } from './document.shapes.actions.ts'
import type { JudgedStore } from './document.stored.actions.ts'

/** A step on a document that is there. */
interface Step<Document, Body, KindEvent, Answer, Also = unknown>
  extends Command<Document, Body, KindEvent, Also>, StepDeclaration<Body, Answer, Tx['prisma']> {}

/** How a person makes a document, without an order. */
interface Make<Document, Body, Place, Answer>
  extends ByHand<Document, Body, Place>, Making<Body, Answer, Tx['prisma']> {}

/** The endpoints of a kind: whole, or for the kind to complete with what is its own. */
export function documentEndpoints<
  Document extends AnyDocument,
  KindEvent,
  Answer extends { readonly id: string; readonly status: string },
  Row extends { readonly id: string; readonly sortedBy: string },
  Item,
>(kind: CarriedKind<Document, KindEvent, JudgedStore<Document, Row>>, shownAs: Shown<Document, Answer, Row, Item>) {
  const {
    list,
    show,
    make: makeAlone,
    step: anyStep,
    posting,
    change,
    answer,
  } = endpointsOf({ kind, model: 'stockpicking', scopeOf }, shownAs)
  const step = <Body, Also = unknown>({
    decide,
    names,
    places,
    also,
    ...declared
  }: Step<Document, Body, KindEvent, Answer, Also>): Route => {
    const decided = { decide, ...(names && { names }), ...(places && { places }), ...(also && { also }) }
    return anyStep({ ...declared, run: (tx: Tx, requests) => carryOut(tx, kind, decided, requests) })
  }

  return {
    list,
    show,
    /** Makes one by hand. */
    make: <Body extends { readonly lines: readonly Named[] }, Place>({
      placeFor,
      draft,
      ...declared
    }: Make<Document, Body, Place, Answer>): Route =>
      makeAlone({
        ...declared,
        run: (tx: Tx, { body, actor }) => createByHand(tx, kind, { placeFor, draft }, body, actor),
      }),
    /** Makes one by an action of its own. */
    makeAlone,
    /** A step that a decision makes. */
    step,
    /** A step with an action of its own. */
    anyStep,
    /** A step in which people on the floor enter what they counted or picked. */
    enter: <Body>(declared: Omit<Step<Document, Body, KindEvent, Answer>, 'method' | 'right'>): Route =>
      step({ ...declared, method: 'patch', right: 'stockpicking.write' }),
    posting,
    /** Cancels one. @param begun what a supervisor alone still cancels: `count it` */
    cancel: (begun: string, decide: Command<Document, z.output<typeof reasonBody>, KindEvent>['decide']): Route =>
      step({
        path: `/v1/${kind.many}/:id/cancel`,
        right: `${kind.one}.cancel`,
        summary: `Cancels a ${kind.one}; once somebody has begun to ${begun}, that takes a supervisor`,
        body: reasonBody,
        decide,
      }),
    change,
    answer,
  }
}
