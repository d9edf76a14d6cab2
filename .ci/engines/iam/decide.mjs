// Decides dumped requests with @cloud-copilot/iam-simulate, and compares.
//
// Each line of the input is one project: the documents attached to each role (and those that bound
// it), and the requests about it with the answer that is expected. The lines are dealt out to
// processes. The exit status is 1 when an answer differs.
import { createRequire } from 'node:module'
import { fork } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [engine, cases, share] = process.argv.slice(2)
const count = Math.min(availableParallelism(), 8)
if (share === undefined) {
  const parts = Array.from({ length: count }, (_, at) => {
    const part = fork(process.argv[1], [engine, cases, String(at)])
    return new Promise((done) => {
      let sums = null
      part.on('message', (message) => (sums = message))
      part.on('exit', () => done(sums))
    })
  })
  const sums = await Promise.all(parts)
  const sum = (name) => sums.reduce((all, one) => all + one[name], 0)
  const broken = sums.some((one) => one === null)
  if (broken) console.log('iam: a process ended without an answer')
  else {
    console.log(
      `iam: ${sum('total')} requests, ${sum('allowed')} allowed, ${sum('wrong')} disagreements; ` +
        `${sum('refused')} that the engine does not take`,
    )
  }
  process.exit(broken || sum('wrong') > 0 || sum('total') === 0 ? 1 : 0)
}
const require = createRequire(pathToFileURL(`${engine}/package.json`))
const { runSimulation } = await import(pathToFileURL(require.resolve('@cloud-copilot/iam-simulate')))

let [total, allowed, wrong, refused] = [0, 0, 0, 0]
const complaints = new Map()
const say = (text) => {
  complaints.set(text, (complaints.get(text) ?? 0) + 1)
}

const read = (byFolder) =>
  Object.fromEntries(
    Object.entries(byFolder ?? {}).map(([folder, documents]) => [
      folder,
      documents.map((text, at) => ({ name: `${folder}-${at}`, policy: JSON.parse(text) })),
    ]),
  )

let number = 0
for await (const line of createInterface({ input: createReadStream(cases) })) {
  if (number++ % count !== Number(share)) continue
  const project = JSON.parse(line)
  const policies = read(project.documents)
  const boundaries = read(project.boundaries)
  for (const { folder, request, allow } of project.requests) {
    const account = request.role.split(':')[4]
    const context = { ...request.context, 'aws:PrincipalArn': request.role }
    for (const [key, values] of Object.entries(request.sets)) context[key] = values
    const answer = await runSimulation(
      {
        identityPolicies: policies[folder] ?? [],
        permissionBoundaryPolicies: boundaries[folder],
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
process.send({ total, allowed, wrong, refused })
process.disconnect()
