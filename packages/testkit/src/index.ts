export { type ApiOptions, type ApiSettings, type ProtectedApi, protectedApi } from './api/protected-api.ts'
export type { Refusal } from './api/refusal.ts'
export type { Arrival } from './api/route.ts'
export { type CountingOptions, type CountingSource, countingSource } from './counting-source.ts'
export { type Keycloak, type KeycloakOptions, keycloak } from './keycloak/keycloak.ts'
export {
  importRealm,
  type KeycloakIssueOptions,
  type KeycloakLogin,
  type KeycloakPlace,
  type KeycloakRealm,
  type KeycloakUser,
  keycloakRealm,
} from './keycloak/keycloak-realm.ts'
export type { PersonOptions } from './keycloak/person.ts'
export { password as keycloakPassword } from './keycloak/realm.ts'
export type { ClientRepresentation } from './keycloak/realm-clients.ts'
export { type Listening, listen } from './listen.ts'
export { testCertificate } from './listen-secure.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export { type OpeneoBackend, type OpeneoOptions, openeoBackend } from './openeo/backend.ts'
export type { ApiVersion } from './openeo/capabilities.ts'
export type { TokenHolder, VerifyToken } from './openeo/credentials.ts'
export { providerDocuments } from './openeo/provider-documents.ts'
export { type PythonClient, pythonClient } from './openeo/python-client.ts'
export type { ListedClient, ListedProvider, OpeneoSettings } from './openeo/settings.ts'
export type { ApproveOptions } from './provider/approve.ts'
export type { ClientSecrets } from './provider/clients.ts'
export type { ProviderSettings } from './provider/configuration.ts'
export type { IssuedLogin, IssueOptions } from './provider/issue-login.ts'
export { type Provider, type ProviderOptions, provider, type VerifiedToken } from './provider/provider.ts'
export type { SentBack } from './provider/sign-in.ts'
export type { ProviderStats } from './provider/stats.ts'
export type { Reply } from './scripted/reply.ts'
export {
  type Exchange,
  type ScriptedIssuer,
  type ScriptedOptions,
  type ScriptedRequest,
  scriptedIssuer,
} from './scripted/scripted-issuer.ts'
