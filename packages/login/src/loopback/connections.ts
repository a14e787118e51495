import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** A browser opens six connections to a host, and a few more in advance. */
const mostConnections = 64

/**
 * Keeps the connections of a server few: the oldest one goes for the newest. A cap that turned the newest away would
 * let whoever opens many lock the browser out.
 */
export function limitConnections(server: Server): void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size > mostConnections) oldest?.destroy()
  })
}
