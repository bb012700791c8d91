// ---
// description: Ask several models the same, at the same time, and see what each answer took.
// permissions: ["llm:openai:*", "llm:anthropic:*", "llm:ollama:*"]
// parameters:
//   question: {type: string, description: what all are asked, default: "Why is the sky blue?"}
//   models:
//     type: array
//     items: {type: string}
//     minItems: 2
//     description: whom to ask, each as provider:model
//     default: ["openai:gpt-4o-mini", "anthropic:claude-haiku-4-5", "ollama:llama3.2"]
// ---

const answers = await llm.compareProviders(params.question, params.models, { maxTokens: 100 });

const told = {};
for (const answer of answers) {
  if (answer.ok) {
    console.log(`${answer.model}: ${answer.text}`);
    told[answer.model] = answer.usage.output_tokens;
  } else {
    console.log(`${answer.model} failed: ${answer.error.message}`);
  }
}
return told;
