/** What identity publishes on the bus. It reacts to no events. */
import { identitySessionRevoked, identityUserChanged, topics } from '@stockline/contracts'

/** Events that identity publishes. */
export const publishes = [identityUserChanged, identitySessionRevoked]

/** Topics that identity needs. */
export const busTopics = topics.filter((topic) => publishes.some((each) => each.topics.includes(topic.name)))
