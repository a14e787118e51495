import { isNoBrowser, isTextual, isWsl } from '../browser/browser-commands.ts'

/** What tells whether a browser that we open appears before the person, and can reach us. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** What was asked for with `--browser`. */
  readonly browser?: string | undefined
}

const has = (env: Surroundings['env'], ...names: readonly string[]): string | undefined =>
  names.find((name) => env[name] !== undefined && env[name] !== '')

/** Why there is no local browser, for a person to read; `undefined` where there is one. */
export function noLocalBrowser({ env, platform, browser }: Surroundings): string | undefined {
  const wanted = browser ?? env['BROWSER'] ?? ''
  if (isNoBrowser(wanted)) return 'no browser is wanted'
  // Editors that work on another machine set it to a helper that opens the near one, and forward our port.
  if (browser !== undefined || wanted.split(':').some((one) => one !== '' && !isTextual(one.trim()))) return undefined
  if (has(env, 'SSH_CONNECTION', 'SSH_CLIENT', 'SSH_TTY')) return 'this is an ssh session'
  if (has(env, 'container', 'KUBERNETES_SERVICE_HOST', 'CODESPACES', 'REMOTE_CONTAINERS')) return 'this is a container'
  if (['darwin', 'win32', 'android'].includes(platform) || isWsl(env)) return undefined
  return has(env, 'DISPLAY', 'WAYLAND_DISPLAY') ? undefined : 'there is no display'
}

/** Whether a machine runs us unattended: what the services of continuous integration set. */
export function isAutomated(env: Surroundings['env']): boolean {
  return [env['CI'], env['CONTINUOUS_INTEGRATION'], env['BUILD_ID'] && env['JENKINS_URL'], env['TF_BUILD']].some(
    (value) => value !== undefined && !/^(|0|false)$/i.test(value),
  )
}
