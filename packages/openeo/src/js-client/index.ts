export type { ProviderOptions, WithAuthOptions } from './options.ts'
export { oidcProviderFactory } from './provider-factory.ts'
export { withAuth, withoutAuth } from './with-auth.ts'
