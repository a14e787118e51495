// Another program on the same machine: no prompt, only what is stored. Prints who it is to the back-end.
import { withAuth } from '@latchkey/openeo/js-client'
import { OpenEO } from '@openeo/js-client'

const connection = await OpenEO.connect(process.argv[2] ?? '')
await withAuth(connection)
process.stdout.write((await connection.describeAccount()).user_id)
