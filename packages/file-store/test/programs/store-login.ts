// Stores one login of its own.
import { fileStore } from '@latchkey/file-store'

const [path = '', name = ''] = process.argv.slice(2)
await fileStore({ path }).update({ issuer: 'https://iam.example.org', clientId: name }, async () => ({
  refreshToken: `token-of-${name}`,
  tokens: {},
}))
