/** Which connections may write: none while it is unknown whether the database fell back. */
import type pg from 'pg'

/** Thrown instead of beginning a transaction. A fault: it passes once the history was compared, or reconciled. */
export class HistoryUnsure extends Error {
  /** PostgreSQL's code for "cannot connect now": `isFault` knows it. */
  readonly code = '57P03'
  constructor(sentence: string) {
    super(sentence)
    this.name = 'HistoryUnsure'
  }
}

/** A connection, with the history that it belongs to once it was admitted. */
export interface AdmittedClient extends pg.ClientBase {
  history?: string
}

/** Decides which connections may write. */
export interface WriteGate {
  /** Reads the history of a new connection, before it is used. */
  admit(client: AdmittedClient): Promise<void>
  /** True only for connections of the history that was compared. */
  allows(client: AdmittedClient): boolean
  readonly isOpen: () => boolean
  /** Why nothing may be written now, in one sentence. */
  refusal(): HistoryUnsure
}
