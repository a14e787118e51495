/** Which page a browser is shown. */
export type PageName = 'success' | 'denied' | 'expired' | 'unreachable' | 'failed' | 'received' | 'stray'

/** How a page looks: what came of the login, in colour and sign. Colour is never the only sign. */
export type PageMood = 'good' | 'refused' | 'bad' | 'neutral'

/** The words of a page. `{who}` and `{where}` stand for the program and the issuer. */
export interface PageText {
  readonly mood: PageMood
  readonly title: string
  readonly text: string
  readonly next: string
}

const close = 'You can close this page and go back to your terminal.'

const again = 'Your terminal says what went wrong and how to go on. You can close this page.'

/** Constant: nothing that a request brought is ever part of a page. */
export const pageTexts: Readonly<Record<PageName, PageText>> = {
  success: { mood: 'good', title: 'You are signed in', text: '{who} is now signed in{where}.', next: close },
  denied: {
    mood: 'refused',
    title: 'You were not signed in',
    text: 'The sign-in of {who}{where} was refused, so it has no access to your account.',
    next: close,
  },
  expired: {
    mood: 'refused',
    title: 'That took too long',
    text: 'The sign-in of {who}{where} ended before it was finished.',
    next: 'Go back to your terminal and start it again. You can close this page.',
  },
  unreachable: {
    mood: 'bad',
    title: 'The sign-in did not finish',
    text: '{who} could not reach the sign-in service to finish your sign-in{where}.',
    next: again,
  },
  failed: { mood: 'bad', title: 'The sign-in failed', text: '{who} is not signed in{where}.', next: again },
  received: {
    mood: 'neutral',
    title: 'This sign-in has already been received',
    text: 'The answer came before, and it is used only once.',
    next: close,
  },
  stray: {
    mood: 'neutral',
    title: 'This page is not part of your sign-in',
    text: 'A sign-in of {who} is waiting here for another answer. Nothing has been changed.',
    next: 'Go back to the page on which you were signing in, or to your terminal.',
  },
}
