// ---
// description: Ask one model, and when it fails, or answers badly, the next.
// permissions: ["llm:openai:*", "llm:ollama:*"]
// parameters:
//   question: {type: string, description: what is asked, default: "What is a spell?"}
//   models:
//     type: array
//     items: {type: string}
//     minItems: 1
//     description: whom to ask, in this order, each as provider:model
//     default: ["openai:gpt-4o-mini", "ollama:llama3.2", "demo"]
// ---

const answer = await llm.fallbackChain(params.models, params.question, {
  timeout: 20,
  check: (text) => text.length > 20 || "too short to be of use",
});

for (const failure of answer.failures) {
  console.log(`no: ${failure.message}`);
}
console.log(`${answer.model}: ${answer.text}`);

return answer.model;
