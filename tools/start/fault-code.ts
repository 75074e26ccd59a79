/** The system's code for what went wrong, such as ENOENT; undefined when the error has none. */
export function faultCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
}
