// ---
// description: Have one agent find out what a customer needs, and hand the conversation over to the right one.
// parameters:
//   message:
//     type: string
//     description: what the customer writes
//     default: My teapot came in two pieces. I would like my money back, please. The order is A-17.
// ---

const refund = {
  name: "refund",
  description: "Pay an order back",
  schema: { required: ["order"], properties: { order: { type: "string", pattern: "^[A-Z]-[0-9]+$" } } },
  fn: (args) => `30 euros for ${args.order} are on their way`,
};

const billing = await agent.create({
  name: "billing",
  description: "pays back, and explains invoices",
  system: "You are the billing desk. Pay back what came broken.",
  tools: [refund],
});

const advice = await agent.create({
  name: "advice",
  description: "knows everything about tea",
  system: "You know everything about tea.",
});

// Only billing can pay back: the front desk has no tool but handing over.
const front = await agent.create({
  name: "front",
  system: "You are the front desk. Hand over to whoever can help.",
  handoffs: [billing, advice],
});

const answer = await front.run(params.message);
console.log(`${answer.agent}: ${answer.text}`);
return answer.agent;
