export { type GotAuth, withAuth } from './with-auth.ts'
