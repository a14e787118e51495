export { type IssuerTableOptions, issuersFile, issuerTable } from './issuer-table.ts'
export { issuerFault, type KnownIssuer } from './known-issuer.ts'
export { defaultScope, knownIssuers } from './known-issuers.ts'
