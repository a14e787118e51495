export const clientConfig = (_: object): { readonly defaultBackend?: string } => ({})
