export { withAuth, withoutAuth } from './with-auth.ts'
