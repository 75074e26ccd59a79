/** Why a process cannot start, in one sentence for a person. Neither a stack nor a secret belongs to it. */
export class CannotStart extends Error {
  /**
   * What the process ends with: 1 when starting it again may help, 2 when a person has to change something first, and
   * its supervisor does not start it again.
   */
  readonly exitCode: 1 | 2

  constructor(sentence: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(sentence, options)
    this.name = 'CannotStart'
    this.exitCode = exitCode
  }
}
