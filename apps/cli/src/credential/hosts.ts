import type { Arguments, Flag } from '../args.ts'
import { UsageError } from '../usage-error.ts'

export const hostFlag: Flag = { value: 'HOSTS', help: 'Where the token may go, comma separated; nowhere else.' }

/** One host with its port, without a path, as git and docker name it. */
const hostForm = /^(\[[\da-f:.]+\]|[a-z\d]([a-z\d.-]*[a-z\d])?)(:\d{1,5})?$/

/**
 * The hosts of `--host`, lower case.
 *
 * @throws UsageError for none, and for what is no host
 */
export function allowedHosts({ values }: Arguments, command: string): readonly string[] {
  const given = values.get('host')
  if (given === undefined) {
    throw new UsageError(`Where may the token go? Say it with --host=HOST: without, it goes nowhere.`, { see: command })
  }
  const hosts = given.split(',').map((host) => host.trim().toLowerCase())
  const wrong = hosts.find((host) => !hostForm.test(host))
  if (wrong === undefined) return hosts
  throw new UsageError(`"${wrong}" is no host: --host takes names as in git.example.org or git.example.org:8443.`)
}

/** Whether a host is one of them: the port counts, but for 443, which is what https means anyway. */
export function isAllowed(host: string, allowed: readonly string[]): boolean {
  const plain = (name: string): string => name.toLowerCase().replace(/:443$/, '')
  return allowed.some((one) => plain(one) === plain(host))
}
