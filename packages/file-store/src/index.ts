export { type FileStore, type FileStoreOptions, fileStore } from './file-store.ts'
