/** Which connections may be written on: none while nobody knows whether the database fell back. */
import type pg from 'pg'

/** Thrown instead of beginning a transaction. A fault: it passes once the history was compared, or reconciled. */
export class HistoryUnsure extends Error {
  /** As PostgreSQL says that it cannot be worked with now: `isFault` knows it. */
  readonly code = '57P03'
  constructor(sentence: string) {
    super(sentence)
    this.name = 'HistoryUnsure'
  }
}

/** Decides on which connections may be written. */
export interface WriteGate {
  /** Asks a new connection for its history, before anybody uses it. */
  admit(client: pg.ClientBase): Promise<void>
  /** True only for connections of the history that was compared. */
  allows(client: pg.ClientBase): boolean
  readonly isOpen: () => boolean
  /** Why nothing may be written now, in one sentence. */
  refusal(): HistoryUnsure
}
