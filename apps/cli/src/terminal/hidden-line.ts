/** How a hidden line ended: `end` is Ctrl-D on an empty line. */
export interface HiddenEnding {
  readonly by: 'enter' | 'end' | 'interrupt' | 'suspend'
  readonly text: string
}

/** A line that is typed without being shown. */
export interface HiddenLine {
  /** Takes what came from a terminal in raw mode; gives the ending, once there is one. What came after it is dropped. */
  take(text: string): HiddenEnding | undefined
}

// Arrow keys and their like, and the marks around a paste; at the end of a chunk one may be cut in two.
const sequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])/g
const begun = /\u001b(?:\[[0-?]*[ -/]*|O)$/

const endings: ReadonlyMap<string, HiddenEnding['by']> = new Map([
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\u0003', 'interrupt'],
  ['\u001a', 'suspend'],
])

const isControl = (char: string): boolean => char !== '\t' && /^[\u0000-\u001f\u007f-\u009f]$/.test(char)

/** Edits a line as a terminal does, so that nothing has to be shown: backspace, Ctrl-U, Ctrl-C, Ctrl-D, Ctrl-Z. */
export function hiddenLine(): HiddenLine {
  let typed: string[] = []
  let held = ''
  return {
    take(chunk) {
      const text = (held + chunk).replace(sequence, '')
      held = begun.exec(text)?.[0] ?? ''
      for (const char of text.slice(0, text.length - held.length)) {
        const by = endings.get(char) ?? (char === '\u0004' && typed.length === 0 ? 'end' : undefined)
        if (by !== undefined) return { by, text: typed.join('') }
        if (char === '\u007f' || char === '\b') typed.pop()
        else if (char === '\u0015') typed = []
        else if (!isControl(char)) typed.push(char)
      }
      return undefined
    },
  }
}
