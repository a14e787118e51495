export { afterRedirect, type RedirectedHop } from './authorizer/after-redirect.ts'
export { anyOf } from './authorizer/any-of.ts'
export * from './authorizer/authorizer.ts'
export { basic } from './authorizer/basic.ts'
export { type BearerOptions, bearer } from './authorizer/bearer.ts'
export { type ChallengedResponse, challengeOf, type RefusalChallenge } from './authorizer/challenge-of.ts'
export { type Challenge, parseChallenges } from './authorizer/challenges.ts'
export { type DpopOptions, dpop } from './authorizer/dpop.ts'
export { sendAuthorized, type Transport } from './authorizer/send-authorized.ts'
export type { Verdict } from './authorizer/verdict.ts'
export { type Client, type ClientOptions, client } from './client/client.ts'
export {
  type AssertionRequest,
  type ClientAuthentication,
  type ClientAuthenticationRequest,
  clientAssertion,
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  privateKeyJwt,
  publicClient,
  tlsClientAuth,
} from './client/client-authentication.ts'
export type { IssuerMetadata } from './client/discovery.ts'
export type { IssuerOptions } from './client/issuer-side.ts'
export type { PrivateKey, PrivateKeyOptions } from './client/private-key.ts'
export { type Clock, systemClock } from './clock.ts'
export {
  type DiagnosticsChannel,
  type DiagnosticsMessages,
  publish,
  type RefusalMessage,
} from './diagnostics.ts'
export { type DpopAlgorithm, type DpopKey, type DpopKeyOptions, type DpopToken, dpopKey } from './dpop/dpop-key.ts'
export { type EndSessionOptions, endSessionUrl } from './endpoints/end-session.ts'
export { type Introspection, type IntrospectOptions, introspect } from './endpoints/introspection.ts'
export {
  deleteRegistration,
  type RegisterOptions,
  type RegistrationOptions,
  readRegistration,
  register,
  updateRegistration,
} from './endpoints/register.ts'
export type { Registration, RegistrationDifference, RegistrationRequest } from './endpoints/registration.ts'
export { type RevokeOptions, revoke } from './endpoints/revocation.ts'
export { type Userinfo, type UserinfoOptions, userinfo } from './endpoints/userinfo.ts'
export * from './errors.ts'
export {
  type AuthorizationCodeOptions,
  type AuthorizationPrompt,
  authorizationCode,
} from './grants/authorization-code.ts'
export { type CibaOptions, type CibaPrompt, ciba } from './grants/ciba.ts'
export { clientCredentials } from './grants/client-credentials.ts'
export type { DevicePrompt } from './grants/device-authorization.ts'
export { type DeviceCodeOptions, deviceCode } from './grants/device-code.ts'
export type { Grant, GrantOptions, TokenSet } from './grants/grant.ts'
export type { GrantRequest } from './grants/grant-request.ts'
export { type JwtBearerOptions, jwtBearer } from './grants/jwt-bearer.ts'
export { type PasswordOptions, password } from './grants/password.ts'
export { refreshToken } from './grants/refresh-token.ts'
export {
  type ExchangedToken,
  type TokenExchangeOptions,
  type TokenKind,
  tokenExchange,
} from './grants/token-exchange.ts'
export type { Fetch } from './issuer/issuer-fetch.ts'
export type { ExtraParameters } from './issuer/token-request.ts'
export { type DiscoverResourceOptions, discoverResource, type ProtectedResource } from './resource/discover-resource.ts'
export { type CachedOptions, cached } from './session/cached.ts'
export type { LogoutOptions, LogoutResult } from './session/logout.ts'
export { isResting } from './session/refusal.ts'
export { type Session, type SessionOptions, session } from './session/session.ts'
export { keyText, type LoginKey, loginKey, normalizeIssuer } from './store/login-key.ts'
export { type MemoryStoreOptions, memoryStore } from './store/memory-store.ts'
export type {
  FailedMark,
  Lease,
  Login,
  RefusedMark,
  StoredToken,
  TokenStore,
  UnfinishedAnswer,
  UpdateOptions,
} from './store/token-store.ts'
export { type TokenRequest, variantOf } from './store/variant.ts'
export { isFresh, type Lifetime } from './token/freshness.ts'
export { staticToken } from './token/static-token.ts'
export type { StepUp } from './token/step-up.ts'
export { freezeToken, type Token } from './token/token.ts'
export type { GetTokenOptions, TokenSource } from './token/token-source.ts'
