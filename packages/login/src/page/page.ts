import { createHash } from 'node:crypto'
import { escapeHtml } from './escape-html.ts'
import { type PageMood, type PageName, pageTexts } from './page-text.ts'
import { style } from './style.ts'

export type { PageName } from './page-text.ts'

/** What pages call things by; they are ours, never a request's. */
export interface PageDetails {
  /** The program that a person logs in to; default `your terminal`. */
  readonly app?: string | undefined
  /** The issuer, as a person knows it. */
  readonly where?: string | undefined
}

const signs: Readonly<Record<PageMood, string>> = {
  good: 'M4.5 12.5l5 5 10-11',
  refused: 'M6 12h12',
  bad: 'M7 7l10 10M17 7L7 17',
  neutral: 'M12 11v6M12 7v.01',
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')

// Nothing runs, nothing is loaded; `data:` is for the icon that keeps browsers from asking for /favicon.ico.
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${sha256(style)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Headers of every answer: nothing is stored, told to others, guessed at or framed, and no connection is kept. */
export function headersOf(type: 'text/html' | 'text/plain'): Readonly<Record<string, string>> {
  return {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    connection: 'close',
  }
}

/** A page that loads nothing from anywhere and runs no script. */
export function pageOf(name: PageName, { app, where }: PageDetails = {}): string {
  const { mood, title, text, next } = pageTexts[name]
  const yours = text.startsWith('{who}') ? 'Your terminal' : 'your terminal'
  const sentence = text
    .replace('{who}', () => (app === undefined ? yours : strong(app)))
    .replace('{where}', () => (where === undefined ? '' : ` at ${strong(where)}`))
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main class="${mood}">
<div class="sign" aria-hidden="true"><svg viewBox="0 0 24 24" focusable="false"><path pathLength="1" d="${signs[mood]}"/></svg></div>
<h1>${escapeHtml(title)}</h1>
<p>${sentence}</p>
<p class="next">${escapeHtml(next)}</p>
</main>
</body>
</html>
`
}

const strong = (text: string): string => `<strong>${escapeHtml(text)}</strong>`
