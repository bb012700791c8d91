const option = "option 'longNane': is unknown", field = "option 'limits': toolCals: is unknown"
const [words, attempt] = {
  method: ["probe has no method 'withConter'; did you mean 'withCounter'?", () => probe.withConter(1)],
  option: [`probe.options: ${option}; did you mean 'longName'?`, () => probe.options(1, {longNane: 1})],
  field: [`probe.bounds: ${field}; did you mean 'toolCalls'?`, () => probe.bounds({limits: {toolCals: 1}})],
  argument: ["probe.callTwice: argument 1 (function): must be a function, not integer 1", () => probe.callTwice(1)],
}[params.what]
try { await attempt() } catch (problem) { return [problem.kind, problem.message === words || problem.message] }
