import { describe, expect, test } from 'vitest'
import { pageOf } from '../src/page/page.ts'
import { type PageName, pageTexts } from '../src/page/page-text.ts'
import { style } from '../src/page/style.ts'

const names = Object.keys(pageTexts) as PageName[]

/** The colours of a scheme, by name. */
function colours(block: string): ReadonlyMap<string, string> {
  return new Map([...block.matchAll(/--([\w-]+):(#[0-9a-f]{3,6})/g)].map(([, name = '', value = '']) => [name, value]))
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, '$&$&') : colour.slice(1)
  const [r = 0, g = 0, b = 0] = (digits.match(/../g) ?? []).map((pair) => {
    const part = Number.parseInt(pair, 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

describe.each([
  ['light', style.slice(0, style.indexOf('@media'))],
  ['dark', style.slice(style.indexOf('@media (prefers-color-scheme:dark)'))],
])('in %s', (_scheme, block) => {
  const of = (name: string): string => colours(block).get(name) ?? ''

  test.each([
    ['ink', 'card'],
    ['soft', 'card'],
  ])('%s on %s can be read by everybody (7:1, or 4.5:1 for what is less important)', (front, back) => {
    expect(contrast(of(front), of(back))).toBeGreaterThan(front === 'ink' ? 7 : 4.5)
  })

  test.each(['good', 'refused', 'bad', 'neutral'])('the sign of %s stands out (3:1)', (mood) => {
    expect(contrast(of(mood), of(`${mood}-soft`))).toBeGreaterThan(3)
  })
})

describe.each(names)('the page %s', (name) => {
  const html = pageOf(name, { app: 'tool', where: 'iam.example.org' })

  test('has a language, a title, one main heading that says the same, and loads nothing', () => {
    expect(html).toMatch(/^<!DOCTYPE html>\n<html lang="en">/)
    const title = /<title>([^<]+)<\/title>/.exec(html)?.[1]
    expect(html.match(/<h1>([^<]+)<\/h1>/g)).toEqual([`<h1>${title}</h1>`])
    expect(html.match(/<main/g)).toHaveLength(1)
    expect(html).not.toMatch(/<script|https?:|url\(|@import|\bon\w+=|style=/)
    expect(html.length).toBeLessThan(6_000)
  })

  test('tells the person where to go on', () => {
    expect(html).toMatch(/terminal/)
    expect(html).not.toMatch(/\{\w+\}|undefined/)
    expect(pageOf(name)).not.toMatch(/\{\w+\}|undefined/)
  })
})

test('names are escaped', () => {
  const html = pageOf('success', { app: '<b>&"\'', where: '$&<i>' })
  expect(html).toContain(
    '<strong>&lt;b&gt;&amp;&quot;&#39;</strong> is now signed in at <strong>$&amp;&lt;i&gt;</strong>.',
  )
})
