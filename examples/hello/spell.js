// ---
// description: Greet somebody, showing the model's words as they come.
// parameters:
//   name: {type: string, description: who is greeted, default: world}
// ---

for await (const chunk of llm.stream(`Say hello to ${params.name} in one sentence.`)) {
  console.write(chunk);
}
console.log();
