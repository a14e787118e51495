type Cannot = Readonly<Record<string, string>>

const because = (reason: string, rows: readonly string[]): Cannot =>
  Object.fromEntries(rows.map((row) => [row, reason]))

/** What `undici.fetch` with a `dispatcher` cannot have: use `withAuth(authorizer, undici.fetch)` of @latchkey/fetch. */
export const cannotFetch: Cannot = {
  ...because('fetch hands down every body as an async generator, which can be read once', [
    'a request with JSON is sent again whole after a refusal',
    'a request with bytes is sent again whole after a refusal',
    'a request with form parameters is sent again whole after a refusal',
    'a request with a multipart form is sent again whole after a refusal',
    'a request is sent again for each reason that the authorizer has',
    'a demand for a nonce is met once, with the same token and the same body',
    'a refusal of 1 MB is thrown away and the request sent again, five times of five',
  ]),
  ...because('fetch follows redirects above every dispatcher, with a new handler for each hop', [
    'a chain that has left comes back with nothing',
    'a chain that starts outside carries nothing inside',
    'a redirect away from the allowed origins is told with its hop',
  ]),
}

/** What `undici.pipeline` cannot have: the request of a pipeline is a stream, whatever its method. */
export const cannotPipeline: Cannot = {
  ...because('every request of a pipeline, a GET too, has a stream for a body', [
    'a refused GET is sent again with a new token',
    'a refused HEAD is sent again with a new token',
    'a refused DELETE is sent again with a new token',
    'a request with JSON is sent again whole after a refusal',
    'a request with bytes is sent again whole after a refusal',
    'a request with form parameters is sent again whole after a refusal',
    'a refusal without a challenge is a refusal',
    'an API that refuses for ever gets two requests, and the caller its whole answer',
    '30 refusals that come late cost one renewal, and all 30 calls succeed',
    'a 403 that means the token is renewed, another 403 stays the caller’s with its body whole',
    'a request is sent again for each reason that the authorizer has',
    'an authorizer that never has enough is cut off after four requests',
    'a refused answer gives its connection back',
    'a demand for a nonce is met once, with the same token and the same body',
    'a nonce demand and a revoked token on one call',
    'a refusal of 1 MB is thrown away and the request sent again, five times of five',
  ]),
  ...because('a pipeline is written as bytes: it takes no FormData', [
    'a request with a multipart form is sent again whole after a refusal',
  ]),
  ...because('undici follows no redirect with a stream for a body', [
    'an Authorization header set by hand is left alone, and so is the answer',
    'a redirect within an allowed origin is authorized',
    'a redirect to another allowed origin is authorized',
    'a redirect to a foreign origin carries nothing, and its refusal renews nothing',
    'a chain that has left comes back with nothing',
    'a chain that starts outside carries nothing inside',
    'no header of an authorization reaches a foreign origin, whatever its name',
    'a POST redirected with 307 becomes a POST with its body',
    'a POST redirected with 308 becomes a POST with its body',
    'a token that is refused after a redirect is renewed there',
    'redirects that never end end with an error',
    'each hop has a proof of its own, and a foreign origin neither proof nor token',
    'a redirect away from the allowed origins is told with its hop',
  ]),
}
