// ---
// description: Talk with a model that remembers what was said.
// parameters:
//   says:
//     type: array
//     items: {type: string}
//     description: what you say, one after the other
//     default: ["My name is Ada.", "Which city do I live in? I told you nothing.", "And what is my name?"]
// ---

const chat = await llm.chatSession("You are a friendly guide. Answer in one sentence.");

for (const text of params.says) {
  console.log(`you:   ${text}`);
  console.log(`model: ${await chat.send(text)}`);
}

return (await chat.history()).length;
