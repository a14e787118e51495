import type { ChosenClient } from './choice.ts'

function shownClient(this: ChosenClient): object {
  return { ...this, ...(this.clientSecret !== undefined && { clientSecret: '<redacted>' }) }
}

const redacted = { toJSON: shownClient, [Symbol.for('nodejs.util.inspect.custom')]: shownClient }

/** A client whose secret is redacted wherever it is printed: programs log a choice for its reasons. */
export function chosenClient(client: ChosenClient): ChosenClient {
  return Object.freeze(Object.assign(Object.create(redacted), client)) as ChosenClient
}
