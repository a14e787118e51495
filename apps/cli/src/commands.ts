import type { Command } from './command.ts'

/** A command in the list of commands; what it does is loaded when it is run. */
export interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<Command>
  /** Whether it is one of those for openEO back-ends, which the help lists by themselves. */
  readonly openeo?: true
  /** Whether it is for other programs to call; the help has a line for all of them. */
  readonly helper?: true
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
  | 'oidc-auth'
  | 'add-oidc'
  | 'add-basic'
  | 'config-dump'
  | 'config'
  | 'config-remove'
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
  | 'paths'

const configDump = async (): Promise<Command> => (await import('./commands/config-dump.ts')).configDump
const tokenDump = async (): Promise<Command> => (await import('./commands/token-dump.ts')).tokenDump

export const commands: Readonly<Record<CommandName, CommandEntry>> = {
  login: {
    summary: 'Log in; the login renews itself.',
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
  'oidc-auth': {
    summary: 'Log in at the provider of a back-end.',
    load: async () => (await import('./commands/oidc-auth.ts')).oidcAuth,
    openeo: true,
  },
  'add-oidc': {
    summary: 'Store a provider and client for a back-end.',
    load: async () => (await import('./commands/add-oidc.ts')).addOidc,
    openeo: true,
  },
  'add-basic': {
    summary: 'Store a user and password for a back-end.',
    load: async () => (await import('./commands/add-basic.ts')).addBasic,
    openeo: true,
  },
  'config-dump': { summary: 'Print what is stored for back-ends, redacted.', load: configDump, openeo: true },
  config: { summary: 'The same.', load: configDump, openeo: true, aliasOf: 'config-dump' },
  'config-remove': {
    summary: 'Remove what is stored for a back-end.',
    load: async () => (await import('./commands/config-remove.ts')).configRemove,
    openeo: true,
  },
  'token-dump': { summary: 'Print the refresh tokens, redacted.', load: tokenDump, openeo: true },
  tokens: { summary: 'The same.', load: tokenDump, openeo: true, aliasOf: 'token-dump' },
  'token-clear': {
    summary: 'Remove logins here, without revoking them.',
    load: async () => (await import('./commands/token-clear.ts')).tokenClear,
    openeo: true,
  },
  paths: {
    summary: 'Show where the files are.',
    load: async () => (await import('./commands/paths.ts')).paths,
    openeo: true,
  },
  'git-credential': {
    summary: 'Answer git, which asks for a password.',
    load: async () => (await import('./commands/git-credential.ts')).gitCredential,
    helper: true,
  },
  'kubectl-credential': {
    summary: 'Answer kubectl, which asks for a token.',
    load: async () => (await import('./commands/kubectl-credential.ts')).kubectlCredential,
    helper: true,
  },
  'docker-credential': {
    summary: 'Answer docker, which asks for a password.',
    load: async () => (await import('./commands/docker-credential.ts')).dockerCredential,
    helper: true,
  },
  completion: {
    summary: 'Print what completes commands in bash, zsh or fish.',
    load: async () => (await import('./commands/completion.ts')).completion,
    helper: true,
  },
}

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word)
}
