/** What happened to a document: who, what, when and why. Pure. */

/** A person or a service client; null where the system acted. */
export interface Who {
  readonly id: string
  readonly name: string
}

/** What is to be remembered of one step. */
export interface Note {
  /** A word for programs: `validated`. */
  readonly what: string
  /** For people: the reason given, or what exactly was done. */
  readonly why: string | null
  /** Set where somebody used a manager's right to pass a rule. */
  readonly mark?: 'forced' | null
  /** Null where the system acted; left out where the transaction's own actor did. */
  readonly who?: Who | null
}

/** A step as it is shown. */
export interface HistoryStep {
  readonly at: string
  readonly who: Who | null
  readonly what: string
  readonly why: string | null
  readonly mark: string | null
}

/** The one who asks, as history names people. */
export function whoIs({ id, name }: Who): Who {
  return { id, name }
}

/** The step that a note will be shown as. */
export function stepOf(note: Note, at: Date, actor: Who | null): HistoryStep {
  return {
    at: at.toISOString(),
    who: note.who === undefined ? actor : note.who,
    what: note.what,
    why: note.why,
    mark: note.mark ?? null,
  }
}
