const files = await fs.glob(`${params.from}/*.txt`);

const prompts = [];
for (const file of files) {
  prompts.push(`Summarize this in one sentence:\n\n${await fs.read(file)}`);
}

// One that fails does not stop the others: it is marked in its place.
const answers = await llm.batch(prompts, { maxConcurrent: 4 });

await fs.mkdir(params.to, { parents: true });
let written = 0;
for (const [i, answer] of answers.entries()) {
  const name = files[i].split("/").at(-1);
  if (answer.ok) {
    await fs.write(`${params.to}/${name}`, `${answer.text}\n`);
    written += 1;
  } else {
    console.log(`${name} failed: ${answer.error.message}`);
  }
}

return { texts: files.length, summaries: written };
