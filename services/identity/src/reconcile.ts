/** `node services/identity/src/reconcile.ts`: puts identity right after its database fell back. See docs/operations.md. */
import { reconcileService } from '@stockline/service-kit'
import { identity } from './app.ts'
import { restoreUsers } from './users/user.restore.actions.ts'

await reconcileService(identity, () => restoreUsers)
