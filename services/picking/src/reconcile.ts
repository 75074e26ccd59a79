/** `node services/picking/src/reconcile.ts`: puts picking right after its database fell back. See docs/operations.md. */
import { reconcileService } from '@stockline/service-kit'
import { picking } from './app.ts'
import { companyPrefix } from './packages/package.sscc.ts'
import { restorePicking } from './restoring/restore.actions.ts'

const given = process.env['GS1_COMPANY_PREFIX']
const prefix = given !== undefined && companyPrefix.test(given) ? given : undefined
await reconcileService(picking, (config) => restorePicking(config, prefix))
