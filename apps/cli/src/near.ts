/** Edits (a letter more, less, other, or two swapped) that turn one word into another. */
function distance(one: string, other: string): number {
  let before: number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1]
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const edits = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1)]
      if (swapped) edits.push((before[j - 2] ?? 0) + 1)
      next.push(Math.min(...edits))
    }
    before = row
    row = next
  }
  return row[other.length] ?? 0
}

/** A word longer than this is no slip of the finger. */
const longestWord = 200

/** The words that were probably meant, best first: a beginning of, or few edits away from, what was typed. */
export function near(word: string, words: Iterable<string>): readonly string[] {
  if (word === '' || word.length > longestWord) return []
  const typed = word.toLowerCase()
  const allowed = Math.max(1, Math.floor(typed.length / 3))
  return [...new Set(words)]
    .map((known) => {
      const text = known.toLowerCase()
      return { known, edits: text.startsWith(typed) ? 0.5 : distance(typed, text.slice(0, longestWord)) }
    })
    .filter(({ edits }) => edits <= allowed)
    .toSorted((one, other) => one.edits - other.edits)
    .slice(0, 3)
    .map(({ known }) => known)
}
