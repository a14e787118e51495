type Members = Readonly<Record<string, unknown>>

/**
 * What makes frozen copies of objects whose secrets stay out of `util.inspect`, `console.log` and JSON: they are there
 * for whoever names them.
 *
 * @param names the members that are secrets, where there are any
 */
export function redacting(...names: readonly string[]): <T extends object>(object: T) => T {
  const shown = (object: Members): Members => {
    const hidden = names.filter((name) => object[name] !== undefined).map((name) => [name, '<redacted>'])
    return { ...object, ...(Object.fromEntries(hidden) as Members) }
  }
  const prototype = {
    toJSON(this: Members): Members {
      return shown(this)
    },
    [Symbol.for('nodejs.util.inspect.custom')](this: Members): Members {
      return shown(this)
    },
  }
  return <T extends object>(object: T) => Object.freeze(Object.assign(Object.create(prototype) as object, object)) as T
}
