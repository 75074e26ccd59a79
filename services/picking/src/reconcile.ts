/** `node services/picking/src/reconcile.ts`: puts picking right after its database fell back. See docs/operations.md. */
import { reconcileService } from '@stockline/service-kit'
import { picking } from './app.ts'
import { restorePicking } from './restoring/restore.actions.ts'

await reconcileService(picking, restorePicking)
