/** What identity says on the bus. It listens to nobody. */
import { identitySessionRevoked, identityUserChanged, topics } from '@stockline/contracts'

/** Events that identity publishes. */
export const publishes = [identityUserChanged, identitySessionRevoked]

/** Topics that identity needs. */
export const busTopics = topics.filter((topic) => publishes.some((each) => each.topics.includes(topic.name)))
