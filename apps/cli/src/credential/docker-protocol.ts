/**
 * The host in what docker asks for: `host`, `host:5000`, `https://host/v1/`. Empty for what is neither, and for http:
 * a token goes over https only.
 */
export function registryHost(server: string): string {
  const text = server.includes('://') ? server : `https://${server}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return ''
  return url.host
}
