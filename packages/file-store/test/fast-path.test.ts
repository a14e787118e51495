import { spawnSync } from 'node:child_process'
import { fileStore } from '@latchkey/file-store'
import { expect, test } from 'vitest'
import { key, login, rotateTo } from './support/example.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const program = (path: string, expression: string): string => `
  const { fileStore } = await import('@latchkey/file-store')
  const store = fileStore({ path: ${JSON.stringify(path)} })
  const login = ${expression}
  const loaded = process.moduleLoadList.join() + ','
  console.log(login.tokens[''].accessToken, ['NativeModule crypto,', 'NativeModule sqlite'].filter((name) => loaded.includes(name)))`

test.each(['await store.get', 'store.peek'])(
  '%s of a login loads neither node:sqlite nor node:crypto',
  async (verb) => {
    const path = temporaryDirectory()
    await fileStore({ path }).update(key, async () => login('rt-1'))
    await fileStore({ path }).update(key, rotateTo('rt-2'))
    const source = program(path, `${verb}(${JSON.stringify(key)})`)
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      cwd: import.meta.dirname,
    })
    expect([stdout.toString().trim(), stderr.toString()]).toEqual(['access-of-rt-2 []', ''])
  },
)
