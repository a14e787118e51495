import { describe, expect, it } from 'vitest'
import { hiddenLine } from '../src/terminal/hidden-line.ts'

const typed = (...chunks: string[]): object | undefined => {
  const line = hiddenLine()
  for (const chunk of chunks) {
    const ending = line.take(chunk)
    if (ending !== undefined) return ending
  }
  return undefined
}

describe('a hidden line', () => {
  it.each([
    [['s3cret\r'], 's3cret'],
    [['s3', 'cr', 'et\n'], 's3cret'],
    [['pasted\r\nand more\r'], 'pasted'],
    [['tökén😀\r'], 'tökén😀'],
    [['a😀\u007fb\r'], 'ab'],
    [['abc\b\b\u007f\u007fx\r'], 'x'],
    [['wrong\u0015right\r'], 'right'],
    [['a\u001b[Db\u001bOPc\u001b[1;5Cd\r'], 'abcd'],
    [['a\u001b[', '1;5', 'Db\r'], 'ab'],
    [['\u001b[200~pasted\u001b[201~\r'], 'pasted'],
    [['a\u001b', 'b\r'], 'ab'],
    [['a\u0001\u0007\u009bb\tc\r'], 'ab\tc'],
    [['a\u0004b\r'], 'ab'],
    [['\r'], ''],
  ])('typed as %j is %j', (chunks, text) => {
    expect(typed(...chunks)).toEqual({ by: 'enter', text })
  })

  it.each([
    ['\u0003', 'interrupt'],
    ['\u001a', 'suspend'],
    ['\u0004', 'end'],
    ['x\u007f\u0004', 'end'],
  ])('%j ends it by %s', (keys, by) => {
    expect(typed(keys)).toMatchObject({ by })
  })

  it('goes on while nothing ends it', () => {
    expect(typed('abc', 'd\u0004')).toBeUndefined()
  })
})
