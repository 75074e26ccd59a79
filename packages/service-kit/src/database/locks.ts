/**
 * Every advisory lock: what its holder keeps others from, and its key, as SQL. Who needs a lock adds it here, and nowhere else is a
 * key made: `tests/architecture/locks.test.ts` reads the sources. Locks hold within one database, and processes of two
 * versions may run side by side: a key that has been released stays as it is.
 */

/** Key of a lock that there is once. */
const once = (name: string, seed: number): string => `hashtextextended('${name}', ${String(seed)})`
/** Keys of locks of which there is one for each name; the seed keeps them apart from those of other families. */
const each = (seed: number) => (name: string) => `hashtextextended(${name}, ${String(seed)})`
/** The same in 32 bits, as some were made first. */
const onceIn32 = (name: string): string => `hashtext('${name}')`

/** Locks of the kit, in the database of each service. */
export const kitLocks = {
  /** One process migrates at a time. The key is Prisma's own, so that its engine waits as well. */
  migration: '72707369',
  /** One process carries the outbox to the bus. */
  relay: once('stockline relay', 0),
  /** One reconciliation at a time. */
  reconcile: once('stockline reconcile', 0),
  /** Of two messages at one place neither hides the other in quarantine. */
  quarantine: once('kit.quarantine', 4),
  /** One transaction at a time takes events of a stream; the argument is an expression that gives its name. */
  stream: each(1),
  /** One at a time applies what is parked behind one another, or parks more behind it. */
  parkKey: each(2),
  /** Shared by who brings what others wait for; who looks again whether it has come waits for them to end. */
  wake: each(3),
} as const

/** Locks in the database of the embedded bus. Members of a group hold two keys of 32 bits: the group, and what it is about. */
export const busLocks = {
  /** One process brings the log's tables up to date at a time. */
  migration: '7270736',
  /** A partition has one reader in each group, by the partition's id. Members see each other by topics: from here on, by the topic's id. */
  firstTopic: 1_000_000_000,
} as const

/** Locks of the services, each in its own database. */
export const serviceLocks = {
  identity: {
    /** There is one first administrator. */
    firstAdministrator: onceIn32('identity.first-administrator'),
    /** One process rotates the signing keys at a time. */
    signingKeys: onceIn32('identity.signing-keys'),
  },
  stock: {
    /** A code belongs to one product or location. */
    barcodes: onceIn32('stock.barcodes'),
    /** Virtual locations are made once. */
    virtualLocations: onceIn32('stock.virtual-locations'),
    /** A unit's reference does not change while a unit is made that rests on it. */
    unitReferences: onceIn32('stock.unit-references'),
    /** A SKU is made once; the argument is an expression that gives `stock.product:` and the SKU. */
    sku: (name: string): string => `hashtext(${name})`,
  },
  picking: {
    /** Exclusive for a transaction that brings a product or unit; shared for one that waits until none brings it. */
    arrival: each(11),
  },
} as const

/**
 * The key of a request's Idempotency-Key in its service's database: 64 bits of a digest. It might meet another one by chance,
 * which costs a refusal, with the advice to try again.
 */
export function requestLock(digest: Buffer): bigint {
  return digest.readBigInt64BE(0)
}
