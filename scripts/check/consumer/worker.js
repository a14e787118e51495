// workerd: `workerd test`.
import { smoke } from './smoke.js'

export default { test: (_controller, env) => smoke(env.API, env.OTHER) }
