/** Things that another service has: whoever asks here is told where. */
import { z } from 'zod'
import { refuse } from '../refusal.ts'
import type { Route } from './endpoint.ts'
import { query } from './endpoint.ts'

/**
 * Answers 404 for each of these names that is another service's, and says whose. Paths of its own names, spelled out, come before.
 *
 * @param path ends with `:name`
 * @param owners the service that has each
 */
export function foundElsewhere<P>(
  path: `/${string}/:name`,
  { what, owners }: { readonly what: string; readonly owners: Readonly<Record<string, string>> },
): Route<P> {
  return query({
    path,
    right: 'signed-in',
    summary: `Says which service has a ${what}`,
    params: z.object({ name: z.string().max(100) }),
    alsoAnswers: [404],
    answers: z.object({}),
    run: (_db, { params: { name } }) => {
      const owner = Object.hasOwn(owners, name) ? owners[name] : undefined
      const address = path.replace(':name', name)
      const known = Object.keys(owners).join(', ')
      return Promise.resolve(
        owner === undefined
          ? refuse(`${what}-unknown`, 'unknown', `There is no ${what} ${name}. There are ${known}.`)
          : refuse(
              `${what}-elsewhere`,
              'unknown',
              `The service ${owner} has the ${what} ${name}: GET /${owner}${address}.`,
            ),
      )
    },
  })
}
