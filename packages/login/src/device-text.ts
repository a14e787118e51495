import type { DevicePrompt } from '@latchkey/core'

/**
 * What a person reads who logs in by device. The address and the code each stand alone on a line, so that a double or
 * triple click takes them whole: a code may begin with `-`.
 *
 * @param where the issuer, already safe to print
 * @param strong sets apart what a person looks for
 */
export function deviceText(prompt: DevicePrompt, where: string, strong: (text: string) => string): string {
  const { verificationUri, verificationUriComplete, userCode } = prompt
  const complete =
    verificationUriComplete === undefined
      ? []
      : ['Or open this one, which has the code in it; it must show the code above:', `    ${verificationUriComplete}`]
  const lines = [
    `To log in at ${where}, open this page in a browser on any device:`,
    `    ${strong(verificationUri)}`,
    'and enter the code:',
    `    ${strong(userCode)}`,
    ...complete,
  ]
  return `\n${lines.join('\n\n')}\n\n`
}
