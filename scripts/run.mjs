// The door to every command of package.json: `node scripts/run.mjs start|test|nightly|build|site|samples|budget|bench|fuzz|deploy|keygen [options]`.
// Any Node understands this file, so that an old one is answered with a sentence instead of a stack trace.

const OLDEST_NODE = 20;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer from https://nodejs.org.`);
  process.exitCode = 1;
} else {
  run(process.argv[2], process.argv.slice(3));
}

async function run(command, options) {
  const { Problem } = await import('./library/problem.mjs');
  const { stopAll } = await import('./library/processes.mjs');
  try {
    const { main } = await import(`./${command}.mjs`);
    await main(options);
  } catch (error) {
    console.error(error instanceof Problem ? error.message : error);
    await stopAll();
    process.exitCode = 1;
  }
}
