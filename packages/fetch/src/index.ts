export { type AnyFetch, withAuth } from './with-auth.ts'
