import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

// Made for these tests: signed by itself, so that nobody trusts it. Good for 127.0.0.1, until 2126.
export const key: string = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfT890QUxqJOFzLU4
vHjBkfUKyG57Wxie3QU1TnO5L2WhRANCAARs2s3nQal8tZCDwLuhvaO6Yh6cw7z/
SllFfwT2z6X8ki53FUKsYc4EhWtP1FX/LbXRUPtouY4TTGOKZ0ELrqk8
-----END PRIVATE KEY-----`
export const cert: string = `-----BEGIN CERTIFICATE-----
MIIBkTCCATagAwIBAgIUGGgT807CKxWy67jOJaHUUOpRJakwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMjA4MjI0MloYDzIxMjYxMDI5
MDgyMjQyWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARs2s3nQal8tZCDwLuhvaO6Yh6cw7z/SllFfwT2z6X8ki53FUKsYc4E
hWtP1FX/LbXRUPtouY4TTGOKZ0ELrqk8o2QwYjAdBgNVHQ4EFgQU6vcfql8I3Wce
WVB/MuX/TkUWNpswHwYDVR0jBBgwFoAU6vcfql8I3WceWVB/MuX/TkUWNpswDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYC
IQDcevy3uDTp3A5l98HZt8NSxzfq5H3ejqUV4Iq7zUeJfQIhAMmoHtcT+CLLsKML
APsHRVpbQZq6E7rexewvmRwTvzVR
-----END CERTIFICATE-----`

/** A server on loopback that nobody can trust. */
export interface SelfSigned {
  readonly origin: string
  /** Requests that got as far as HTTP. */
  readonly requests: number
  close(): Promise<void>
}

export async function selfSigned(): Promise<SelfSigned> {
  let requests = 0
  const server = createServer({ key, cert }, (_, response) => {
    requests += 1
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
