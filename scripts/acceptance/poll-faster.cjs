// Preloaded into the CDK command line when it talks to the twin, whose time runs faster: it waits 5 seconds between two polls of a stack.
const wait = globalThis.setTimeout;
globalThis.setTimeout = Object.assign((callback, milliseconds, ...args) => wait(callback, milliseconds === 5_000 ? 500 : milliseconds, ...args), wait);
