import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { keycloakPlace } from './keycloak-place.ts'

/** A program that tests talk to for real where the machine has it. */
export interface Peer {
  readonly name: string
  /** What is not tested without it, and where it comes from. */
  readonly without: string
  readonly present: () => boolean
}

const runs = (program: string, ...args: string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0

const venv = '/opt/latchkey-venv/bin/python'

/** The Python that has the openEO client, as the tests find it. */
const python = (): string => process.env['LATCHKEY_PYTHON'] ?? (existsSync(venv) ? venv : 'python3')

const findOpeneo = "import sys, importlib.util; sys.exit(importlib.util.find_spec('openeo') is None)"

export const peers: readonly Peer[] = [
  {
    name: 'openEO Python client',
    without: 'shared files with real Python writers (pip install openeo==0.53.0, LATCHKEY_PYTHON=path/to/python)',
    present: () => runs(python(), '-c', findOpeneo),
  },
  {
    name: 'strace',
    without: 'kills at every system call of a write (Linux)',
    present: () => runs('strace', '-f', '-e', 'inject=getpid:error=EPERM', 'true'),
  },
  {
    name: 'faketime',
    without: 'the exact bytes that the Python client writes at a given time',
    present: () => runs('faketime', '2020-01-01 00:00:00', 'true'),
  },
  { name: 'bash', without: 'completion in bash', present: () => runs('bash', '--version') },
  { name: 'zsh', without: 'completion in zsh', present: () => runs('zsh', '--version') },
  { name: 'fish', without: 'completion in fish', present: () => runs('fish', '--version') },
  { name: 'git', without: 'the credential helper of git', present: () => runs('git', '--version') },
  {
    name: 'kubectl',
    without: 'the credential helper of kubectl',
    present: () => runs('kubectl', 'version', '--client'),
  },
  {
    name: 'Chromium',
    without: 'logging in and the pages in a real browser (LATCHKEY_CHROMIUM=path/to/chromium)',
    present: () => existsSync(process.env['LATCHKEY_CHROMIUM'] ?? '/usr/bin/chromium'),
  },
  { name: 'tmux', without: 'prompts in a real terminal', present: () => runs('tmux', '-V') },
  {
    name: 'tmpfs',
    without: 'a full disk (root on Linux, util-linux)',
    present: () => runs('unshare', '--mount', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'),
  },
  {
    name: 'Keycloak',
    without:
      'every grant against a real Keycloak (LATCHKEY_KEYCLOAK=path/to/keycloak-26.5.0, which takes 20 s to start)',
    present: () => keycloakPlace() !== undefined,
  },
]

/** The peers this machine lacks. */
export function absentPeers(): readonly Peer[] {
  return peers.filter((peer) => !peer.present())
}
