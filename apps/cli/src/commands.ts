import type { Command } from './command.ts'

/** A command in the list of commands; what it does is loaded when it is run. */
export interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<Command>
  /** Another name of the command that this one stands for. */
  readonly aliasOf?: CommandName
}

/** Every word that may follow `auth`. */
export type CommandName =
  | 'login'
  | 'token'
  | 'header'
  | 'status'
  | 'logout'
  | 'paths'
  | 'config-dump'
  | 'config'
  | 'token-dump'
  | 'tokens'
  | 'token-clear'
  | 'exec'
  | 'decode'
  | 'whoami'
  | 'doctor'
  | 'git-credential'
  | 'kubectl-credential'
  | 'docker-credential'
  | 'completion'

const configDump = async (): Promise<Command> => (await import('./commands/config-dump.ts')).configDump
const tokenDump = async (): Promise<Command> => (await import('./commands/token-dump.ts')).tokenDump

export const commands: Readonly<Record<CommandName, CommandEntry>> = {
  login: {
    summary: 'Log in; the login stays until you log out.',
    load: async () => (await import('./commands/login.ts')).login,
  },
  token: { summary: 'Print a fresh access token.', load: async () => (await import('./commands/token.ts')).token },
  header: {
    summary: 'Print it as a header for curl -H @-.',
    load: async () => (await import('./commands/header.ts')).header,
  },
  status: {
    summary: 'Show the logins and how they are.',
    load: async () => (await import('./commands/status.ts')).status,
  },
  logout: { summary: 'Revoke a login and remove it.', load: async () => (await import('./commands/logout.ts')).logout },
  paths: { summary: 'Show where the files are.', load: async () => (await import('./commands/paths.ts')).paths },
  'config-dump': { summary: 'Print auth-config.json, secrets redacted.', load: configDump },
  config: { summary: 'The same.', load: configDump, aliasOf: 'config-dump' },
  'token-dump': { summary: 'Print refresh-tokens.json, secrets redacted.', load: tokenDump },
  tokens: { summary: 'The same.', load: tokenDump, aliasOf: 'token-dump' },
  'token-clear': {
    summary: 'Remove all logins from this machine, without revoking them.',
    load: async () => (await import('./commands/token-clear.ts')).tokenClear,
  },
  exec: {
    summary: 'Run a command with a fresh token in its environment.',
    load: async () => (await import('./commands/exec.ts')).exec,
  },
  whoami: {
    summary: 'Show whose login it is.',
    load: async () => (await import('./commands/whoami.ts')).whoami,
  },
  decode: {
    summary: 'Show what a token says, unverified.',
    load: async () => (await import('./commands/decode.ts')).decode,
  },
  doctor: {
    summary: 'Find out what is wrong, and how to mend it.',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  'git-credential': {
    summary: 'Answer git, which asks for a password.',
    load: async () => (await import('./commands/git-credential.ts')).gitCredential,
  },
  'kubectl-credential': {
    summary: 'Answer kubectl, which asks for a token.',
    load: async () => (await import('./commands/kubectl-credential.ts')).kubectlCredential,
  },
  'docker-credential': {
    summary: 'Answer docker, which asks for a password.',
    load: async () => (await import('./commands/docker-credential.ts')).dockerCredential,
  },
  completion: {
    summary: 'Print what completes commands in bash, zsh or fish.',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
}

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word)
}
