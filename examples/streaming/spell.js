// ---
// description: Show an answer while it is written, and stop one that has said enough.
// parameters:
//   topic: {type: string, description: what the model writes about, default: lighthouses}
//   words: {type: integer, minimum: 1, description: how much of the second answer is read, default: 6}
// ---

// A stream is a loop over pieces of text; its result is the whole answer.
const stream = await llm.stream(`Write a sentence about ${params.topic}`);
for await (const piece of stream) {
  console.write(piece);
}
console.log();
const answer = await stream.result();

// With a callback the call returns when the answer ends; false ends it early, and the provider stops too.
const pieces = [];
const cut = await llm.stream(`Write a story about ${params.topic}`, (piece) => {
  pieces.push(piece);
  return pieces.length < params.words;
});
console.log(`${cut.text}...`);

return [answer.finish_reason, cut.finish_reason];
