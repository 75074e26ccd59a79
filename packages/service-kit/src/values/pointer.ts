/** Where a wrong field stands, as errors name it. Pure. */
import { cut } from './bounds.ts'

/** A name within a pointer is cut here: it is the caller's, and as long as the body if they want. */
const maxNameLength = 128

/** A JSON pointer (RFC 6901): empty for the whole body. Names of more than 128 characters are cut. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${nameIn(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** A parameter of the query: `?limit`. */
export function queryPointer(path: readonly PropertyKey[]): string {
  return `?${path.map(nameIn).join('.')}`
}

function nameIn(part: PropertyKey): string {
  return cut(String(part), maxNameLength)
}
