import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty directory of this test's own, gone when the test is done. Tests that run side by side say which one they are by `finished`. */
export function temporaryDirectory(finished: typeof onTestFinished = onTestFinished): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'latchkey-')))
  finished(() => {
    chmodSync(path, 0o700)
    rmSync(path, { recursive: true, force: true })
  })
  return path
}
