// Decides dumped requests with @cloud-copilot/iam-simulate, and compares.
//
// Each line of the input is one project: the documents attached to each role, and the requests
// about it with the answer that is expected. The exit status is 1 when an answer differs.
import { createRequire } from 'node:module'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [engine, cases] = process.argv.slice(2)
const require = createRequire(pathToFileURL(`${engine}/package.json`))
const { runSimulation } = await import(pathToFileURL(require.resolve('@cloud-copilot/iam-simulate')))

let [total, allowed, wrong, refused] = [0, 0, 0, 0]
const complaints = new Map()
const say = (text) => {
  complaints.set(text, (complaints.get(text) ?? 0) + 1)
}

for await (const line of createInterface({ input: createReadStream(cases) })) {
  const project = JSON.parse(line)
  const policies = {}
  for (const [folder, documents] of Object.entries(project.documents)) {
    policies[folder] = documents.map((text, at) => ({ name: `${folder}-${at}`, policy: JSON.parse(text) }))
  }
  for (const { folder, request, allow } of project.requests) {
    const account = request.role.split(':')[4]
    const context = { ...request.context, 'aws:PrincipalArn': request.role }
    for (const [key, values] of Object.entries(request.sets)) context[key] = values
    const answer = await runSimulation(
      {
        identityPolicies: policies[folder] ?? [],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        request: {
          action: request.action,
          principal: request.role,
          resource: { accountId: account, resource: request.resource },
          contextVariables: context,
        },
      },
      {},
    )
    if (answer.resultType === 'error') {
      // The engine takes no request that AWS would not send (a bucket with a slash, say).
      refused++
      if (allow) say(`allowed, yet the engine takes no such request: ${JSON.stringify(answer.errors).slice(0, 300)}`)
      continue
    }
    const results = answer.resultType === 'wildcard' ? answer.results : [answer]
    const says = results.length > 0 && results.every((one) => (one.analysis ?? one.result?.analysis ?? one).result === 'Allowed')
    total++
    if (says) allowed++
    if (says !== allow) {
      wrong++
      if (wrong <= 10) {
        console.log(`iam: ${project.name}: expected allow=${allow}, engine says ${says} for`)
        console.log(JSON.stringify({ request, documents: policies[folder] }))
      }
    }
  }
}
for (const [text, count] of complaints) console.log(`iam: ${count} x ${text}`)
console.log(`iam: ${total} requests, ${allowed} allowed, ${wrong} disagreements; ${refused} that the engine does not take`)
process.exit(wrong > 0 || total === 0 ? 1 : 0)
