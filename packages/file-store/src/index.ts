export {
  type AuthConfig,
  type AuthConfigOptions,
  authConfig,
  type BasicCredentials,
  type OidcClient,
} from './auth-config.ts'
export { clearRefreshTokens } from './clear-refresh-tokens.ts'
export { type ConfigEntry, configEntries, removeConfigEntries } from './config-entries.ts'
export { redactedDocument } from './document.ts'
export { type FileStore, type FileStoreOptions, fileStore } from './file-store.ts'
export { type OwnDocument, ownDocument } from './own-document.ts'
export type { Surroundings } from './paths.ts'
export type { PlaceOptions } from './place.ts'
export type { JsonNumber, JsonObject, JsonValue } from './python-json.ts'
export { pythonJsonText } from './python-text.ts'
export { authConfigFile, readDocument, refreshTokensFile, type SharedFile } from './shared-files.ts'
