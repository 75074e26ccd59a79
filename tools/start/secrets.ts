/** Secrets of an installation: made at random once, and stored in its data folder. */
import { z } from 'zod'
import { type DataFolder, recall, remember } from './data-folder.ts'
import type { DemoSecrets, IdentitySecrets } from './services.ts'
import { freshSecret, type Seed, type Settings } from './settings.ts'

const demoShape = z.object({ password: z.string(), clientSecret: z.string() })
const sealsShape = z.object({ firstAdministratorCode: z.string(), keyEncryptionSecret: z.string() })

/** The secrets for identity's environment; made where the folder does not have them yet. */
export function knownSecrets(
  folder: DataFolder,
  settings: Settings,
  seed: Seed,
  say: (line: string) => void,
): IdentitySecrets {
  const known = recall(folder, 'secrets.json', sealsShape)
  const seals = known ?? { firstAdministratorCode: freshSecret(9), keyEncryptionSecret: freshSecret(32) }
  if (known === undefined) remember(folder, 'secrets.json', seals)
  return { demo: seed === 'demo' ? demoSecrets(folder, settings, say) : undefined, ...seals }
}

function demoSecrets(folder: DataFolder, settings: Settings, say: (line: string) => void): DemoSecrets {
  const known = recall(folder, 'demo.json', demoShape)
  if (known !== undefined) {
    const { demoPassword, demoClientSecret } = settings
    const late = [
      ...(demoPassword !== undefined && demoPassword !== known.password ? ['DEMO_PASSWORD'] : []),
      ...(demoClientSecret !== undefined && demoClientSecret !== known.clientSecret ? ['DEMO_CLIENT_SECRET'] : []),
    ]
    if (late.length > 0) say(`${late.join(' and ')} only counts on an empty data folder: the logins stay as they were`)
    return known
  }
  const made = {
    password: settings.demoPassword ?? freshSecret(9),
    clientSecret: settings.demoClientSecret ?? freshSecret(),
  }
  remember(folder, 'demo.json', made)
  return made
}
