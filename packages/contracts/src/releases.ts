/** Versions that may run at the same time, on the same bus and the same databases. */

/**
 * The lowest version of the services that may run beside this one, and that may be gone back to. A release that accepts events
 * which that version would put aside names itself here: a test compares the contracts with those that it was released with.
 */
export const lowestBeside = '0.1.0'
