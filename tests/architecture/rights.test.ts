import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { accessRights, groups, knownRights, mayDo, namedActions, scopes, type Holder } from '@stockline/contracts'
import { clientFor } from '@stockline/test-kit'
import { openService, tokenOf, type OpenService } from '@stockline/test-kit/service'
import { allRoutes, declaredBy, wiringOf, type RouteLine } from '../../tools/generate/routes.ts'
import { serviceNames } from '../../tools/start/settings.ts'

const routes = await allRoutes()
const endpoint = ({ method, path }: RouteLine): string => `${method.toUpperCase()} ${path}`

/** Who asks, and with what claims in the token. */
const holders: readonly (readonly [name: string, holder: Holder, claims: object])[] = [
  ...Object.entries(groups).map(([name, group]) => [name, holderOf([group], []), { groups: [group] }] as const),
  ['nobody in a group', holderOf([], []), { groups: [] }] as const,
  ...scopes.map((scope) => [`client with ${scope}`, holderOf([], [scope]), { scope }] as const),
  ['client without a scope', holderOf([], []), { scope: '' }] as const,
]

function holderOf(ofGroups: readonly string[], ofScopes: readonly string[]): Holder {
  return { groups: ofGroups, scopes: ofScopes }
}

describe('rights of endpoints', () => {
  test.each(routes.map((route) => [`${route.service}: ${endpoint(route)}`, route.right] as const))(
    '%s names a right that exists',
    (_endpoint, right) => {
      expect(() => mayDo(holderOf([], []), right)).not.toThrow()
    },
  )

  test('only these are open to everybody', () => {
    const open = routes.filter(({ right }) => right === 'public').map((route) => `${route.service}: ${endpoint(route)}`)
    expect(open.sort()).toEqual([
      'identity: GET /.well-known/jwks.json',
      'identity: POST /v1/first-administrator',
      'identity: POST /v1/sessions',
      'identity: POST /v1/sessions/refresh',
      'identity: POST /v1/tokens',
    ])
  })

  test('every endpoint is there once', () => {
    const names = routes.map((route) => `${route.service}: ${endpoint(route)}`)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  test('a first answer about a place is judged anew before it is given again', async () => {
    // What these answer is shown to everybody who has the right, wherever they act.
    // Valuation knows no locations: its rights alone decide, and they are judged anew for each repeat.
    const everywhere = [
      'stock: PUT /v1/users/:id/locations',
      'valuation: POST /v1/parked-documents/:input/discard',
      'valuation: POST /v1/parked-documents/:input/release',
    ]
    const scoped = [groups.user, groups.supervisor].map((group) => holderOf([group], []))
    const declared = await Promise.all(
      serviceNames.map(async (name) => {
        const { wiring, parts } = await declaredBy(name)
        return wiring
          .routes(parts)
          .map((route) => [`${name}: ${route.method.toUpperCase()} ${route.path}`, route] as const)
      }),
    )
    const unjudged = declared
      .flat()
      .filter(([, route]) => route.kind === 'command' && route.idempotency === 'required')
      .filter(([, { right }]) => scoped.some((holder) => mayDo(holder, right)))
      .filter(([, route]) => route.within === undefined && route.again === undefined)
    expect(unjudged.map(([name]) => name).sort()).toEqual(everywhere)
  })

  test('R5: nobody writes quants or moves: only the ledger does', () => {
    const writing = ['stockquant', 'stockmove'].flatMap((model) =>
      ['write', 'create', 'unlink'].map((permission) => `${model}.${permission}`),
    )
    for (const right of writing)
      for (const [, holder] of holders) expect([right, mayDo(holder, right)]).toEqual([right, false])
    expect(routes.filter(({ right }) => writing.includes(right))).toEqual([])
  })

  test('R2: a higher inventory group has every right of the lower', () => {
    const has = (group: string): string[] => knownRights.filter((right) => mayDo(holderOf([group], []), right))
    const [user, supervisor, manager] = [has(groups.user), has(groups.supervisor), has(groups.manager)]
    expect(user.filter((right) => !supervisor.includes(right))).toEqual([])
    expect(supervisor.filter((right) => !manager.includes(right))).toEqual([])
  })

  test('the administrator has no right over stock', () => {
    const own = ['user', 'group', 'client']
    const models = new Set(accessRights.map(({ model }) => model).filter((model) => !own.includes(model)))
    const actions = namedActions.filter(({ group }) => group !== groups.administrator).map(({ action }) => action)
    const over = knownRights.filter((right) => models.has(right.split('.')[0] ?? '') || actions.includes(right))
    const administrator = holderOf([groups.administrator], [])
    expect(over.filter((right) => mayDo(administrator, right))).toEqual([])
  })
})

/**
 * Every cell asked of the running services. Requests carry nothing but a token, so nothing is changed: whoever has the
 * right is told that the key is missing, the thing unknown or the body wrong; whoever has not is told just that.
 */
describe.each([...serviceNames])('the matrix, asked of the running %s', (name) => {
  const own = routes.filter(({ service }) => service === name)
  let open: OpenService<unknown>

  beforeAll(async () => {
    open = await openService(await wiringOf(name))
  })
  afterAll(() => open.stop())

  test.each(own.map((route) => [endpoint(route), route.right, route] as const))(
    '%s (%s): 403 exactly to whom the table gives no right',
    async (_endpoint, right, route) => {
      const answers = await Promise.all(
        holders.map(async ([who, holder, claims]) => {
          const status = await ask(route, tokenFor(claims))
          return [
            who,
            status === 403 ? 'no' : status === 401 || status >= 500 ? String(status) : 'yes',
            holder,
          ] as const
        }),
      )
      const said = answers.map(([who, answer]) => [who, answer])
      expect(said).toEqual(answers.map(([who, , holder]) => [who, mayDo(holder, right) ? 'yes' : 'no']))
    },
  )

  test.each(own.filter(({ right }) => right !== 'public').map((route) => [endpoint(route), route] as const))(
    '%s asks for a token',
    async (_endpoint, route) => {
      expect(await ask(route, undefined)).toBe(401)
    },
  )

  /** Asks with no body, no key and no version. */
  async function ask({ method, path }: RouteLine, token: string | undefined): Promise<number> {
    const address = path.replaceAll(/:(\w+)/g, randomUUID())
    const verb = method.toUpperCase()
    const headers = { 'idempotency-key': '' }
    const reply = await clientFor(open.service.url, token).send(verb, address, verb === 'GET' ? {} : { headers })
    return reply.status
  }

  function tokenFor(claims: object): string {
    const session = 'groups' in claims ? { sid: randomUUID() } : {}
    return tokenOf({ sub: randomUUID(), name: 'Somebody', ...session, ...claims })
  }
})
