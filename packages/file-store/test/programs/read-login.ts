// Prints the refresh token that is stored.
import { writeSync } from 'node:fs'
import { fileStore } from '@latchkey/file-store'

const login = await fileStore({ path: process.argv[2] }).get({
  issuer: 'https://iam.example.org',
  clientId: 'a-script',
})
writeSync(1, `${login?.refreshToken}\n`)
