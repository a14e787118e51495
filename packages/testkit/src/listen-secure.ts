import type { RequestListener } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'

/**
 * Made for tests and signed by itself: pass it as the CA of a client. For localhost, 127.0.0.1, ::1, `*.example.test`
 * and `*.api.example.test`, until 2126.
 */
export const testCertificate: string = `-----BEGIN CERTIFICATE-----
MIIB6zCCAZGgAwIBAgIUKsWptXExcPI9yyKA55l22cXj4SswCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwObGF0Y2hrZXkgdGVzdHMwIBcNMjYxMTIyMDg0ODU5WhgPMjEy
NjEwMjkwODQ4NTlaMBkxFzAVBgNVBAMMDmxhdGNoa2V5IHRlc3RzMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEqOjjhj5dDzpXvr9vBPCytmPyov+UVLDe5GzAtozY
HOPWDJWzM2g9CaN634SSHzx0k3yP64C+JMdipqIG4merBaOBtDCBsTAdBgNVHQ4E
FgQU0fz79AaFZnjRAhF8wuYTPJCvWoAwHwYDVR0jBBgwFoAU0fz79AaFZnjRAhF8
wuYTPJCvWoAwDwYDVR0TAQH/BAUwAwEB/zBeBgNVHREEVzBVgglsb2NhbGhvc3SH
BH8AAAGHEAAAAAAAAAAAAAAAAAAAAAGCDGV4YW1wbGUudGVzdIIOKi5leGFtcGxl
LnRlc3SCEiouYXBpLmV4YW1wbGUudGVzdDAKBggqhkjOPQQDAgNIADBFAiEAopwl
9qVvJiTFYvDkmtkJDEbBn5SdbYuUzgWRG8x69zsCIAQJVMelsdw6JmqB8xsUrxJj
tadaOmGVcECjMTQ+Drza
-----END CERTIFICATE-----`

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghfMSB3ldXxfTEsIk
TbEvJPNoHbaspy/Mic4UYWyCpduhRANCAASo6OOGPl0POle+v28E8LK2Y/Ki/5RU
sN7kbMC2jNgc49YMlbMzaD0Jo3rfhJIfPHSTfI/rgL4kx2KmogbiZ6sF
-----END PRIVATE KEY-----`

/** A server with TLS on loopback, for HTTP/2 and 1.1. */
export interface ListeningSecure {
  /** `https://127.0.0.1:PORT`. */
  readonly origin: string
  close(): Promise<void>
}

/** Starts one, at a port the kernel chose. */
export async function listenSecure(makeHandler: (origin: string) => RequestListener): Promise<ListeningSecure> {
  const server = createSecureServer({ key, cert: testCertificate, allowHTTP1: true })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on('request', makeHandler(origin) as never)
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return { origin, close }
}
