/** What service clients ask about: the systems that they speak for. */
import { refuse, type Refusal } from '../refusal.ts'
import type { Actor } from './endpoint.declarations.ts'

/**
 * The source that a service client asks about. It must be one that the client speaks for, and need not be named where that is one alone.
 *
 * @param asked the query's field, and what stands there
 */
export function ownSource(
  { sources }: Pick<Actor, 'sources'>,
  { name, given }: { readonly name: string; readonly given: string | undefined },
): string | Refusal {
  const pointer = `?${name}`
  if (given !== undefined && sources?.includes(given) === false)
    return refuse(
      'source-forbidden',
      'forbidden',
      `"${given}" is none of this client’s sources. It speaks for ${sources.join(', ')}.`,
      [{ pointer, message: 'is none of this client’s sources' }],
    )
  const [only] = sources?.length === 1 ? sources : []
  const source = given ?? only
  if (source !== undefined) return source
  return refuse(
    'source-missing',
    'content',
    `Name the source of your orders, as your events do: ${pointer}=/erp/purchase.`,
    [{ pointer, message: 'is required of service clients' }],
  )
}
