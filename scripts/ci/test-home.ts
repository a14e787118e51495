import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A home of its own for the whole run: a test that forgets to make one must not find, or touch, the logins of whoever runs the tests. */
export function setup(): () => void {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-home-'))
  for (const name of Object.keys(process.env)) {
    if (/^(OPENEO_|XDG_(CONFIG|DATA|STATE|CACHE)_HOME$)/.test(name)) delete process.env[name]
  }
  process.env['HOME'] = home
  process.env['USERPROFILE'] = home
  process.env['APPDATA'] = join(home, 'AppData', 'Roaming')
  process.env['LOCALAPPDATA'] = join(home, 'AppData', 'Local')
  return () => rmSync(home, { recursive: true, force: true })
}
