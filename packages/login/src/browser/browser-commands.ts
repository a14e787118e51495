/** A program and its arguments; never a line for a shell. */
export type Command = readonly [program: string, ...args: string[]]

/** Where a browser is looked for. */
export interface BrowserPlace {
  /** What the person asked for: a name, or a command in which `%s` stands for the address. */
  readonly browser?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
}

/** Whether a command is a browser of the terminal itself, which we do not hand over. */
export const isTextual = (command: string): boolean =>
  /(^|[/\\])(w3m|lynx|e?links2?|browsh|www-browser)(\s|$)/.test(command)

/** Whether `--browser` or `$BROWSER` says: none. */
export const isNoBrowser = (text: string): boolean => /^(none|false|0)$/i.test(text.trim())

/** The words of a command as a person writes them: quotes keep blanks together, and nothing else means anything. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  )
}

function commandOf(text: string, url: string): Command | undefined {
  const [program, ...args] = wordsOf(text.replace(/&\s*$/, ''))
  if (program === undefined || isTextual(program)) return undefined
  const filled = args.map((word) => word.replace(/%([s%])/g, (_, sign) => (sign === 's' ? url : '%')))
  return [program, ...filled, ...(/%s/.test(args.join(' ')) ? [] : [url])]
}

/** The commands in `$BROWSER`: a list, best first, of which some may be for the terminal. */
function fromEnvironment({ env, platform }: BrowserPlace, url: string): Command[] {
  const listed = (env['BROWSER'] ?? '').split(platform === 'win32' ? ';' : ':')
  return listed.map((text) => commandOf(text, url)).filter((command) => command !== undefined)
}

/** A browser by its name is an application, not a program, on a Mac. */
function asked(text: string, platform: NodeJS.Platform, url: string): Command[] {
  const application: Command = ['open', '-a', text, url]
  const command = commandOf(text, url)
  return [
    ...(platform === 'darwin' && !/[/%]/.test(text) ? [application] : []),
    ...(command === undefined ? [] : [command]),
  ]
}

export const isWsl = (env: BrowserPlace['env']): boolean => Boolean(env['WSL_DISTRO_NAME'] ?? env['WSL_INTEROP'])

/** Opens what Windows opens addresses with. No shell: `&` in an address is a character. */
const windows = (url: string, folder = ''): Command => [`${folder}rundll32.exe`, 'url.dll,FileProtocolHandler', url]

/** Windows looks for a bare name in the current directory first, where anybody may have put a program. */
const windowsFolder = (env: BrowserPlace['env']): string => `${env['SystemRoot'] || 'C:\\Windows'}\\System32\\`

/** The machine's own way to open an address. */
function ofPlatform({ env, platform }: BrowserPlace, url: string): Command[] {
  if (platform === 'win32') return [windows(url, windowsFolder(env))]
  if (platform === 'darwin') return [['open', url]]
  if (platform === 'android') return [['termux-open-url', url]]
  const desktop: Command[] = [
    ['xdg-open', url],
    ['gio', 'open', url],
  ]
  return isWsl(env) ? [['wslview', url], windows(url), ...desktop] : desktop
}

/** What to try, in this order: what the person asked for and nothing else, `$BROWSER`, the machine's own way. */
export function browserCommands(url: string, place: BrowserPlace): readonly Command[] {
  const { browser, env, platform } = place
  if (isNoBrowser(browser ?? env['BROWSER'] ?? '')) return []
  if (browser !== undefined) return asked(browser, platform, url)
  return [...fromEnvironment(place, url), ...ofPlatform(place, url)]
}
