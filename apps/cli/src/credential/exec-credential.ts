import { AuthError } from '@latchkey/core'
import { UsageError } from '../usage-error.ts'

/** What kubectl says of itself in `KUBERNETES_EXEC_INFO` (client.authentication.k8s.io, ExecCredential). */
export interface ExecInfo {
  readonly apiVersion: string
  /** Where the token goes; known where the kubeconfig has `provideClusterInfo: true`. */
  readonly server: string | undefined
}

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'] as const

/**
 * Reads it; without it the answer is in the newest version.
 *
 * @throws UsageError for what is no ExecCredential, `UNSUPPORTED` for a version that nobody here knows
 */
export function execInfo(text: string | undefined): ExecInfo {
  if (text === undefined || text === '') return { apiVersion: versions[0], server: undefined }
  const { apiVersion, kind, spec } = (parsed(text) ?? {}) as Record<string, unknown>
  if (kind !== 'ExecCredential') throw new UsageError('KUBERNETES_EXEC_INFO holds no ExecCredential.')
  const version = versions.find((known) => known === apiVersion)
  if (version === undefined) {
    const known = versions.map((name) => name.replace(/^.*\//, '')).join(' and ')
    throw new AuthError('UNSUPPORTED', `kubectl asks for ${String(apiVersion)}; known of it are ${known}.`)
  }
  const server: unknown = (spec as { cluster?: { server?: unknown } } | undefined)?.cluster?.server
  return { apiVersion: version, server: typeof server === 'string' ? server : undefined }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The answer; kubectl keeps the token until its end. */
export function execCredential({ apiVersion }: ExecInfo, token: string, expiresAt: number | undefined): object {
  const end =
    expiresAt === undefined ? {} : { expirationTimestamp: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z') }
  return { apiVersion, kind: 'ExecCredential', status: { token, ...end } }
}
