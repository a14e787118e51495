// What Python's str.strip() takes for blank, which is not what JavaScript's trim() does.
const blank = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const leading = new RegExp(`^${blank}+`)
const trailing = new RegExp(`${blank}+$`)

const rstrip = (text: string): string => text.replace(trailing, '')
const strip = (text: string): string => rstrip(text.replace(leading, ''))

/** Sections by name, each with its options: lower-case names, values as `%` made them, those of `[DEFAULT]` in all. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>

const defaults = 'DEFAULT'
const deepest = 10

/** What is wrong with the text, and where. */
function broken(why: string): never {
  throw new SyntaxError(`It is no INI file as Python reads it: ${why}.`)
}

/**
 * Reads INI text as `configparser.ConfigParser` of Python 3 does with its defaults: `=` or `:`, `#` and `;` at the start
 * of a line only, values that go on in indented lines, `%(name)s`, and nothing twice.
 *
 * @throws SyntaxError for what Python refuses
 */
export function parsePythonIni(text: string): Ini {
  const raw = rawSections(text)
  const shared = raw.get(defaults) ?? new Map<string, string>()
  raw.delete(defaults)
  const sections = new Map<string, ReadonlyMap<string, string>>()
  for (const [name, own] of raw) {
    const all = new Map([...shared, ...own])
    sections.set(name, new Map([...all].map(([option, value]) => [option, interpolated(value, all)])))
  }
  return sections
}

/** Where the reader is. */
interface Place {
  readonly sections: Map<string, Map<string, string[]>>
  section: Map<string, string[]> | undefined
  /** The lines of the option that goes on. */
  value: string[] | undefined
  indent: number
}

function rawSections(text: string): Map<string, Map<string, string>> {
  const place: Place = { sections: new Map(), section: undefined, value: undefined, indent: 0 }
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) readLine(place, line, index + 1)
  return new Map(
    [...place.sections].map(([name, options]) => [
      name,
      new Map([...options].map(([option, lines]) => [option, rstrip(lines.join('\n'))])),
    ]),
  )
}

function readLine(place: Place, line: string, number: number): void {
  const content = strip(line)
  if (content.startsWith('#') || content.startsWith(';')) return
  if (content === '') {
    place.value?.push('')
    return
  }
  const indent = line.length - line.replace(leading, '').length
  if (place.value !== undefined && indent > place.indent) {
    place.value.push(content)
    return
  }
  place.indent = indent
  const header = /^\[([^\n]+)\]/.exec(content)?.[1]
  if (header !== undefined) {
    place.section = openSection(place, header, number)
    place.value = undefined
  } else {
    place.value = openOption(place, content, number)
  }
}

function openSection({ sections }: Place, name: string, number: number): Map<string, string[]> {
  const known = sections.get(name)
  if (known !== undefined && name !== defaults) broken(`section ${JSON.stringify(name)} comes twice, in line ${number}`)
  const section = known ?? new Map<string, string[]>()
  sections.set(name, section)
  return section
}

function openOption({ section }: Place, content: string, number: number): string[] {
  if (section === undefined) return broken(`line ${number} stands in no section`)
  const at = content.search(/[=:]/)
  const name = rstrip(content.slice(0, at)).toLowerCase()
  if (at === -1 || name === '') return broken(`line ${number} is no option`)
  if (section.has(name)) return broken(`option ${JSON.stringify(name)} comes twice, in line ${number}`)
  const value = [strip(content.slice(at + 1))]
  section.set(name, value)
  return value
}

/** `%%` is `%`, `%(name)s` another option of the section or of `[DEFAULT]`; any other `%` is an error. */
function interpolated(value: string, options: ReadonlyMap<string, string>, depth = 1): string {
  if (depth > deepest) return broken('values name each other without end')
  const { length } = value.replace(/%%|%\([^)]+\)s/g, '').replace(/[^%]/g, '')
  if (length > 0) return broken("a '%' is neither '%%' nor '%(name)s'")
  return value.replace(/%%|%\(([^)]+)\)s/g, (_, name: string | undefined) => {
    if (name === undefined) return '%'
    const other = options.get(name.toLowerCase())
    if (other === undefined) return broken(`a value names the option ${JSON.stringify(name)}, which is not there`)
    return other.includes('%') ? interpolated(other, options, depth + 1) : other
  })
}
